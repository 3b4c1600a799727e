package linkage

import (
	"fmt"
	"io"
	"math"
	"runtime/debug"
	"sync"

	"github.com/crmsync/crmsync/stages/match/arrays"
	"github.com/crmsync/crmsync/stages/match/feature"
	"github.com/crmsync/crmsync/stages/match/record"
	"github.com/crmsync/crmsync/stages/match/weigh"
)

// Kept is what a linkage leaves for the next one to the same directory: the model, and the candidates of every left record with what
// each comparison adds to their weight. Scores are of one pair each, given the model, so those of a record that has not changed can be
// used again. Decisions are not kept: they are made anew, since records compete.
type Kept struct {
	head    keptHead
	ids     record.Dictionary
	digests []uint64 // of the records' values
	ends    []uint32 // of each record's candidates
	right   []uint32
	bits    []float64
	pattern []feature.Pattern
	parts   []int32 // as many for each candidate as there are comparisons
	// compared and uncompared count pairs by record.
	compared, uncompared []uint32
	texts                []uint64 // hashes of how the records were written, empty when that is not known
	order                []uint32 // rows by id
}

type keptHead struct {
	// Source identifies the directory and the settings that scores depend on.
	Source string         `json:"source"`
	Model  *weigh.Model   `json:"model"`
	Shape  *feature.Shape `json:"shape"`
	// Anew counts the records scored anew since the model was trained.
	Anew int `json:"anew"`
	// Written is the form in which the records were written, "" when that is not known.
	Written string `json:"written,omitempty"`
}

// keptVersion changes with the form of the file, and with what pairs weigh by one model.
const keptVersion = 2

// keptKind names the form of the file, the tables by which records are normalised, and the build of the program where that is known:
// scores made by other rules must not be mixed with those of today.
var keptKind = sync.OnceValue(func() string {
	build := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" || s.Key == "vcs.modified" {
				build += " " + s.Value
			}
		}
	}
	return fmt.Sprintf("crmsync scores %d, %s, build%s", keptVersion, feature.IndexKind(), build)
})

// Len is the number of records.
func (k *Kept) Len() int { return k.ids.Len() }

// Model returns the model by which the scores were made.
func (k *Kept) Model() *weigh.Model { return k.head.Model }

// Written returns how the records were written in the file that they came from, nil when that is not known, and their ids.
func (k *Kept) Written() (*record.Written, *record.Dictionary) {
	if k.head.Written == "" {
		return nil, nil
	}
	return &record.Written{Form: k.head.Written, Hashes: k.texts}, &k.ids
}

// Save writes the scores to a file that LoadKept reads.
func (k *Kept) Save(to io.Writer) error {
	w, err := arrays.NewWriter(keptKind(), k.head)
	if err != nil {
		return err
	}
	k.ids.Save(w, "ids")
	arrays.Add(w, "digests", k.digests)
	arrays.Add(w, "ends", k.ends)
	arrays.Add(w, "right", k.right)
	arrays.Add(w, "bits", k.bits)
	arrays.Add(w, "pattern", k.pattern)
	arrays.Add(w, "parts", k.parts)
	arrays.Add(w, "compared", k.compared)
	arrays.Add(w, "uncompared", k.uncompared)
	arrays.Add(w, "texts", k.texts)
	arrays.Add(w, "order", k.order)
	if _, err := w.WriteTo(to); err != nil {
		return fmt.Errorf("write scores: %w", err)
	}
	return nil
}

// LoadKept reads scores from the content of a file, with which they share memory (see arrays.Buffer). The error wraps arrays.ErrFormat
// when it is not what Save made.
func LoadKept(content []byte) (*Kept, error) {
	f, err := arrays.Read(keptKind(), content)
	if err != nil {
		return nil, err
	}
	k := &Kept{}
	if err := f.Meta(&k.head); err != nil {
		return nil, err
	}
	if k.ids, err = record.LoadDictionary(f, "ids"); err != nil {
		return nil, err
	}
	for _, get := range []func() error{
		func() (err error) { k.digests, err = arrays.Get[uint64](f, "digests"); return err },
		func() (err error) { k.ends, err = arrays.Get[uint32](f, "ends"); return err },
		func() (err error) { k.right, err = arrays.Get[uint32](f, "right"); return err },
		func() (err error) { k.bits, err = arrays.Get[float64](f, "bits"); return err },
		func() (err error) { k.pattern, err = arrays.Get[feature.Pattern](f, "pattern"); return err },
		func() (err error) { k.parts, err = arrays.Get[int32](f, "parts"); return err },
		func() (err error) { k.compared, err = arrays.Get[uint32](f, "compared"); return err },
		func() (err error) { k.uncompared, err = arrays.Get[uint32](f, "uncompared"); return err },
		func() (err error) { k.texts, err = arrays.Get[uint64](f, "texts"); return err },
		func() (err error) { k.order, err = arrays.Get[uint32](f, "order"); return err },
	} {
		if err := get(); err != nil {
			return nil, err
		}
	}
	if !k.sound() {
		return nil, fmt.Errorf("%w: its parts do not fit together", arrays.ErrFormat)
	}
	return k, nil
}

// sound reports whether the parts fit together.
func (k *Kept) sound() bool {
	n, pairs := k.ids.Len(), len(k.right)
	return k.head.Model != nil && k.head.Shape != nil && len(k.digests) == n && len(k.ends) == n && len(k.compared) == n && len(k.uncompared) == n && len(k.order) == n &&
		(k.head.Written == "" || len(k.texts) == n) &&
		len(k.bits) == pairs && len(k.pattern) == pairs && len(k.parts) == pairs*len(k.head.Shape.Comparisons) && (n == 0 || int(k.ends[n-1]) == pairs)
}

// find returns the row of a record; false when there is none. It is mostly the one that the record has now.
func (k *Kept) find(now int, id string) (int, bool) {
	if now < k.ids.Len() && k.ids.At(now) == id {
		return now, true
	}
	row, ok := k.ids.Find(id)
	return int(row), ok
}

// candidates returns the candidates of all rows, one row's after the other's.
func (k *Kept) candidates() []candidate {
	list := make([]candidate, len(k.right))
	for i := range list {
		list[i] = candidate{k.bits[i], k.pattern[i], k.right[i], uint32(i)}
	}
	return list
}

// span returns where a row's candidates are.
func (k *Kept) span(row int) (from, to uint32) {
	if row > 0 {
		from = k.ends[row-1]
	}
	return from, k.ends[row]
}

func (k *Kept) partsAt(candidate uint32) []int32 {
	n := uint32(len(k.head.Shape.Comparisons))
	return k.parts[candidate*n : (candidate+1)*n]
}

// keep collects what the next run can use of a run's scores; order is that of ids.
func keep(source string, model *weigh.Model, anew int, left *leftRows, order []uint32, w *weighed, s *scores) *Kept {
	n, pairs := left.Len(), 0
	for _, list := range s.best {
		pairs += len(list)
	}
	k := &Kept{
		head: keptHead{Source: source, Model: model, Shape: w.set.Shape(), Anew: anew}, digests: left.digests, ends: make([]uint32, 0, n),
		right: make([]uint32, 0, pairs), bits: make([]float64, 0, pairs), pattern: make([]feature.Pattern, 0, pairs),
		parts: make([]int32, 0, pairs*len(w.set.Comparisons)), compared: make([]uint32, 0, n), uncompared: make([]uint32, 0, n),
		order: order,
	}
	if left.written != nil {
		k.head.Written, k.texts = left.written.Form, left.written.Hashes
	}
	if left.listed != nil {
		k.ids = left.listed.ids
	} else {
		k.ids.Reserve(n)
		for l := range n {
			k.ids.Code(left.ID(l))
		}
	}
	var room [feature.MaxComparisons]int32
	for l := range n {
		if row := s.keptAt(l); row >= 0 {
			k.copy(w.before, row)
			continue
		}
		for _, c := range s.best[l] {
			_, parts, _ := w.pair(l, int(c.right), s.best[l], room[:0])
			k.right, k.bits, k.pattern, k.parts = append(k.right, c.right), append(k.bits, c.bits), append(k.pattern, c.pattern), append(k.parts, parts...)
		}
		k.ends = append(k.ends, uint32(len(k.right)))
		k.compared, k.uncompared = append(k.compared, clamp(s.compared[l])), append(k.uncompared, clamp(s.uncompared[l]))
	}
	return k
}

// copy takes over a row of the scores before.
func (k *Kept) copy(before *Kept, row int) {
	from, to := before.span(row)
	width := uint32(len(k.head.Shape.Comparisons))
	k.right, k.bits, k.pattern = append(k.right, before.right[from:to]...), append(k.bits, before.bits[from:to]...), append(k.pattern, before.pattern[from:to]...)
	k.parts = append(k.parts, before.parts[from*width:to*width]...)
	k.ends = append(k.ends, uint32(len(k.right)))
	k.compared, k.uncompared = append(k.compared, before.compared[row]), append(k.uncompared, before.uncompared[row])
}

// lists reports whether the records are some, in the same order.
func (k *Kept) lists(left *leftRows) bool {
	if k.Len() != left.Len() {
		return false
	}
	for row := range left.Len() {
		if k.ids.At(row) != left.ID(row) {
			return false
		}
	}
	return true
}

func clamp(n int64) uint32 { return uint32(min(n, math.MaxUint32)) }
