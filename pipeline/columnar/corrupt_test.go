package columnar

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

func readAll(data []byte) (int64, error) {
	r, err := NewReader(bytes.NewReader(data), int64(len(data)), every, ReaderOptions{})
	if err != nil {
		return 0, err
	}
	var rows int64
	err = Each(context.Background(), r, func(rec arrow.Record) error {
		rows += rec.NumRows()
		rowsOf(rec) // every value can be read
		return nil
	})
	return rows, err
}

func sample(t testing.TB) []byte {
	rows := randomRows(newRand(21), 300)
	for _, r := range rows {
		if s, ok := r[1].(string); ok && len(s) > 100 {
			r[1] = s[:100]
		}
	}
	return writeParquet(t, every, WriterOptions{GroupRows: 200}, records(t, memory.DefaultAllocator, every, rows, 150)...)
}

func TestDamagedFilesAreErrors(t *testing.T) {
	data := sample(t)
	for n := range data {
		if n > 64 && n < len(data)-64 && n%397 > 0 {
			continue
		}
		if _, err := readAll(data[:n]); !errors.Is(err, ErrCorrupt) {
			t.Errorf("cut to %d of %d bytes: %v", n, len(data), err)
		}
	}
	rng := newRand(23)
	found := 0
	tries := int(times(3000))
	for range tries {
		bad := bytes.Clone(data)
		at := rng.IntN(len(bad))
		bad[at] ^= byte(1 + rng.IntN(255))
		rows, err := readAll(bad)
		switch {
		case err == nil && rows != 300:
			t.Errorf("byte %d changed: %d rows and no error", at, rows)
		case err != nil && !errors.Is(err, ErrCorrupt):
			t.Errorf("byte %d changed: %v", at, err)
		case err != nil:
			found++
		}
	}
	if found < tries/3*2 {
		t.Errorf("only %d of %d damaged files were noticed", found, tries)
	}
}

func FuzzReader(f *testing.F) {
	data := sample(f)
	f.Add(data)
	f.Add(data[:len(data)-1])
	f.Add(data[:100])
	f.Add([]byte("PAR1PAR1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := readAll(data); err != nil && !errors.Is(err, ErrCorrupt) && !errors.Is(err, io.EOF) {
			t.Errorf("neither read nor ErrCorrupt: %v", err)
		}
	})
}
