package extract_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	"github.com/crmsync/crmsync/schemas"
)

// mostMemory is what a first read of Contacts may take at most, however many there are, whole process, in bytes.
const mostMemory = 400 << 20

// BenchmarkMillionContacts reads millions of Contacts from the fakeforce program into an encrypted snapshot. Extraction, org and the
// check of the snapshot are processes of their own: time and memory are the extraction's. CSV-MB/s counts the uncompressed bytes of
// the result pages, wire-MB what came of them over the connection; B/op and allocs/op are the child's.
func BenchmarkMillionContacts(b *testing.B) {
	for _, millions := range []int64{1, 5} {
		b.Run(fmt.Sprint(millions), func(b *testing.B) { benchContacts(b, millions*1_000_000) })
	}
}

func benchContacts(b *testing.B, rows int64) {
	org := startOrg(b, rows, 50_000)
	var took time.Duration
	var sum figures
	for b.Loop() {
		f, store := org.extract(b)
		b.StopTimer()
		holds(b, store, f.Entry, rows)
		took += f.Took
		sum.CSV += f.CSV
		sum.AllocBytes += f.AllocBytes
		sum.AllocCount += f.AllocCount
		sum.Calls, sum.Wire, sum.Entry, sum.PeakRSS = f.Calls, f.Wire, f.Entry, max(sum.PeakRSS, f.PeakRSS)
		b.StartTimer()
	}
	n := float64(b.N)
	b.ReportMetric(float64(rows)*n/took.Seconds(), "rows/s")
	b.ReportMetric(float64(sum.CSV)/1e6/took.Seconds(), "CSV-MB/s")
	b.ReportMetric(float64(sum.PeakRSS)/(1<<20), "peak-RSS-MiB")
	b.ReportMetric(float64(sum.Calls), "calls")
	b.ReportMetric(float64(sum.Wire)/1e6, "wire-MB")
	b.ReportMetric(float64(sum.Entry.Bytes())/1e6, "MB-on-disk")
	b.ReportMetric(float64(sum.AllocBytes)/n, "B/op")
	b.ReportMetric(float64(sum.AllocCount)/n, "allocs/op")
	if sum.PeakRSS > mostMemory {
		b.Errorf("%d MiB of memory were taken, %d are allowed", sum.PeakRSS>>20, mostMemory>>20)
	}
}

// TestExtractAsAProgram takes the benchmark's way with few rows, in pages as many as a large org would have.
func TestExtractAsAProgram(t *testing.T) {
	rows, pages := int64(20_000), int64(8)
	if testing.Short() {
		rows = 4_000
	}
	f, store := startOrg(t, rows, rows/pages).extract(t)
	holds(t, store, f.Entry, rows)
	if f.Calls < pages {
		t.Errorf("%d calls for %d pages", f.Calls, pages)
	}
	// A page is smaller on its way than uncompressed, and a row has its Id, its names and commas for the rest.
	if f.Wire <= 0 || f.CSV <= f.Wire || f.CSV < rows*int64(len(schemas.Contact.Fields)) {
		t.Errorf("%d bytes of CSV came in %d", f.CSV, f.Wire)
	}
	if f.PeakRSS == 0 || f.Took <= 0 {
		t.Errorf("figures: %+v", f)
	}
}

// holds fails unless the snapshot has so many rows when it is read again, each with an Id of its own.
func holds(tb testing.TB, store *snapshot.Store, e snapshot.Entry, rows int64) {
	tb.Helper()
	if e.Rows != rows {
		tb.Fatalf("the entry says %d rows, want %d", e.Rows, rows)
	}
	r, err := store.Read(tb.Context(), schemas.Contact, e)
	if err != nil {
		tb.Fatal(err)
	}
	var n int64
	last := ""
	err = columnar.Each(tb.Context(), r, func(rec arrow.Record) error {
		ids := columnar.Strings(rec, "Id")
		for i := range ids.Len() {
			id := ids.Value(i)
			if id <= last {
				return fmt.Errorf("row %d: Id %q comes after %q", n, id, last)
			}
			last = strings.Clone(id)
			n++
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	if n != rows {
		tb.Fatalf("the snapshot holds %d rows, want %d", n, rows)
	}
}

// orgProgram is a running fakeforce.
type orgProgram struct{ url, secret string }

// startOrg builds the fakeforce program and runs it until the test ends.
func startOrg(tb testing.TB, contacts, pageSize int64) orgProgram {
	tb.Helper()
	if _, err := os.Stat("/proc/self/status"); err != nil {
		tb.Skip("memory is measured by /proc: ", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Minute)
	tb.Cleanup(cancel)
	program := filepath.Join(tb.TempDir(), "fakeforce")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", program, "../../cmd/fakeforce").CombinedOutput(); err != nil {
		tb.Fatalf("build fakeforce: %v\n%s", err, out)
	}
	o := orgProgram{secret: "fakeforce-secret"}
	cmd := exec.CommandContext(ctx, program, "--client-id", "key", "--client-secret", o.secret, "--seed", "1", "--page-size", fmt.Sprint(pageSize),
		"--synthetic", fmt.Sprintf("Contact=%d,Account=%d", contacts, max(1, contacts/20)))
	cmd.Stderr = tb.Output()
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			tb.Errorf("stop fakeforce: %v", err)
		}
		if err := cmd.Wait(); err != nil {
			tb.Errorf("fakeforce: %v", err)
		}
	})
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		tb.Fatalf("no announcement: %v", err)
	}
	var announced struct{ URL string }
	if err := json.Unmarshal(line, &announced); err != nil {
		tb.Fatalf("%s: %v", line, err)
	}
	o.url = announced.URL
	return o
}

// extract reads the org's Contacts into a new store in a process of its own.
func (o orgProgram) extract(tb testing.TB) (figures, *snapshot.Store) {
	tb.Helper()
	key, err := snapshot.NewKey()
	if err != nil {
		tb.Fatal(err)
	}
	home := pipeline.Home{Dir: tb.TempDir()}
	in, err := json.Marshal(errand{URL: o.url, Secret: o.secret, Home: home.Dir, Key: key})
	if err != nil {
		tb.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	var out, messages bytes.Buffer
	cmd := exec.CommandContext(tb.Context(), self)
	cmd.Env = append(os.Environ(), childVariable+"=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), &out, &messages
	if err := cmd.Run(); err != nil {
		tb.Fatalf("extract: %v\n%s", err, messages.Bytes())
	}
	var f figures
	if err := json.Unmarshal(out.Bytes(), &f); err != nil {
		tb.Fatalf("%s: %v", out.Bytes(), err)
	}
	store, err := snapshot.Open(home.DataDir(), snapshot.Options{Key: key})
	if err != nil {
		tb.Fatal(err)
	}
	return f, store
}
