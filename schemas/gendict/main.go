// Command gendict writes the data dictionary of schemas to a file.
package main

import (
	"bytes"
	"flag"
	"log"
	"os"

	"github.com/crmsync/crmsync/schemas"
)

func main() {
	out := flag.String("out", "", "file to write")
	flag.Parse()
	var b bytes.Buffer
	if err := schemas.WriteDictionary(&b); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(*out, b.Bytes(), 0o644); err != nil {
		log.Fatal(err)
	}
}
