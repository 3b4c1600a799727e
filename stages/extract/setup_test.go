package extract_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/extract"
)

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		os.Exit(serveChild())
	}
	goleak.VerifyTestMain(m)
}

var epoch = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

// bench is an org, a contract that reads it, and the stage that does.
type bench struct {
	t      testing.TB
	org    *fakeforce.Org
	cfg    salesforce.Config
	client *salesforce.Client
	stage  *extract.Stage
	runner *pipeline.Runner
	log    *strings.Builder
	mem    *memory.CheckedAllocator
	calls  atomic.Int64 // of a kind, counted by a hook
}

func newBench(t testing.TB, opts fakeforce.Options) *bench {
	t.Helper()
	opts.ClientID, opts.Username, opts.PublicKey = "key", "integration@example.com", &testKey().PublicKey
	if opts.Clock == nil {
		opts.Clock = fakeforce.FixedClock(epoch)
	}
	org, err := fakeforce.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return newBenchOf(t, org)
}

// newBenchOf is newBench for an org that is there already.
func newBenchOf(t testing.TB, org *fakeforce.Org) *bench {
	t.Helper()
	srv := httptest.NewServer(org)
	t.Cleanup(srv.Close)
	b := &bench{t: t, org: org, log: &strings.Builder{}, mem: memory.NewCheckedAllocator(memory.NewGoAllocator())}
	key := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(testKey())})
	b.cfg = salesforce.Config{
		LoginURL: srv.URL, ClientID: "key", Username: "integration@example.com", Flow: salesforce.FlowJWT, PrivateKey: salesforce.NewSecret(string(key)),
		Timeout: time.Minute, Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
	b.connect()
	t.Cleanup(func() { b.client.Close() })
	b.stage = &extract.Stage{Client: b.client, PageRows: 10, MaxConcurrent: 2, Allocator: b.mem}
	home := pipeline.Home{Dir: t.TempDir()}
	store, err := snapshot.Open(home.DataDir(), snapshot.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b.runner = &pipeline.Runner{
		Contract: "main", Home: home, Store: store, Log: slog.New(slog.NewTextHandler(&lockedWriter{w: b.log}, nil)), Progress: pipeline.NoProgress{},
		Budget: 256 << 20, Workers: 2,
		Now: func(ctx context.Context) (time.Time, error) { return b.client.ServerTime(ctx) },
	}
	t.Cleanup(func() { b.mem.AssertSize(t, 0) })
	return b
}

type lockedWriter struct {
	mu sync.Mutex
	w  *strings.Builder
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// connect makes a new client, as a new process would.
func (b *bench) connect() {
	b.t.Helper()
	c, err := salesforce.New(b.cfg)
	if err != nil {
		b.t.Fatal(err)
	}
	if b.client != nil {
		b.client.Close()
	}
	b.client = c
	if b.stage != nil {
		b.stage.Client = c
	}
}

func (b *bench) try(ctx context.Context) (*pipeline.Manifest, error) {
	return b.runner.Run(ctx, pipeline.Job{Name: "sync", Stages: []pipeline.Stage{b.stage}})
}

func (b *bench) run() *pipeline.Manifest {
	b.t.Helper()
	m, err := b.try(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return m
}

// later moves the org's clock, so that what was changed before lies in the next window.
func (b *bench) later(d time.Duration) { b.org.Clock().Advance(d) }

func (b *bench) insert(object string, fields map[string]any) string {
	b.t.Helper()
	id, err := b.org.Insert(object, fields)
	if err != nil {
		b.t.Fatal(err)
	}
	return id
}

func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// fill makes n accounts, each with a contact, a lead, an opportunity and a contact role, and a few roles and users.
func (b *bench) fill(n int) (accounts []string) {
	b.t.Helper()
	top := b.insert("UserRole", map[string]any{"Name": "Sales"})
	below := b.insert("UserRole", map[string]any{"Name": "Sales \"East\"", "ParentRoleId": top})
	owner := b.insert("User", map[string]any{
		"Username": "seller@example.com", "LastName": "Seller", "FirstName": "Sam", "Email": "seller@example.com", "UserRoleId": below, "IsActive": true,
	})
	for i := range n {
		a := b.insert("Account", map[string]any{
			"Name": fmt.Sprintf("Company %d, Inc.", i), "OwnerId": owner, "AnnualRevenue": 1.5e9 + float64(i), "NumberOfEmployees": 10 * i, "BillingCity": "Lyon",
			"Description": "Line one\r\nline \"two\",\x00 and three",
		})
		c := b.insert("Contact", map[string]any{"LastName": fmt.Sprintf("Name %d", i), "FirstName": "Ann", "AccountId": a, "Email": fmt.Sprintf("c%d@example.com", i)})
		b.insert("Lead", map[string]any{"LastName": fmt.Sprintf("Lead %d", i), "Company": "Prospect", "OwnerId": owner, "Status": "Open - Not Contacted"})
		o := b.insert("Opportunity", map[string]any{
			"Name": fmt.Sprintf("Deal %d", i), "AccountId": a, "OwnerId": owner, "StageName": "Prospecting", "CloseDate": "2026-06-30", "Amount": 1000.25 * float64(i),
		})
		b.insert("OpportunityContactRole", map[string]any{"OpportunityId": o, "ContactId": c, "Role": "Evaluator", "IsPrimary": i%2 == 0})
		accounts = append(accounts, a)
	}
	return accounts
}

// cell is a value of the org in the text form of records.
func cell(f schemas.Field, s string) string {
	switch f.Type {
	case schemas.Float64, schemas.Int64:
		if x, err := strconv.ParseFloat(s, 64); err == nil {
			return strconv.FormatFloat(x, 'g', -1, 64)
		}
	case schemas.Timestamp:
		if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
			return t.UTC().Format(time.RFC3339Nano)
		}
	}
	return s
}

// inOrg returns the live rows of an object by id, as texts.
func (b *bench) inOrg(ds *schemas.Dataset) map[string][]string {
	b.t.Helper()
	rows, err := b.org.Rows(ds.SOQL(""))
	b.must(err)
	all := map[string][]string{}
	for _, r := range rows {
		for i, f := range ds.Fields {
			r[i] = cell(f, r[i])
		}
		all[r[ds.Index("Id")]] = r
	}
	return all
}

// inSnapshot returns the rows of a data set as a run sees it, by id.
func (b *bench) inSnapshot(m *pipeline.Manifest, ds *schemas.Dataset) map[string][]string {
	b.t.Helper()
	e, ok := m.Entry(ds.Name)
	if !ok {
		b.t.Fatalf("%s is not published", ds.Name)
	}
	r, err := b.runner.Store.Read(b.t.Context(), ds, e)
	b.must(err)
	all := map[string][]string{}
	b.must(columnar.Each(b.t.Context(), r, func(rec arrow.Record) error {
		for i := range int(rec.NumRows()) {
			row := make([]string, len(ds.Fields))
			for c, f := range ds.Fields {
				s, _ := columnar.TextAt(rec.Column(c), i)
				row[c] = strings.Clone(cell(f, s))
			}
			id := row[ds.Index("Id")]
			if all[id] != nil {
				return fmt.Errorf("%s is there twice", id)
			}
			all[id] = row
		}
		return nil
	}))
	if e.Rows >= 0 && e.Rows != int64(len(all)) {
		b.t.Errorf("%s: entry says %d rows, there are %d", ds.Name, e.Rows, len(all))
	}
	return all
}

// equal compares the snapshot with the org, row by row and field by field.
func (b *bench) equal(m *pipeline.Manifest) {
	b.t.Helper()
	b.same(m, schemas.CRMObjects)
}

// equalNext runs, and compares all objects.
func (b *bench) equalNext() *pipeline.Manifest {
	b.t.Helper()
	m := b.run()
	b.equal(m)
	return m
}

// equalObjects compares the objects that the stage reads.
func (b *bench) equalObjects(m *pipeline.Manifest) {
	b.t.Helper()
	b.same(m, b.stage.Objects)
}

func (b *bench) same(m *pipeline.Manifest, sets []*schemas.Dataset) {
	b.t.Helper()
	for _, ds := range sets {
		if diff := cmp.Diff(b.inOrg(ds), b.inSnapshot(m, ds)); diff != "" {
			b.t.Errorf("%s differs from the org (-org +snapshot):\n%s", ds.Object, diff)
		}
	}
}

func scratchOf(b *bench, m *pipeline.Manifest) string {
	return filepath.Join(b.runner.Home.RunDir(m.RunID), "scratch")
}

// keysOf are the ids of rows.
func keysOf(rows map[string][]string) iter.Seq[string] { return maps.Keys(rows) }
