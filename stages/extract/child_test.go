package extract_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"os"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/extract"
)

// childVariable makes the test program extract what standard input asks for instead of testing, so that the kernel's account of its
// memory is that of the extraction alone. heapVariable names a file for a heap profile taken at the end.
const (
	childVariable = "CRMSYNC_EXTRACT_CHILD"
	heapVariable  = "CRMSYNC_EXTRACT_HEAP"
)

// errand is what the child is asked to do; errandMemory is run.memory as the program has it by default.
type errand struct {
	URL, Secret, Home, Key string
}

const errandMemory = 256 << 20

// figures are what the child saw. CSV is the size of the result pages uncompressed, Wire their size as they came.
type figures struct {
	Entry                  snapshot.Entry
	Calls, CSV, Wire       int64
	AllocBytes, AllocCount uint64
	PeakRSS                uint64 // bytes
	Took                   time.Duration
}

// child does the errand of in and tells out the figures.
func child(in io.Reader, out io.Writer) error {
	var e errand
	if err := json.NewDecoder(in).Decode(&e); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Minute)
	defer cancel()
	f, err := e.run(ctx)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(f)
}

// run reads the Contacts with the memory, the encryption and the settings that `crmsync sync` has by default.
func (e errand) run(ctx context.Context) (f figures, err error) {
	home := pipeline.Home{Dir: e.Home}
	store, err := snapshot.Open(home.DataDir(), snapshot.Options{Key: e.Key, Budget: errandMemory / 4})
	if err != nil {
		return f, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableCompression = true
	scale := &scale{next: transport}
	client, err := salesforce.New(salesforce.Config{
		LoginURL: e.URL, ClientID: "key", ClientSecret: salesforce.NewSecret(e.Secret), Flow: salesforce.FlowClientCredentials,
		Reserve: 5000, Transport: scale,
	})
	if err != nil {
		return f, err
	}
	defer client.Close()
	stage := &extract.Stage{
		Client: client, Objects: []*schemas.Dataset{schemas.Contact}, PageRows: 50_000, Overlap: 10 * time.Minute, Lag: 5 * time.Minute, Seal: store.Seal(),
	}
	runner := &pipeline.Runner{
		Contract: "million", Home: home, Store: store, Log: slog.New(slog.DiscardHandler), Progress: pipeline.NoProgress{},
		Budget: errandMemory, Workers: runtime.GOMAXPROCS(0), Now: client.ServerTime,
	}
	began := time.Now()
	m, err := runner.Run(ctx, pipeline.Job{Name: "sync", Stages: []pipeline.Stage{stage}})
	f.Took = time.Since(began)
	if err != nil {
		return f, err
	}
	f.Entry, _ = m.Entry(schemas.Contact.Name)
	f.Calls, f.CSV, f.Wire = m.Count("api_calls"), scale.csv.Load(), scale.wire.Load()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	f.AllocBytes, f.AllocCount = s.TotalAlloc, s.Mallocs
	if f.PeakRSS, err = peakRSS(); err != nil {
		return f, err
	}
	return f, heapProfile()
}

// heapProfile writes a profile of what was allocated, when somebody wants to know what the memory went to.
func heapProfile() error {
	name := os.Getenv(heapVariable)
	if name == "" {
		return nil
	}
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(pprof.WriteHeapProfile(file), file.Close())
}

// peakRSS is the most resident memory that the process has had, in bytes, as the kernel counts it.
func peakRSS() (uint64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, err := strconv.ParseUint(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kib << 10, err
		}
	}
	return 0, errors.New("the kernel does not tell the peak of memory")
}

// scale weighs the result pages that come through it.
type scale struct {
	next      http.RoundTripper
	csv, wire atomic.Int64
}

// RoundTrip implements http.RoundTripper.
func (s *scale) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := s.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); kind == "text/csv" {
		resp.Body = &weighed{ReadCloser: resp.Body, scale: s, zipped: resp.Header.Get("Content-Encoding") == "gzip"}
	}
	return resp, nil
}

// CloseIdleConnections is what http.Client calls when it is closed.
func (s *scale) CloseIdleConnections() {
	if c, ok := s.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// weighed counts a body. How long a gzip body is uncompressed stands in its last four bytes (RFC 1952, ISIZE, modulo 2^32).
type weighed struct {
	io.ReadCloser
	scale  *scale
	zipped bool
	bytes  int64
	tail   []byte
}

// Read implements io.Reader.
func (w *weighed) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	w.bytes += int64(n)
	w.tail = append(w.tail, p[max(0, n-4):n]...)
	w.tail = append(w.tail[:0], w.tail[max(0, len(w.tail)-4):]...)
	return n, err
}

// Close implements io.Closer.
func (w *weighed) Close() error {
	w.scale.wire.Add(w.bytes)
	switch {
	case !w.zipped:
		w.scale.csv.Add(w.bytes)
	case len(w.tail) == 4:
		w.scale.csv.Add(int64(binary.LittleEndian.Uint32(w.tail)))
	}
	return w.ReadCloser.Close()
}

// serveChild is the test program's main function when it is the child.
func serveChild() int {
	if err := child(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "child:", err)
		return 1
	}
	return 0
}
