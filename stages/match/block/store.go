package block

import (
	"fmt"

	"github.com/crmsync/crmsync/stages/match/arrays"
)

// Layout describes an index in a file.
type Layout struct {
	Rules []RuleLayout `json:"rules"`
}

// RuleLayout describes the index of a rule.
type RuleLayout struct {
	Name   string `json:"name"`
	Shifts []uint `json:"shifts"` // of its stages
}

// Layout returns the description of the index.
func (x *Index) Layout() Layout {
	var l Layout
	for _, r := range x.rules {
		rule := RuleLayout{Name: r.name}
		for _, s := range r.stages {
			rule.Shifts = append(rule.Shifts, s.shift)
		}
		l.Rules = append(l.Rules, rule)
	}
	return l
}

// Save adds the index's arrays to a file.
func (x *Index) Save(w *arrays.Writer) {
	for i, r := range x.rules {
		for k, s := range r.stages {
			at := fmt.Sprintf("block.%d.%d.", i, k)
			arrays.Add(w, at+"starts", s.starts)
			arrays.Add(w, at+"tags", s.tags)
			arrays.Add(w, at+"rows", s.rows)
			arrays.Add(w, at+"crowds", s.crowds)
		}
	}
}

// Load reads an index from a file, and checks that its parts fit together.
func Load(f *arrays.File, l Layout) (*Index, error) {
	x := &Index{}
	for i, rule := range l.Rules {
		r := ruleIndex{name: rule.Name}
		for k, shift := range rule.Shifts {
			s := &stage{shift: shift}
			at := fmt.Sprintf("block.%d.%d.", i, k)
			var err error
			if s.starts, err = arrays.Get[uint32](f, at+"starts"); err != nil {
				return nil, err
			}
			if s.tags, err = arrays.Get[uint16](f, at+"tags"); err != nil {
				return nil, err
			}
			if s.rows, err = arrays.Get[uint32](f, at+"rows"); err != nil {
				return nil, err
			}
			if s.crowds, err = arrays.Get[crowd](f, at+"crowds"); err != nil {
				return nil, err
			}
			if !s.sound() {
				return nil, fmt.Errorf("%w: the parts of blocking rule %q do not fit together", arrays.ErrFormat, rule.Name)
			}
			r.stages = append(r.stages, s)
		}
		x.rules = append(x.rules, r)
	}
	return x, nil
}

// sound reports whether the sizes of the parts fit together.
func (s *stage) sound() bool {
	return s.shift >= 16 && s.shift < 64 && len(s.starts) == 1<<(64-s.shift)+1 && len(s.tags) == len(s.rows) && int(s.starts[len(s.starts)-1]) == len(s.rows)
}
