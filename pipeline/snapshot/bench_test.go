package snapshot

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

const benchChild = "CRMSYNC_TEST_BENCH_ROWS"

// BenchmarkPublish publishes a base of contact-like rows (21 columns, in random order) in a process of its own, with a budget of
// 96 MiB for sorting, and gives the peak of the memory that the process held.
func BenchmarkPublish(b *testing.B) {
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	for _, bc := range []struct {
		name string
		rows int
		key  string
	}{{"1M", 1 << 20, ""}, {"1M/sealed", 1 << 20, newKey(b)}, {"4M", 1 << 22, ""}} {
		b.Run(bc.name, func(b *testing.B) {
			for b.Loop() {
				cmd := exec.Command(self)
				cmd.Env = append(os.Environ(), benchChild+"="+strconv.Itoa(bc.rows), "CRMSYNC_TEST_BENCH_KEY="+bc.key,
					"CRMSYNC_TEST_BENCH_ROOT="+b.TempDir())
				cmd.Stderr = os.Stderr
				out, err := cmd.Output()
				if err != nil {
					b.Fatal(err)
				}
				lines := bufio.NewScanner(bytes.NewReader(out))
				for lines.Scan() {
					value, unit, _ := strings.Cut(lines.Text(), " ")
					v, err := strconv.ParseFloat(value, 64)
					if err != nil {
						b.Fatal(err)
					}
					b.ReportMetric(v, unit)
				}
				rss := float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) / 1024
				b.ReportMetric(rss, "peak_MiB")
				b.ReportMetric(0, "ns/op")
			}
		})
	}
}

// benchPublish is the child: it prints its figures, a value and a unit a line.
func benchPublish(rows int) error {
	ctx := context.Background()
	s, err := Open(os.Getenv("CRMSYNC_TEST_BENCH_ROOT"), Options{Budget: 96 << 20, Key: os.Getenv("CRMSYNC_TEST_BENCH_KEY")})
	if err != nil {
		return err
	}
	w, err := s.Create(ctx, schemas.Contact, "r1")
	if err != nil {
		return err
	}
	var spent time.Duration
	b := columnar.NewBuilder(memory.DefaultAllocator, schemas.Contact)
	for i := range rows {
		contact(b, uint64(i)*0x9e3779b97f4a7c15%uint64(rows)) // rows is a power of two: a permutation
		if err := b.EndRow(); err != nil {
			return err
		}
		if b.Full() || i == rows-1 {
			rec := b.NewRecord()
			start := time.Now()
			if err := w.Write(ctx, rec); err != nil {
				return err
			}
			spent += time.Since(start)
			rec.Release()
		}
	}
	start := time.Now()
	e, err := w.Publish(ctx, nil)
	if err != nil {
		return err
	}
	spent += time.Since(start)
	if e.Rows != int64(rows) {
		return fmt.Errorf("%d rows, want %d", e.Rows, rows)
	}
	fmt.Printf("%f rows/s\n%f file_MB\n", float64(rows)/spent.Seconds(), float64(e.Bytes())/1e6)
	start = time.Now()
	r, err := s.Read(ctx, schemas.Contact, e)
	if err != nil {
		return err
	}
	if _, err := columnar.Count(ctx, r); err != nil {
		return err
	}
	fmt.Printf("%f read_rows/s\n", float64(rows)/time.Since(start).Seconds())
	return nil
}

func contact(b *columnar.Builder, i uint64) {
	h := (i + 1) * 0xbf58476d1ce4e5b9
	h ^= h >> 29
	at := time.UnixMilli(1500000000000 + int64(h>>20%300000000)*1000)
	b.String(0, fmt.Sprintf("003%015X", i))
	b.String(1, fmt.Sprintf("001%015X", h%(1<<18)))
	b.Time(2, at)
	b.String(3, fmt.Sprintf("Department %d", h%12))
	if h%4 == 0 {
		b.String(4, fmt.Sprintf("Asked for an offer on %d units, then for %d more; call back in spring.", h%977, h>>9%977))
	}
	b.String(5, fmt.Sprintf("given%d.surname%d@example.com", h%5000, h>>13%90000))
	b.String(7, fmt.Sprintf("Given%d", h%5000))
	b.Time(8, at)
	b.String(9, fmt.Sprintf("Surname%d", h>>13%90000))
	b.Time(10, at.Add(time.Hour))
	b.String(13, fmt.Sprintf("Source %d", h>>5%7))
	b.String(14, fmt.Sprintf("%d Long Street %d", h%2000, h>>7%700))
	b.String(15, fmt.Sprintf("City %d", h>>11%9000))
	b.String(16, fmt.Sprintf("Country %d", h>>17%60))
	b.String(17, fmt.Sprintf("State %d", h>>19%300))
	b.String(18, fmt.Sprintf("Given%d Surname%d", h%5000, h>>13%90000))
	b.String(19, fmt.Sprintf("+1 555 %07d", h%10000000))
	b.String(20, fmt.Sprintf("Head of Department %d", h%12))
}

// BenchmarkDelta publishes a delta of 10,000 changed rows on a base of a million, which counts live rows by comparing keys, and
// reads the merged chain.
func BenchmarkDelta(b *testing.B) {
	ctx := context.Background()
	s := open(b, b.TempDir(), Options{Budget: 96 << 20})
	write := func(runID string, prev *Entry, rows, every int) Entry {
		w, err := s.Create(ctx, schemas.Contact, runID)
		if err != nil {
			b.Fatal(err)
		}
		build := columnar.NewBuilder(memory.DefaultAllocator, schemas.Contact)
		for i := 0; i < rows; i += every {
			contact(build, uint64(i))
			if err := build.EndRow(); err != nil {
				b.Fatal(err)
			}
			if build.Full() || i+every >= rows {
				rec := build.NewRecord()
				if err := w.Write(ctx, rec); err != nil {
					b.Fatal(err)
				}
				rec.Release()
			}
		}
		e, err := w.Publish(ctx, prev)
		if err != nil {
			b.Fatal(err)
		}
		return e
	}
	base := write("r1", nil, 1<<20, 1)
	n := 1
	for b.Loop() {
		n++
		start := time.Now()
		e := write(fmt.Sprintf("r%d", n), &base, 1<<20, 100)
		b.ReportMetric(time.Since(start).Seconds(), "publish_s")
		start = time.Now()
		r, err := s.Read(ctx, schemas.Contact, e)
		if err != nil {
			b.Fatal(err)
		}
		rows, err := columnar.Count(ctx, r)
		if err != nil || rows != e.Rows {
			b.Fatal(rows, e.Rows, err)
		}
		b.ReportMetric(float64(rows)/time.Since(start).Seconds(), "merged_rows/s")
		b.ReportMetric(0, "ns/op")
	}
}
