package columnar

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestZZ(t *testing.T) {
	files, _ := filepath.Glob("/tmp/zz-*.bin")
	for _, f := range files {
		data, _ := os.ReadFile(f)
		start := time.Now()
		fmt.Println(f, len(data))
		_, err := readAll(data)
		fmt.Println(time.Since(start), err)
	}
}
