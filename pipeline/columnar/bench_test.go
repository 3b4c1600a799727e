package columnar

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/crmsync/crmsync/schemas"
)

const benchRows = 1 << 20

// contacts streams contact-like rows, in the order of their ids or out of it.
type contacts struct {
	b     *Builder
	row   uint64
	rows  uint64
	mixed bool
	bytes int64
}

func newContacts(rows uint64, mixed bool) *contacts {
	return &contacts{b: NewBuilder(memory.DefaultAllocator, schemas.Contact), rows: rows, mixed: mixed}
}

func (c *contacts) Schema() *arrow.Schema { return Schema(schemas.Contact) }
func (c *contacts) Close() error          { return nil }

func (c *contacts) Next(context.Context) (arrow.Record, error) {
	for c.row < c.rows && c.b.Len() < BatchRows {
		i := c.row
		if c.mixed {
			i = i * 0x9e3779b97f4a7c15 % c.rows // rows is a power of two: a permutation
		}
		c.row++
		h := (i + 1) * 0xbf58476d1ce4e5b9
		h ^= h >> 29
		first, last := names[h%64%uint64(len(names))], names[h>>8%64%uint64(len(names))]
		at := time.UnixMilli(1500000000000 + int64(h>>20%300000000)*1000)
		text := func(col int, s string) {
			c.b.String(col, s)
			c.bytes += int64(len(s))
		}
		text(0, fmt.Sprintf("003%015X", i))
		text(1, fmt.Sprintf("001%015X", h%(c.rows/7+1)))
		c.b.Time(2, at)
		text(3, names[h>>40%8])
		if h%4 == 0 {
			text(4, fmt.Sprintf("Met %s at the fair of %d; asked for an offer on %d units.", first, 2000+h%26, h%977))
		}
		text(5, fmt.Sprintf("%s.%s%d@example.com", first, last, h%997))
		text(7, first)
		c.b.Time(8, at)
		text(9, last)
		c.b.Time(10, at.Add(time.Hour))
		text(13, names[h>>44%5])
		text(14, fmt.Sprintf("%d %s Street", h%2000, names[h>>16%32%uint64(len(names))]))
		text(15, "City "+names[h>>24%32%uint64(len(names))])
		text(16, "Country "+names[h>>30%9])
		text(17, "State "+names[h>>34%20%uint64(len(names))])
		text(18, first+" "+last)
		text(19, fmt.Sprintf("+1 555 %07d", h%10000000))
		text(20, "Head of "+names[h>>50%16])
		c.bytes += 4 * 8
		if err := c.b.EndRow(); err != nil {
			return nil, err
		}
	}
	if c.b.Len() == 0 {
		return nil, io.EOF
	}
	return c.b.NewRecord(), nil
}

var names = []string{
	"Ada", "Barbara", "Charles", "Dorothy", "Edsger", "Frances", "Grace", "Hedy", "Ivan", "Jean", "Katherine", "Leslie", "Margaret",
	"Niklaus", "Ole", "Peter", "Radia", "Sophie", "Tim", "Ursula", "Vint", "Whitfield", "Xiaoyun", "Yukihiro", "Zhores",
}

func BenchmarkParquetWrite(b *testing.B) {
	for b.Loop() {
		in := newContacts(benchRows, false)
		w := NewWriter(io.Discard, schemas.Contact, WriterOptions{})
		var spent time.Duration
		err := Each(context.Background(), in, func(rec arrow.Record) error {
			start := time.Now()
			defer func() { spent += time.Since(start) }()
			return w.Write(rec)
		})
		if err != nil {
			b.Fatal(err)
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
		report(b, in.bytes, spent)
		b.ReportMetric(float64(w.Bytes())/benchRows, "file_B/row")
	}
}

// report gives rates of the work alone, without making the rows.
func report(b *testing.B, bytes int64, spent time.Duration) {
	b.ReportMetric(float64(bytes)/1e6/spent.Seconds(), "MB/s")
	b.ReportMetric(benchRows/spent.Seconds(), "rows/s")
	b.ReportMetric(0, "ns/op")
}

func BenchmarkParquetRead(b *testing.B) {
	in := newContacts(benchRows, false)
	var file bytes.Buffer
	w := NewWriter(&file, schemas.Contact, WriterOptions{})
	if err := Each(context.Background(), in, func(rec arrow.Record) error { return w.Write(rec) }); err != nil {
		b.Fatal(err)
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	for _, bc := range []struct {
		name    string
		columns []string
	}{{"all", nil}, {"id", []string{"Id"}}, {"names", []string{"Id", "FirstName", "LastName", "MailingCity"}}} {
		b.Run(bc.name, func(b *testing.B) {
			for b.Loop() {
				start := time.Now()
				r, err := NewReader(bytes.NewReader(file.Bytes()), int64(file.Len()), schemas.Contact, ReaderOptions{Columns: bc.columns})
				if err != nil {
					b.Fatal(err)
				}
				if n, err := Count(context.Background(), r); err != nil || n != benchRows {
					b.Fatal(n, err)
				}
				report(b, in.bytes, time.Since(start))
			}
		})
	}
}

func BenchmarkSort(b *testing.B) {
	for _, bc := range []struct {
		name   string
		budget int64
		mixed  bool
	}{{"128MiB/mixed", 128 << 20, true}, {"128MiB/ordered", 128 << 20, false}, {"1GiB/mixed", 1 << 30, true}} {
		b.Run(bc.name, func(b *testing.B) {
			for b.Loop() {
				in := newContacts(benchRows, bc.mixed)
				s := NewSorter(schemas.Contact, SorterOptions{Budget: bc.budget, Dir: b.TempDir()})
				var spent time.Duration
				err := Each(context.Background(), in, func(rec arrow.Record) error {
					start := time.Now()
					defer func() { spent += time.Since(start) }()
					return s.Write(context.Background(), rec)
				})
				if err != nil {
					b.Fatal(err)
				}
				start := time.Now()
				r, err := s.Sort(context.Background())
				if err != nil {
					b.Fatal(err)
				}
				if n, err := Count(context.Background(), r); err != nil || n != benchRows {
					b.Fatal(n, err)
				}
				report(b, in.bytes, spent+time.Since(start))
				b.ReportMetric(float64(s.Spilled())/1e6, "spilled_MB")
			}
		})
	}
}
