package extract

import (
	"strings"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/salesforce"
)

// change is what became of a field since the run before.
type change string

const (
	hidden  change = "hidden"  // it was read, and is not shown any more
	shown   change = "shown"   // it was not read before
	retyped change = "retyped" // the org gave it another type
)

// advice says what to do about a change.
var advice = map[change]string{
	hidden: "a field that was read is not shown to the integration user any more, so its column is empty from now on and the object is read " +
		"in full; grant read access by field-level security if that was not intended",
	shown:   "a field is read that was not read before, so the object is read in full and every row has it",
	retyped: "a field has another type than before, so the object is read in full; look whether its values still mean the same",
}

// drift is one difference between two column sets.
type drift struct {
	field    string
	change   change
	was, now string // types
}

// fingerprintOf names the columns that are read, in order, each with the type that the org gives it.
func fingerprintOf(object *salesforce.Object, columns []string) string {
	var b strings.Builder
	for i, name := range columns {
		if i > 0 {
			b.WriteByte(',')
		}
		f, _ := object.Field(name)
		b.WriteString(name + ":" + f.Type)
	}
	return b.String()
}

// driftOf compares two fingerprints. Types that one of them does not tell are not compared.
func driftOf(was, now string) (list []drift) {
	before := map[string]string{}
	for part := range strings.SplitSeq(was, ",") {
		if name, kind, _ := strings.Cut(part, ":"); name != "" {
			before[name] = kind
		}
	}
	for part := range strings.SplitSeq(now, ",") {
		name, kind, _ := strings.Cut(part, ":")
		old, had := before[name]
		delete(before, name)
		switch {
		case !had:
			list = append(list, drift{name, shown, "", kind})
		case old != kind && old != "" && kind != "":
			list = append(list, drift{name, retyped, old, kind})
		}
	}
	for part := range strings.SplitSeq(was, ",") { // in the order of the columns
		name, kind, _ := strings.Cut(part, ":")
		if _, left := before[name]; left {
			list = append(list, drift{name, hidden, kind, ""})
		}
	}
	return list
}

// reportDrift tells how the fields differ from those of the run before. True means that older rows lack some fields, or hold what is
// stale, so that all have to be read again: neither a grant nor a new type moves SystemModstamp.
func (s *Stage) reportDrift(run *pipeline.Run, p *plan) bool {
	list := driftOf(p.prev.Fingerprint, p.fingerprint)
	for _, d := range list {
		run.Count("drift."+p.ds.Object+"."+d.field+"."+string(d.change), 1)
		attrs := []any{"object", p.ds.Object, "field", d.field, "was", d.was, "is", d.now}
		if d.change == shown {
			run.Log.Info(advice[d.change], attrs...)
			continue
		}
		run.Log.Warn(advice[d.change], attrs...)
	}
	return len(list) > 0
}
