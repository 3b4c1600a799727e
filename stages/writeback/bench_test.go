package writeback

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/pipeline/postgres"
	"github.com/crmsync/crmsync/pipeline/postgres/postgrestest"
	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
	"github.com/crmsync/crmsync/schemas"
	migrations "github.com/crmsync/crmsync/schemas/postgres"
)

const (
	clientID     = "consumer-key"
	clientSecret = "consumer-secret"
)

var (
	epoch = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	all   = Policy{Enabled: true, Kinds: []string{kindInMail, kindMessage, kindCall, kindPointDrive, kindNote}}
	// uniqueField is the field that an administrator may add.
	uniqueField = map[string][]fakeforce.Field{"Task": {{Name: DefaultUniqueField, Type: fakeforce.TypeString, Length: 64, Unique: true, ExternalID: true}}}
)

// bench is an org over HTTP and the tables of a contract: a seller with a seat, a contact, a lead and an account that are linked.
type bench struct {
	t        *testing.T
	db       *postgres.DB
	org      *fakeforce.Org
	url      string
	contract string
	job      Job
	// Salesforce ids
	ann, contact, lead, account string

	// kept are the ids of what was in the org before, by object; unmarked activities are in every export, without the mark.
	kept     map[string][]string
	unmarked []activity
	// crashes counts the cycles that were ended by the test, by point.
	crashes map[point]int

	mu     sync.Mutex
	bodies []map[string]any // records of Collections calls, as sent
}

func newBench(t *testing.T, opts fakeforce.Options) *bench {
	t.Helper()
	return benchOn(t, postgrestest.New(t, migrations.Migrations), "acme", opts)
}

func benchOn(t *testing.T, db *postgres.DB, contract string, opts fakeforce.Options) *bench {
	t.Helper()
	opts.ClientID, opts.ClientSecret = clientID, clientSecret
	opts.Clock = fakeforce.FixedClock(epoch)
	org, err := fakeforce.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(org)
	t.Cleanup(srv.Close)
	b := &bench{t: t, db: db, org: org, url: srv.URL, contract: contract, crashes: map[point]int{}}
	b.ann = b.insert("User", map[string]any{"LastName": "Seller", "FirstName": "Ann", "Username": "ann@example.com", "Email": "ann@example.com", "Alias": "ann", "IsActive": true})
	b.account = b.insert("Account", map[string]any{"Name": "Example Corp"})
	b.contact = b.insert("Contact", map[string]any{"LastName": "Lee", "AccountId": b.account})
	b.lead = b.insert("Lead", map[string]any{"LastName": "Roe", "Company": "Example Corp"})
	b.seat("s1", b.ann, true, "Enterprise")
	b.link("Contact", b.contact, "p-contact")
	b.link("Lead", b.lead, "p-lead")
	b.link("Account", b.account, "c-account")
	// What people wrote themselves is in the org too.
	b.insert("Task", map[string]any{"Subject": "Call back", "Description": "by hand", "OwnerId": b.ann, "WhoId": b.contact, "ActivityDate": "2026-03-01", "Status": "Completed", "CreatedById": b.ann})
	b.insert("Note", map[string]any{"Title": "A note", "Body": "by hand", "ParentId": b.contact, "OwnerId": b.ann, "CreatedById": b.ann})
	b.insert("Opportunity", map[string]any{"Name": "Deal", "AccountId": b.account, "StageName": "Prospecting", "CloseDate": "2026-04-01"})
	b.kept = map[string][]string{}
	for _, object := range []string{"Task", "Note"} {
		rows, err := org.AllRows("SELECT Id FROM " + object)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			b.kept[object] = append(b.kept[object], r[0])
		}
	}
	b.org.AddHook(b.listen)
	b.job = Job{DB: db, Contract: contract, RunID: "r000001", AsOf: epoch, Policy: all, UniqueField: DefaultUniqueField, Client: b.client()}
	return b
}

// client is a new one, as each process has.
func (b *bench) client() *salesforce.Client {
	b.t.Helper()
	c, err := newClient(b.url)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(c.Close)
	return c
}

func newClient(url string) (*salesforce.Client, error) {
	return salesforce.New(salesforce.Config{
		LoginURL: url, ClientID: clientID, ClientSecret: salesforce.NewSecret(clientSecret), Flow: salesforce.FlowClientCredentials,
		Timeout: 30 * time.Second, Attempts: 2, Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})
}

// listen keeps what Collections calls send.
func (b *bench) listen(w http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) {
	if call.Kind == fakeforce.KindCollections {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		var in struct{ Records []map[string]any }
		if err := json.Unmarshal(body, &in); err == nil {
			b.mu.Lock()
			b.bodies = append(b.bodies, in.Records...)
			b.mu.Unlock()
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
	}
	next.ServeHTTP(w, r)
}

func (b *bench) insert(object string, fields map[string]any) string {
	b.t.Helper()
	id, err := b.org.Insert(object, fields)
	if err != nil {
		b.t.Fatal(err)
	}
	return id
}

func (b *bench) exec(sql string, args ...any) {
	b.t.Helper()
	if _, err := b.db.Exec(b.t.Context(), sql, args...); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) seat(id, user string, licensed bool, licence string) {
	b.t.Helper()
	b.exec(`INSERT INTO crmsync.seats (contract, seat_id, active, licence_type, run_id, as_of) VALUES ($1, $2, true, $3, 'r', now())`, b.contract, id, licence)
	b.exec(`INSERT INTO crmsync.seat_users (contract, seat_id, user_id, method, licensed, active, run_id, as_of)
		VALUES ($1, $2, nullif($3, ''), 'email', $4, true, 'r', now())`, b.contract, id, user, licensed)
}

func (b *bench) link(object, record, target string) {
	b.t.Helper()
	kind := "person"
	if object == "Account" {
		kind = "company"
	}
	b.exec(`INSERT INTO crmsync.links (contract, object, record_id, target_kind, target_id, decision, origin, probability, weight, model, evidence, run_id, as_of)
		VALUES ($1, $2, $3, $4, $5, 'link', 'model', 1, 20, 'm', '[]', 'r', now())`, b.contract, object, record, kind, target)
}

// mail is a marked InMail to the linked contact.
func mail(id string) activity {
	return activity{ActivityID: id, Kind: kindInMail, SeatID: "s1", MemberID: "p-contact", CompanyID: "c-account", OccurredAt: epoch.Add(-time.Hour), Subject: "Subject " + id, Body: "Body of " + id}
}

// export makes the data set of activities; those named in unmarked are not marked for logging.
func export(t *testing.T, activities []activity, unmarked ...string) columnar.RecordReader {
	t.Helper()
	b := columnar.NewBuilder(memory.DefaultAllocator, schemas.Activities)
	defer b.Release()
	for _, a := range activities {
		b.String(0, a.ActivityID)
		b.String(1, a.Kind)
		b.String(2, a.SeatID)
		for i, s := range []string{a.MemberID, a.CompanyID} {
			if s != "" {
				b.String(3+i, s)
			}
		}
		b.Time(5, a.OccurredAt)
		b.String(6, a.Subject)
		b.String(7, a.Body)
		b.Bool(8, !slices.Contains(unmarked, a.ActivityID))
		if err := b.EndRow(); err != nil {
			t.Fatal(err)
		}
	}
	return columnar.FromRecords(b.Schema(), b.NewRecord())
}

// try runs a cycle with the activities as new ones; set may change the job.
func (b *bench) try(activities []activity, set ...func(*Job)) (Result, error) {
	b.t.Helper()
	j := b.job
	if activities != nil {
		var without []string
		for _, a := range b.unmarked {
			without = append(without, a.ActivityID)
		}
		j.Activities = export(b.t, slices.Concat(activities, b.unmarked), without...)
	}
	for _, s := range set {
		s(&j)
	}
	return j.Run(b.t.Context())
}

func (b *bench) run(activities []activity, set ...func(*Job)) Result {
	b.t.Helper()
	r, err := b.try(activities, set...)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// entries are the outbox's rows by activity.
func (b *bench) entries() map[string]Entry {
	b.t.Helper()
	list, err := List(b.t.Context(), b.db, b.contract, 0)
	if err != nil {
		b.t.Fatal(err)
	}
	m := map[string]Entry{}
	for _, e := range list {
		m[e.ActivityID] = e
	}
	return m
}

// state checks what became of an activity and returns its row.
func (b *bench) state(id, want, reason string) Entry {
	b.t.Helper()
	e := b.entries()[id]
	if e.State != want || !strings.Contains(e.Reason, reason) {
		b.t.Errorf("%s is %q (%s), want %q (%s)", id, e.State, e.Reason, want, reason)
	}
	return e
}

// written returns the texts of the tasks and notes that came into the org, the recycle bin included, sorted.
func (b *bench) written() []string {
	b.t.Helper()
	var out []string
	for object, field := range map[string]string{"Task": "Description", "Note": "Body"} {
		rows, err := b.org.AllRows("SELECT Id, " + field + " FROM " + object)
		if err != nil {
			b.t.Fatal(err)
		}
		for _, r := range rows {
			if !slices.Contains(b.kept[object], r[0]) {
				out = append(out, r[1])
			}
		}
	}
	slices.Sort(out)
	return out
}

// wantWritten checks that the org has exactly the bodies of these activities.
func (b *bench) wantWritten(activities ...activity) {
	b.t.Helper()
	var want []string
	for _, a := range activities {
		want = append(want, a.Body)
	}
	slices.Sort(want)
	if got := b.written(); !slices.Equal(got, want) {
		b.t.Errorf("the org has %d records %q, want %d: %q", len(got), got, len(want), want)
	}
}

// existing is a checksum of every field of every record that the org had before.
func (b *bench) existing() string {
	b.t.Helper()
	var out strings.Builder
	for _, object := range []string{
		"Account", "Contact", "Lead", "Opportunity", "OpportunityContactRole", "User", "UserRole", "RecordType", "Organization", "Task", "Note",
	} {
		rows, err := b.org.AllRows("SELECT Id FROM " + object)
		if err != nil {
			b.t.Fatal(err)
		}
		for _, r := range rows {
			if (object == "Task" || object == "Note") && !slices.Contains(b.kept[object], r[0]) {
				continue
			}
			fields, err := b.org.Get(object, r[0])
			if err != nil {
				b.t.Fatal(err)
			}
			for _, name := range slices.Sorted(maps.Keys(fields)) {
				fmt.Fprintf(&out, "%s.%s=%s\n", object, name, fields[name])
			}
		}
	}
	return digest(out.String())
}

// retry has activities tried again; none means all that were refused.
func (b *bench) retry(activities ...string) (int64, error) {
	return Retry{By: "ann", Activities: activities, AllRefused: len(activities) == 0}.Run(b.t.Context(), b.db, b.contract)
}
