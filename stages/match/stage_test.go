package match_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"go.uber.org/goleak"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match"
	"github.com/crmsync/crmsync/stages/match/linkage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fields are the values of a row; fields that are required and not given get a value of their type.
type fields map[string]string

// feed is a stage that publishes rows given as text.
type feed map[*schemas.Dataset][]fields

func (feed) Name() string               { return "feed" }
func (feed) Reads() []*schemas.Dataset  { return nil }
func (feed) Writes() []*schemas.Dataset { return (&match.Stage{}).Reads() }

func (f feed) Run(ctx context.Context, run *pipeline.Run) error {
	for _, ds := range f.Writes() {
		w, err := run.Create(ctx, ds)
		if err != nil {
			return err
		}
		b := columnar.NewBuilder(memory.DefaultAllocator, ds)
		for _, r := range f[ds] {
			for i, field := range ds.Fields {
				v, ok := r[field.Name]
				if !ok && field.Nullable() || ok && v == "" {
					continue
				}
				n, _ := strconv.ParseInt(v, 10, 64)
				switch field.Type {
				case schemas.Bool:
					b.Bool(i, v == "true")
				case schemas.Int64:
					b.Int(i, n)
				case schemas.Float64:
					b.Float(i, float64(n))
				case schemas.Date, schemas.Timestamp:
					b.Time(i, time.Date(2026, 1, 1, 0, 0, int(n), 0, time.UTC))
				default:
					b.String(i, v)
				}
			}
			if err := b.EndRow(); err != nil {
				return err
			}
		}
		rec := b.NewRecord()
		if rec.NumRows() > 0 {
			err = w.Write(ctx, rec)
		}
		rec.Release()
		b.Release()
		if err != nil {
			return err
		}
		if _, err := run.Publish(ctx, ds, w); err != nil {
			return err
		}
	}
	return nil
}

// outcome is what the stage published, read back.
type outcome struct {
	links map[string]fields // by object and record id
	rates map[string]fields
	bins  int64
	model []byte
	home  pipeline.Home
	store *snapshot.Store
	m     *pipeline.Manifest
}

func runStage(t *testing.T, f feed, s *match.Stage, workers int) outcome {
	t.Helper()
	home := pipeline.Home{Dir: t.TempDir()}
	store, err := snapshot.Open(home.DataDir(), snapshot.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return runIn(t, home, store, f, s, workers)
}

// runIn runs the stage in a home that may have seen earlier runs.
func runIn(t *testing.T, home pipeline.Home, store *snapshot.Store, f feed, s *match.Stage, workers int) outcome {
	t.Helper()
	runner := &pipeline.Runner{
		Contract: "acme", Home: home, Store: store, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Progress: pipeline.NoProgress{},
		Budget: 256 << 20, Workers: workers,
		Now: func(context.Context) (time.Time, error) { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), nil },
	}
	m, err := runner.Run(t.Context(), pipeline.Job{Name: "sync", Stages: []pipeline.Stage{f, s}})
	if err != nil {
		t.Fatal(err)
	}
	o := outcome{links: map[string]fields{}, rates: map[string]fields{}, home: home, store: store, m: m}
	for _, r := range o.read(t, schemas.Links) {
		o.links[r["object"]+" "+r["record_id"]] = r
	}
	for _, r := range o.read(t, schemas.MatchRates) {
		o.rates[r["object"]] = r
	}
	for _, r := range o.read(t, schemas.MatchScores) {
		n, _ := strconv.ParseInt(r["records"], 10, 64)
		o.bins += n
	}
	if o.model, err = os.ReadFile(filepath.Join(home.RunDir(m.RunID), "files", match.ModelFile)); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o outcome) read(t *testing.T, ds *schemas.Dataset) (rows []fields) {
	t.Helper()
	e, ok := o.m.Entry(ds.Name)
	if !ok {
		t.Fatalf("%s is not published", ds.Name)
	}
	r, err := o.store.Read(t.Context(), ds, e)
	if err != nil {
		t.Fatal(err)
	}
	err = columnar.Each(t.Context(), r, func(rec arrow.Record) error {
		for i := range int(rec.NumRows()) {
			row := fields{}
			for _, f := range ds.Fields {
				switch f.Type {
				case schemas.Int64:
					row[f.Name] = strconv.FormatInt(columnar.Ints(rec, f.Name).Value(i), 10)
				case schemas.Float64:
					row[f.Name] = strconv.FormatFloat(columnar.Floats(rec, f.Name).Value(i), 'g', -1, 64)
				default:
					row[f.Name] = columnar.Strings(rec, f.Name).Value(i) + ""
				}
			}
			rows = append(rows, row)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func csvRows(t *testing.T, file string) (rows []fields) {
	t.Helper()
	f, err := os.Open(filepath.Join("../../testdata/fortune", file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, rec := range all[1:] {
		row := fields{}
		for i, name := range all[0] {
			row[name] = rec[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// fortune is the sample as an org and an export hold it: contacts belong to accounts by id.
func fortune(t *testing.T) feed {
	t.Helper()
	f := feed{schemas.Account: csvRows(t, "crm_accounts.csv"), schemas.Companies: csvRows(t, "directory_companies.csv"), schemas.People: csvRows(t, "directory_people.csv")}
	own := map[string]string{}
	for _, c := range csvRows(t, "crm_contacts.csv") {
		name := c["AccountName"]
		if own[name] == "" {
			own[name] = "n" + c["Id"]
			f[schemas.Account] = append(f[schemas.Account], fields{"Id": own[name], "Name": name, "BillingCity": c["MailingCity"], "BillingState": c["MailingState"]})
		}
		c["AccountId"] = own[name]
		f[schemas.Contact] = append(f[schemas.Contact], c)
	}
	return f
}

func TestStage(t *testing.T) {
	f := fortune(t)
	contact := func(i int) fields { return f[schemas.Contact][i] }
	f[schemas.Lead] = []fields{
		// A duplicate of contact 3 on purpose, a lead that became contact 5, one whose contact is gone, one about nobody.
		{"Id": "l1", "FirstName": contact(3)["FirstName"], "LastName": contact(3)["LastName"], "Company": contact(3)["AccountName"]},
		{"Id": "l2", "FirstName": contact(5)["FirstName"], "LastName": contact(5)["LastName"], "Company": contact(5)["AccountName"], "City": contact(5)["MailingCity"], "IsConverted": "true", "ConvertedContactId": contact(5)["Id"]},
		{"Id": "l3", "FirstName": contact(7)["FirstName"], "LastName": contact(7)["LastName"], "Company": contact(7)["AccountName"], "IsConverted": "true", "ConvertedContactId": "gone"},
		{"Id": "l4", "FirstName": "Nobody", "LastName": "Inparticular", "Company": "None Such GmbH"},
		{"Id": "l5", "FirstName": "Linked", "LastName": "Byhand", "Company": "Elsewhere Ltd"},
	}
	free := "p0001" // a profile that no contact is about
	f[schemas.Decisions] = []fields{
		{"object": "Lead", "record_id": "l5", "target_id": free, "verdict": "link", "decided_by": "ann", "decided_at": "5"},
		{"object": "Contact", "record_id": contact(10)["Id"], "target_id": "nosuch", "verdict": "link", "decided_by": "ann", "decided_at": "5"},
	}
	before := runStage(t, f, &match.Stage{}, 2)
	var refused fields
	for _, l := range before.links {
		if l["object"] == "Account" && l["decision"] == linkage.Link && l["record_id"] == "a0000" {
			refused = l
		}
	}
	if refused == nil {
		t.Fatal("account a0000 is not linked")
	}
	f[schemas.Decisions] = append(f[schemas.Decisions], fields{"object": "Account", "record_id": "a0000", "target_id": refused["target_id"], "verdict": "reject", "decided_by": "bob", "decided_at": "6"})
	o := runStage(t, f, &match.Stage{}, 1)

	if l := o.links["Lead l5"]; l["target_id"] != free || l["origin"] != "manual" || l["decision"] != linkage.Link {
		t.Errorf("hand-made link: %v", l)
	}
	if l, ok := o.links["Contact "+contact(10)["Id"]]; ok {
		t.Errorf("contact linked by hand to a profile that is gone has a row: %v", l)
	}
	if l := o.links["Account a0000"]; l["target_id"] == refused["target_id"] {
		t.Errorf("refused pair is back: %v", l)
	}
	if l := o.links["Lead l1"]; l["decision"] != linkage.Duplicate || l["duplicate_of"] != contact(3)["Id"] {
		t.Errorf("duplicate: %v", l)
	}
	target := o.links["Contact "+contact(5)["Id"]]["target_id"]
	if l := o.links["Lead l2"]; l["decision"] != "converted" || l["duplicate_of"] != contact(5)["Id"] || l["target_id"] != target {
		t.Errorf("converted lead: %v, contact is linked to %s", l, target)
	}
	for _, id := range []string{"l3", "l4"} {
		if l, ok := o.links["Lead "+id]; ok {
			t.Errorf("lead %s has a row: %v", id, l)
		}
	}
	checkLinks(t, o)
	if r := o.rates["Lead"]; r["records"] != "5" || r["converted"] != "2" || r["duplicates"] != "1" || r["eligible"] != "2" || r["linked"] != "1" || r["linked_by_hand"] != "1" || r["rate"] != "0.5" {
		t.Errorf("rates of leads: %v", r)
	}
	if n := o.rates["Contact"]["records"]; n != strconv.Itoa(len(f[schemas.Contact])) || o.bins == 0 {
		t.Errorf("%s contacts counted, %d records in bins", n, o.bins)
	}
	t.Logf("rates: %v", o.rates)
}

// checkLinks holds the invariants of the data set: R15, decisions that are known, evidence that adds up to the weight.
func checkLinks(t *testing.T, o outcome) {
	t.Helper()
	holder := map[string]string{}
	for key, l := range o.links {
		switch l["decision"] {
		case linkage.Link:
			target := l["target_kind"] + l["target_id"]
			if other, taken := holder[target]; taken {
				t.Errorf("%s and %s are both linked to %s", key, other, target)
			}
			holder[target] = key
		case linkage.Review:
		case linkage.Duplicate, "converted":
			if l["duplicate_of"] == "" {
				t.Errorf("%s: %s of nothing", key, l["decision"])
			}
		default:
			t.Errorf("%s: decision %q", key, l["decision"])
		}
		var evidence []linkage.Evidence
		if err := json.Unmarshal([]byte(l["evidence"]), &evidence); err != nil || len(evidence) == 0 || evidence[0].Feature != "prior" {
			t.Fatalf("%s: evidence %s: %v", key, l["evidence"], err)
		}
		sum := 0.0
		for _, e := range evidence {
			sum += e.Bits
		}
		weight, _ := strconv.ParseFloat(l["weight"], 64)
		p, _ := strconv.ParseFloat(l["probability"], 64)
		if math.Abs(sum-weight) > 1e-9 || math.Abs(p-1/(1+math.Exp2(-weight))) > 1e-9 {
			t.Errorf("%s: evidence adds up to %v, weight %v, probability %v", key, sum, weight, p)
		}
	}
	for key, l := range o.links {
		if d := l["decision"]; d == linkage.Duplicate || d == "converted" {
			if h := holder[l["target_kind"]+l["target_id"]]; h == "" || h[len(h)-len(l["duplicate_of"]):] != l["duplicate_of"] {
				t.Errorf("%s gave way to %s, but %q holds %s", key, l["duplicate_of"], h, l["target_id"])
			}
		}
	}
}

// TestModelFileGivesTheSameLinks runs with the model that an earlier run kept.
func TestModelFileGivesTheSameLinks(t *testing.T) {
	f := fortune(t)
	first := runStage(t, f, &match.Stage{}, 2)
	model, err := match.ReadModel(first.model)
	if err != nil {
		t.Fatal(err)
	}
	again := runStage(t, f, &match.Stage{Model: model}, 2)
	if len(again.links) != len(first.links) {
		t.Fatalf("%d links, first %d", len(again.links), len(first.links))
	}
	for key, l := range first.links {
		for name, v := range l {
			if again.links[key][name] != v {
				t.Fatalf("%s.%s = %s, first %s", key, name, again.links[key][name], v)
			}
		}
	}
	for name, data := range map[string]string{"no JSON": "{", "no models": "{}", "version": `{"company":{"version":99},"person":{"version":99}}`} {
		if _, err := match.ReadModel([]byte(data)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestNothingToMatch(t *testing.T) {
	o := runStage(t, feed{}, &match.Stage{}, 2)
	if len(o.links) != 0 || o.rates["Account"]["records"] != "0" || o.rates["Contact"]["rate"] != "0" {
		t.Errorf("links %v, rates %v", o.links, o.rates)
	}
}

// TestDecisionsFollowConversion: what was decided by hand about a lead holds for the contact that it became.
func TestDecisionsFollowConversion(t *testing.T) {
	f := fortune(t)
	plain := runStage(t, f, &match.Stage{}, 1)
	linked, refused := f[schemas.Contact][5], f[schemas.Contact][6]
	f[schemas.Lead] = []fields{
		{"Id": "l1", "FirstName": "Any", "LastName": "Name", "IsConverted": "true", "ConvertedContactId": linked["Id"]},
		{"Id": "l2", "FirstName": "Other", "LastName": "Name", "IsConverted": "true", "ConvertedContactId": refused["Id"]},
	}
	const free = "p0001" // a profile that no contact is about
	before := plain.links["Contact "+refused["Id"]]["target_id"]
	f[schemas.Decisions] = []fields{
		{"object": "Lead", "record_id": "l1", "target_id": free, "verdict": "link", "decided_by": "ann", "decided_at": "5"},
		{"object": "Lead", "record_id": "l2", "target_id": before, "verdict": "reject", "decided_by": "ann", "decided_at": "5"},
	}
	o := runStage(t, f, &match.Stage{}, 1)
	if l := o.links["Contact "+linked["Id"]]; l["target_id"] != free || l["origin"] != "manual" {
		t.Errorf("the contact of a lead that was linked by hand: %v", l)
	}
	if l := o.links["Lead l1"]; l["decision"] != "converted" || l["target_id"] != free || l["duplicate_of"] != linked["Id"] {
		t.Errorf("a lead that was linked by hand and converted: %v", l)
	}
	if l := o.links["Contact "+refused["Id"]]; before == "" || l["target_id"] == before {
		t.Errorf("the contact of a lead whose profile was refused: %v", l)
	}
	checkLinks(t, o)
}
