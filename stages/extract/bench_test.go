package extract_test

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
	"github.com/crmsync/crmsync/schemas"
)

// BenchmarkContacts reads a million Contacts from an org in the same process into a snapshot. The peak of memory is that of the
// whole process, org included.
func BenchmarkContacts(b *testing.B) {
	rows := 1_000_000
	if testing.Short() {
		rows = 50_000
	}
	for b.Loop() {
		b.StopTimer()
		x := newBench(b, fakeforce.Options{PageSize: 50_000})
		x.must(x.org.Generate("Contact", fakeforce.SyntheticContacts(rows, 1, epoch, 0)))
		x.stage.Allocator, x.stage.PageRows, x.stage.PagesAtOnce = memory.DefaultAllocator, 50_000, 2
		x.stage.Objects = []*schemas.Dataset{schemas.Contact}
		b.StartTimer()
		began := time.Now()
		m := x.run()
		took := time.Since(began).Seconds()
		if n := m.Count("rows.crm_contact"); n != int64(rows) {
			b.Fatalf("%d rows, want %d", n, rows)
		}
		e, _ := m.Entry(schemas.Contact.Name)
		b.ReportMetric(float64(rows)/took, "rows/s")
		b.ReportMetric(float64(rows)*csvRow()/1e6/took, "CSV-MB/s")
		b.ReportMetric(float64(e.Bytes())/1e6, "MB-on-disk")
		b.ReportMetric(peakRSS(b), "peak-RSS-MiB")
	}
}

// csvRow is how many bytes of CSV a row has, on average over ten thousand.
func csvRow() float64 {
	const sample = 10_000
	names := schemas.Contact.Names()
	row, bytes := make([]string, len(names)), 0
	fill := fakeforce.SyntheticContacts(sample, 1, epoch, 0).Bind(names)
	for i := range sample {
		fill(i, row)
		for _, v := range row {
			bytes += len(v) + len(`"",`)
		}
	}
	return float64(bytes) / sample
}

// peakRSS is the most memory that the process has had, as the kernel counts it.
func peakRSS(b *testing.B) float64 {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip("no /proc: ", err)
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
			if err != nil {
				b.Fatal(err)
			}
			return kib / 1024
		}
	}
	b.Fatal("the kernel does not tell the peak")
	return 0
}
