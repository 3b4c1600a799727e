package snapshot

import (
	"context"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/pipeline/columnar"
)

// named adds the file's path to the errors of its reader.
type named struct {
	columnar.RecordReader
	path string
}

func (n named) Next(ctx context.Context) (arrow.Record, error) {
	rec, err := n.RecordReader.Next(ctx)
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("snapshot %s: %w", n.path, err)
	}
	return rec, err
}
