package feature

import (
	"github.com/crmsync/crmsync/stages/match/block"
	"github.com/crmsync/crmsync/stages/match/record"
)

// People makes the set that compares people: CRM contacts and leads on the left, directory profiles on the right.
func People(left, right *record.Table, o Options) *Set {
	left, right = completeNames(left), completeNames(right)
	s := &Set{Entity: Person, Left: left, Right: right, Required: []string{"given_name", "surname"}, Identity: []string{"given_name", "surname"}, Proof: []string{"email", "phone"}}
	w := newWords()
	swap, given, family := nameComparisons(s, w, left, right, o)
	s.swap = swap
	company, x, employers := employerComparison(w, left, right, o.Workers)
	place, places := placeComparison(w, left, right, o.Workers, "company")
	email, boxes := emailComparison(w, left, right, o.Workers)
	phone, lines := phoneComparison(w, left, right, o, "company")
	postal, codes := postalComparison(left, right, o.Workers)
	street, streets := streetComparison(left, right, o.Workers)
	s.Comparisons = append(s.Comparisons, company, titleComparison(left, right, o.Workers), place, postal, street, email, phone)
	s.drop()
	s.Rules = personRules(w, x, given, family, employers, places, codes, streets, boxes, lines)
	return s
}

// drop leaves out the comparisons of which one side never has a value, and the dependence on them.
func (s *Set) drop() {
	kept := s.Comparisons[:0]
	for _, c := range s.Comparisons {
		if !c.Missing() {
			kept = append(kept, c)
		}
	}
	s.Comparisons = kept
	for _, c := range kept {
		if s.Index(c.Parent) < 0 {
			c.Parent = ""
		}
	}
	if s.swap != nil {
		s.swap.given, s.swap.surname = s.Index("given_name"), s.Index("surname")
	}
}

// sides makes the keys of both sides from a function of a derived column.
func sides[V any](c [2]column[V], fn func(v *V, dst []uint64) []uint64) (left, right block.Keys) {
	of := func(c column[V]) block.Keys {
		return func(row int, dst []uint64) []uint64 {
			if c.codes == nil || c.codes[row] == 0 {
				return dst
			}
			return fn(&c.values[c.codes[row]], dst)
		}
	}
	return of(c[0]), of(c[1])
}

// pairs makes the keys of both sides from two derived columns, both present.
func pairs[A, B any](a [2]column[A], b [2]column[B], fn func(x *A, y *B, dst []uint64) []uint64) (left, right block.Keys) {
	of := func(a column[A], b column[B]) block.Keys {
		return func(row int, dst []uint64) []uint64 {
			if a.codes == nil || b.codes == nil || a.codes[row] == 0 || b.codes[row] == 0 {
				return dst
			}
			return fn(&a.values[a.codes[row]], &b.values[b.codes[row]], dst)
		}
	}
	return of(a[0], b[0]), of(a[1], b[1])
}

// refiner splits blocks by one value of a derived column.
func refiner[V any](name string, c [2]column[V], value func(v *V) uint64) block.Refiner {
	of := func(c column[V]) func(int) uint64 {
		return func(row int) uint64 {
			if c.codes == nil || c.codes[row] == 0 {
				return 0
			}
			return value(&c.values[c.codes[row]])
		}
	}
	return block.Refiner{Name: name, Left: of(c[0]), Right: of(c[1])}
}
