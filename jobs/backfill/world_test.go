package backfill_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/crmsync/crmsync/jobs"
	"github.com/crmsync/crmsync/jobs/backfill"
	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/pipeline/postgres"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/autosave"
	"github.com/crmsync/crmsync/stages/control"
	"github.com/crmsync/crmsync/stages/load"
	"github.com/crmsync/crmsync/stages/match"
	"github.com/crmsync/crmsync/stages/roi"
)

// row is a row by field name, its values as text; absent fields are null.
type row map[string]string

// world is an org and an export that change from day to day.
type world struct {
	r    *rand.Rand
	now  time.Time
	rows map[*schemas.Dataset][]row
	next int
}

var firstDay = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const (
	accounts = 14
	people   = 60
)

var (
	givenNames = []string{"Anna", "Boris", "Chen", "Dolores", "Emre", "Fatima", "Goran", "Hanna", "Igor", "Julia"}
	surnames   = []string{"Abbott", "Brandt", "Castillo", "Dvorak", "Eriksen", "Fischer", "Gallo", "Haddad", "Ivanova", "Jensen", "Kowalski", "Lindqvist"}
	stages     = []string{"Early", "Offer", "Late"}
)

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
func date(t time.Time) string  { return t.UTC().Format(time.DateOnly) }

func newWorld(seed uint64) *world {
	w := &world{r: rand.New(rand.NewPCG(seed, seed)), now: firstDay, rows: map[*schemas.Dataset][]row{}}
	w.add(schemas.Org, row{"Id": "00D000000000001AAA", "OrganizationType": "Enterprise Edition", "IsSandbox": "false", "InstanceUrl": "https://acme.my.salesforce.com"})
	for i := range 4 {
		id := fmt.Sprintf("005%012dAAA", i)
		w.add(schemas.User, row{"Id": id, "Name": "Seller " + givenNames[i], "Email": fmt.Sprintf("seller%d@acme.example", i), "IsActive": "true", "CreatedDate": stamp(firstDay), "LastModifiedDate": stamp(firstDay)})
		w.add(schemas.Seats, row{"seat_id": fmt.Sprint("s", i), "email": fmt.Sprintf("seller%d@acme.example", i), "active": "true", "licence_type": "Team"})
	}
	for i := range accounts {
		name := fmt.Sprintf("%s %s Group", surnames[i%len(surnames)], []string{"Freight", "Chemical"}[i/len(surnames)])
		site := fmt.Sprintf("https://firm%02d.example", i)
		w.add(schemas.Companies, row{"company_id": fmt.Sprintf("c%02d", i), "name": name, "website": site, "city": "Berlin", "country": "Germany", "industry": "Transport"})
		w.add(schemas.Account, row{"Id": account(i), "Name": name, "Website": site, "BillingCity": "Berlin", "BillingCountry": "Germany", "OwnerId": w.seller(), "CreatedDate": stamp(firstDay), "LastModifiedDate": stamp(firstDay)})
	}
	for i := range people {
		given, surname, at := givenNames[i%len(givenNames)], surnames[(i*7)%len(surnames)], i%accounts
		mail := fmt.Sprintf("%s.%s%d@firm%02d.example", strings.ToLower(given), strings.ToLower(surname), i, at)
		w.add(schemas.People, row{"member_id": fmt.Sprintf("m%03d", i), "first_name": given, "last_name": surname, "company": w.rows[schemas.Companies][at]["name"], "company_id": fmt.Sprintf("c%02d", at), "city": "Berlin", "country": "Germany", "email": mail})
		if i%5 == 4 {
			w.add(schemas.Lead, row{"Id": fmt.Sprintf("00Q%012dAAA", i), "FirstName": given, "LastName": surname, "Company": w.rows[schemas.Companies][at]["name"], "Email": mail, "IsConverted": "false", "OwnerId": w.seller(), "Status": "Open", "CreatedDate": stamp(firstDay), "LastModifiedDate": stamp(firstDay)})
			continue
		}
		w.add(schemas.Contact, row{"Id": fmt.Sprintf("003%012dAAA", i), "AccountId": account(at), "FirstName": given, "LastName": surname, "Email": mail, "CreatedDate": stamp(firstDay), "LastModifiedDate": stamp(firstDay)})
	}
	for range 70 {
		w.deal()
	}
	for range 400 {
		w.use(w.now.Add(-time.Duration(w.r.Int64N(int64(120 * 24 * time.Hour)))))
	}
	return w
}

func account(i int) string { return fmt.Sprintf("001%012dAAA", i) }

func (w *world) add(ds *schemas.Dataset, r row) { w.rows[ds] = append(w.rows[ds], r) }
func (w *world) seller() string                 { return fmt.Sprintf("005%012dAAA", w.r.IntN(4)) }

func (w *world) deal() {
	w.next++
	id := fmt.Sprintf("006%012dAAA", w.next)
	created := w.now.Add(-time.Duration(w.r.Int64N(int64(60 * 24 * time.Hour))))
	w.add(schemas.Opportunity, row{
		"Id": id, "AccountId": account(w.r.IntN(accounts)), "Name": "Deal " + id, "OwnerId": w.seller(), "StageName": stages[w.r.IntN(3)], "Amount": fmt.Sprint(1000 + w.r.IntN(90000)),
		"IsClosed": "false", "IsWon": "false", "CreatedDate": stamp(created), "CloseDate": date(w.now.AddDate(0, 0, w.r.IntN(60))), "LastModifiedDate": stamp(created),
	})
	contact := w.rows[schemas.Contact][w.r.IntN(len(w.rows[schemas.Contact]))]["Id"]
	w.add(schemas.OpportunityContactRole, row{"Id": fmt.Sprintf("00K%012dAAA", w.next), "ContactId": contact, "OpportunityId": id, "IsPrimary": "true", "CreatedDate": stamp(w.now), "LastModifiedDate": stamp(w.now)})
}

func (w *world) use(at time.Time) {
	u := row{"usage_id": fmt.Sprintf("u%06d", len(w.rows[schemas.Usage])), "seat_id": fmt.Sprint("s", w.r.IntN(4)), "kind": []string{"profile_view", "save", "search"}[w.r.IntN(3)], "occurred_at": stamp(at)}
	if w.r.IntN(3) == 0 {
		u["company_id"] = fmt.Sprintf("c%02d", w.r.IntN(accounts))
	} else {
		u["member_id"] = fmt.Sprintf("m%03d", w.r.IntN(people))
	}
	w.add(schemas.Usage, u)
}

// day passes: stages move, deals close, change their owner and their amount, new ones come, records are edited, some vanish.
func (w *world) day() {
	w.now = w.now.AddDate(0, 0, 1)
	edit := func(ds *schemas.Dataset, n int, change func(row)) {
		for range n {
			i := w.r.IntN(len(w.rows[ds]))
			r := maps.Clone(w.rows[ds][i])
			change(r)
			if ds.Index("LastModifiedDate") >= 0 {
				r["LastModifiedDate"] = stamp(w.now.Add(-time.Duration(w.r.IntN(12)) * time.Hour))
			}
			w.rows[ds][i] = r
		}
	}
	edit(schemas.Opportunity, 6, func(r row) { r["StageName"] = stages[w.r.IntN(3)] })
	edit(schemas.Opportunity, 2, func(r row) { r["OwnerId"] = w.seller() })
	edit(schemas.Opportunity, 2, func(r row) { r["Amount"] = fmt.Sprint(500 + w.r.IntN(90000)) })
	edit(schemas.Opportunity, 3, func(r row) {
		r["IsClosed"], r["CloseDate"], r["StageName"], r["IsWon"] = "true", date(w.now), "Closed", fmt.Sprint(w.r.IntN(2) == 0)
	})
	edit(schemas.Contact, 3, func(r row) { r["LastActivityDate"] = date(w.now.AddDate(0, 0, -w.r.IntN(30))) })
	edit(schemas.Contact, 1, func(r row) { r["LastName"], r["Email"] = surnames[w.r.IntN(len(surnames))], "" })
	edit(schemas.Contact, 1, func(r row) { r["AccountId"] = account(w.r.IntN(accounts)) })
	edit(schemas.Account, 1, func(r row) { r["Name"], r["Website"] = r["Name"]+" AG", "" })
	for range 2 {
		w.deal()
	}
	for range 12 {
		w.use(w.now.Add(-time.Duration(w.r.IntN(24)) * time.Hour))
	}
	if w.r.IntN(3) == 0 {
		all := w.rows[schemas.Opportunity]
		w.rows[schemas.Opportunity] = slices.Delete(slices.Clone(all), 5, 6)
	}
}

// give publishes the world as extract and directory do.
type give struct{ *world }

func (give) Name() string              { return "give" }
func (give) Reads() []*schemas.Dataset { return nil }
func (give) Writes() []*schemas.Dataset {
	return append(append([]*schemas.Dataset{schemas.Org}, schemas.CRMObjects...), schemas.NavigatorDatasets...)
}

func (g give) Run(ctx context.Context, run *pipeline.Run) error {
	for _, ds := range g.Writes() {
		w, err := run.Create(ctx, ds)
		if err != nil {
			return err
		}
		b := columnar.NewBuilder(memory.DefaultAllocator, ds)
		for _, r := range g.rows[ds] {
			for name, text := range r {
				b.Text(ds.Index(name), text)
			}
			if err := b.EndRow(); err != nil {
				return fmt.Errorf("%s: %w", ds.Name, err)
			}
		}
		rec := b.NewRecord()
		err = w.Write(ctx, rec)
		rec.Release()
		b.Release()
		if err != nil {
			return err
		}
		if _, err := run.PublishBase(ctx, ds, w, pipeline.WithWatermark(run.AsOf)); err != nil {
			return err
		}
	}
	return nil
}

// site is a contract with its home, store and database.
type site struct {
	t        *testing.T
	contract string
	home     pipeline.Home
	store    *snapshot.Store
	db       *postgres.DB
	syncs    []*pipeline.Manifest
}

func newSite(t *testing.T, db *postgres.DB, contract string) *site {
	t.Helper()
	s := &site{t: t, contract: contract, home: pipeline.Home{Dir: t.TempDir()}, db: db}
	var err error
	if s.store, err = snapshot.Open(s.home.DataDir(), snapshot.Options{}); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *site) set(key, value string) {
	s.t.Helper()
	if err := control.Set(s.t.Context(), s.db, s.contract, "ann", key, value); err != nil {
		s.t.Fatal(err)
	}
}

// sync runs a sync over the world.
func (s *site) sync(w *world) *pipeline.Manifest {
	s.t.Helper()
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	r := &pipeline.Runner{
		Contract: s.contract, Home: s.home, Store: s.store, Log: quiet, Progress: pipeline.NoProgress{}, Recorder: &load.Recorder{DB: s.db},
		Budget: 64 << 20, Workers: 2, Now: func(context.Context) (time.Time, error) { return w.now, nil },
	}
	m, err := r.Run(s.t.Context(), pipeline.Job{Name: jobs.SyncName, Stages: []pipeline.Stage{
		&control.Stage{DB: s.db}, give{w}, &match.Stage{Retrain: 0.2}, &autosave.Stage{}, &roi.Stage{}, &load.Stage{DB: s.db},
	}})
	if err != nil {
		s.t.Fatal(err)
	}
	s.syncs = append(s.syncs, m)
	return m
}

func (s *site) backfill(name string, then bool) *backfill.Backfill {
	return &backfill.Backfill{
		Name: name, Contract: s.contract, Home: s.home, Store: s.store, DB: s.db, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Progress: pipeline.NoProgress{}, Budget: 1 << 30, Workers: 2, Stages: backfill.Stages, Then: then,
	}
}

// plan has an instant for each sync.
func (s *site) plan() *backfill.Plan {
	s.t.Helper()
	instants, err := backfill.Instants(s.syncs[0].AsOf, s.syncs[len(s.syncs)-1].AsOf, 24*time.Hour)
	if err != nil {
		s.t.Fatal(err)
	}
	p, err := backfill.NewPlan(s.home, instants)
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

// lines are the rows of a data set as a run sees it, each as text.
func (s *site) lines(m *pipeline.Manifest, ds *schemas.Dataset) []string {
	s.t.Helper()
	e, ok := m.Entry(ds.Name)
	if !ok {
		return nil
	}
	r, err := s.store.Read(s.t.Context(), ds, e)
	if err != nil {
		s.t.Fatal(err)
	}
	var out []string
	if err := columnar.Each(s.t.Context(), r, func(rec arrow.Record) error {
		for i := range int(rec.NumRows()) {
			var cells []string
			for c, col := range rec.Columns() {
				if !col.IsNull(i) {
					cells = append(cells, rec.ColumnName(c)+"="+col.ValueStr(i))
				}
			}
			out = append(out, strings.Join(cells, " "))
		}
		return nil
	}); err != nil {
		s.t.Fatal(err)
	}
	return out
}
