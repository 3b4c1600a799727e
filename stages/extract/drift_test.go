package extract_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/extract"
)

// counted are the counts of a run whose names begin so.
func counted(m *pipeline.Manifest, prefix string) (names []string) {
	for name := range m.Stage("extract").Counts {
		if strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// TestSchemaDrift changes what describe shows from run to run.
func TestSchemaDrift(t *testing.T) {
	b := newBench(t, fakeforce.Options{PageSize: 10, CustomFields: map[string][]fakeforce.Field{"Contact": {{Name: "New__c", Type: fakeforce.TypeString}}}})
	b.must(b.org.HideField("Contact", "New__c"))
	b.fill(12)
	b.later(time.Hour)
	retype := ""
	defer b.describe(func(object, body string) string {
		if object != "Contact" || retype == "" {
			return body
		}
		var d map[string]any
		b.must(json.Unmarshal([]byte(body), &d))
		for _, f := range d["fields"].([]any) {
			if f := f.(map[string]any); f["name"] == "Title" {
				f["type"] = retype
			}
		}
		text, err := json.Marshal(d)
		b.must(err)
		return string(text)
	})()
	steps := []struct {
		name string
		do   func()
		want []string
		warn string
	}{
		{"first", func() {}, nil, ""},
		{"nothing", func() {}, nil, ""},
		{"a custom field is irrelevant", func() { b.must(b.org.ShowField("Contact", "New__c")) }, nil, ""},
		{"hidden", func() { b.must(b.org.HideField("Contact", "Email")) }, []string{"drift.Contact.Email.hidden"}, "field=Email was=email"},
		{"still hidden", func() {}, nil, "field=Email"},
		{"shown", func() { b.must(b.org.ShowField("Contact", "Email")) }, []string{"drift.Contact.Email.shown"}, ""},
		{"retyped", func() { retype = "picklist" }, []string{"drift.Contact.Title.retyped"}, "field=Title was=string is=picklist"},
		{"still retyped", func() {}, nil, ""},
	}
	for _, step := range steps {
		step.do()
		b.later(time.Hour)
		from := b.log.Len()
		m := b.run()
		if got := counted(m, "drift."); !slices.Equal(got, step.want) {
			t.Errorf("%s: %v, want %v", step.name, got, step.want)
		}
		e, _ := m.Entry(schemas.Contact.Name)
		if full := len(e.Layers) == 1 && e.Layers[0].RunID == m.RunID; full != (step.want != nil || step.name == "first") {
			t.Errorf("%s: read in full: %t", step.name, full)
		}
		warned := strings.Contains(b.log.String()[from:], "level=WARN")
		if warned != (step.warn != "") || !strings.Contains(b.log.String()[from:], step.warn) {
			t.Errorf("%s: log:\n%s", step.name, b.log.String()[from:])
		}
		if !strings.Contains(step.name, "hidden") {
			b.equal(m)
		}
	}
}

// describe has answers of describe changed.
func (b *bench) describe(change func(object, body string) string) (remove func()) {
	return b.org.AddHook(func(w http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) {
		if call.Kind != fakeforce.KindDescribe {
			next.ServeHTTP(w, r)
			return
		}
		r.Header.Del("Accept-Encoding")
		rec := httptest.NewRecorder()
		next.ServeHTTP(rec, r)
		for k, v := range rec.Header() {
			if k != "Content-Length" {
				w.Header()[k] = v
			}
		}
		w.WriteHeader(rec.Code)
		fmt.Fprint(w, change(call.Object, rec.Body.String()))
	})
}

// TestNarrowedPermissions take away what can't be done without: the run stops, says what, and changes nothing.
func TestNarrowedPermissions(t *testing.T) {
	for name, tt := range map[string]struct {
		narrow func(b *bench) (remove func())
		want   error
		says   string
	}{
		"required field": {func(b *bench) func() {
			b.must(b.org.HideField("Contact", "LastName"))
			return func() { b.must(b.org.ShowField("Contact", "LastName")) }
		}, salesforce.ErrNoField, "field Contact.LastName"},
		"object not queryable": {func(b *bench) func() {
			return b.describe(func(object, body string) string {
				if object == "Contact" {
					body = strings.Replace(body, `"queryable":true`, `"queryable":false`, 1)
				}
				return body
			})
		}, salesforce.ErrPermission, "Contact can't be queried"},
		"object not there": {func(b *bench) func() {
			return b.org.AddHook(func(w http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) {
				if call.Kind == fakeforce.KindDescribe && call.Object == "Contact" {
					http.Error(w, `[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]`, http.StatusNotFound)
					return
				}
				next.ServeHTTP(w, r)
			})
		}, salesforce.ErrNotFound, "describe Contact"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, fakeforce.Options{})
			b.fill(3)
			b.later(time.Hour)
			b.run()
			b.later(time.Hour)
			remove := tt.narrow(b)
			m, err := b.try(t.Context())
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), "read Contact") {
				t.Errorf("error %v", err)
			}
			if len(m.Datasets) != 0 {
				t.Errorf("published %v", m.Datasets)
			}
			remove()
			b.equal(b.run())
		})
	}
}

// TestIncompleteRecordsAreSetAside has a record lose a field that every record has: it is told in every run until it is mended, and a
// sweep does not take it for missing.
func TestIncompleteRecordsAreSetAside(t *testing.T) {
	for name, restRows := range map[string]int64{"REST": 0, "Bulk": 1} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, fakeforce.Options{PageSize: 10})
			b.stage.RESTRows = restRows
			b.fill(12)
			b.later(time.Hour)
			b.run()
			ids := slices.Sorted(keysOf(b.inOrg(schemas.Contact)))
			set := func(value any, ids ...string) {
				for _, id := range ids {
					b.must(b.org.Update("Contact", id, map[string]any{"LastName": value}))
				}
			}
			check := func(step string, aside ...string) {
				t.Helper()
				b.later(time.Hour)
				m := b.run()
				want := b.inOrg(schemas.Contact)
				for _, id := range aside {
					delete(want, id)
				}
				got := b.inSnapshot(m, schemas.Contact)
				if a, b := slices.Sorted(keysOf(want)), slices.Sorted(keysOf(got)); !slices.Equal(a, b) {
					t.Errorf("%s: %v, want %v", step, b, a)
				}
				e, _ := m.Entry(schemas.Contact.Name)
				if !slices.Equal(e.SetAside, aside) || m.Count("set_aside.crm_contact") != int64(len(aside)) {
					t.Errorf("%s: set aside %v, want %v", step, e.SetAside, aside)
				}
			}
			set(nil, ids[2], ids[5])
			check("two lose their names", ids[2], ids[5])
			if n := strings.Count(b.log.String(), "a record is set aside"); n != 2 || !strings.Contains(b.log.String(), ids[5]) ||
				!strings.Contains(b.log.String(), "crm_contact.LastName") {
				t.Errorf("%d warnings:\n%s", n, b.log)
			}
			check("nothing changed", ids[2], ids[5])
			b.stage.SweepEvery = time.Minute
			check("swept", ids[2], ids[5])
			if text := b.log.String(); !strings.Contains(text, "all ids were compared") || strings.Contains(text, "missing=2") {
				t.Errorf("what is set aside was looked for:\n%s", text)
			}
			set("Mended", ids[5])
			check("one is mended", ids[2])
			b.stage.SweepEvery = 0
			set("Mended", ids[2])
			check("both are mended")
			set(nil, ids[1], ids[3])
			check("others", ids[1], ids[3])
			b.must(b.org.Delete("Contact", ids[1]))
			check("one is deleted", ids[3])
			b.must(b.org.HardDelete("Contact", ids[3]))
			check("one is deleted for good")
		})
	}
}

// TestManyIncompleteRecordsStop a run: it is the org then, or what is seen of it, and no accident.
func TestManyIncompleteRecordsStop(t *testing.T) {
	b := newBench(t, fakeforce.Options{PageSize: 60})
	b.stage.Objects = []*schemas.Dataset{schemas.Contact}
	for i := range 101 {
		b.must(b.org.Update("Contact", b.insert("Contact", map[string]any{"LastName": fmt.Sprint(i)}), map[string]any{"LastName": nil}))
	}
	b.insert("Contact", map[string]any{"LastName": "Fine"})
	b.later(time.Hour)
	if _, err := b.try(t.Context()); !errors.Is(err, extract.ErrIncomplete) || !strings.Contains(err.Error(), "read Contact") {
		t.Errorf("error %v", err)
	}
}
