package linkfiles

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/google/renameio/v2"
	"github.com/parquet-go/parquet-go"

	"github.com/crmsync/crmsync/stages/match/linkage"
)

// header are the names of the output's columns: those of every output, the cluster for duplicates, the comparisons.
func header(features []linkage.Feature, dedupe bool) []string {
	names := []string{"left_id", "right_id", "probability", "weight", "decision"}
	if dedupe {
		names = append(names, "cluster")
	} else {
		names = append(names, "duplicate_of")
	}
	for _, f := range features {
		names = append(names, f.Name)
	}
	return names
}

// fill sets the values of a row.
func fill(row []string, m *linkage.Match, features []linkage.Feature, cluster map[string]string) {
	row[0], row[1] = m.Left, m.Right
	row[2], row[3] = strconv.FormatFloat(m.Probability, 'f', 6, 64), strconv.FormatFloat(m.Weight, 'f', 4, 64)
	row[4], row[5] = m.Decision, m.DuplicateOf
	if cluster != nil {
		row[5] = cluster[m.Left]
		if m.Decision != linkage.Link {
			row[5] = ""
		}
	}
	for c, f := range features {
		row[6+c] = f.Levels[m.Pattern.Level(c)]
	}
}

// write writes the matches beside the file and puts them in its place when they are complete.
func write(path string, res *linkage.Result, dedupe bool) (err error) {
	f, err := renameio.NewPendingFile(path, renameio.WithPermissions(0o600))
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, f.Cleanup()) }()
	var cluster map[string]string
	if dedupe {
		cluster = clusters(res.Matches)
	}
	to := writeCSV
	if strings.EqualFold(filepath.Ext(path), ".parquet") {
		to = writeParquet
	}
	if err := to(f, res, cluster); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := f.CloseAtomicallyReplace(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

func writeCSV(to io.Writer, res *linkage.Result, cluster map[string]string) error {
	buf := bufio.NewWriterSize(to, 1<<20)
	w := csv.NewWriter(buf)
	names := header(res.Features, cluster != nil)
	if err := w.Write(names); err != nil {
		return err
	}
	row := make([]string, len(names))
	for i := range res.Matches {
		fill(row, &res.Matches[i], res.Features, cluster)
		if err := w.Write(row); err != nil {
			return err
		}
	}
	w.Flush()
	return errors.Join(w.Error(), buf.Flush())
}

func writeParquet(to io.Writer, res *linkage.Result, cluster map[string]string) error {
	names := header(res.Features, cluster != nil)
	group := parquet.Group{}
	for i, name := range names {
		node := parquet.Node(parquet.Encoded(parquet.String(), &parquet.RLEDictionary))
		if i == 2 || i == 3 {
			node = parquet.Leaf(parquet.DoubleType)
		}
		group[name] = node
	}
	schema := parquet.NewSchema("links", group)
	at := make([]int, len(names)) // the group sorts its columns by name
	for i, path := range schema.Columns() {
		for k, name := range names {
			if name == path[0] {
				at[k] = i
			}
		}
	}
	w := parquet.NewGenericWriter[any](to, schema, parquet.Compression(&parquet.Zstd))
	row, text := make(parquet.Row, len(names)), make([]string, len(names))
	for i := range res.Matches {
		m := &res.Matches[i]
		fill(text, m, res.Features, cluster)
		for k, column := range at {
			v := parquet.ByteArrayValue([]byte(text[k]))
			switch k {
			case 2:
				v = parquet.DoubleValue(m.Probability)
			case 3:
				v = parquet.DoubleValue(m.Weight)
			}
			row[column] = v.Level(0, 0, column)
		}
		if _, err := w.WriteRows([]parquet.Row{row}); err != nil {
			return err
		}
	}
	return w.Close()
}
