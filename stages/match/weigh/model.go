// Package weigh turns levels of agreement into weights: Fellegi and Sunter's model, its training and its file.
//
// For each comparison and level the model holds m, the probability of the level among matches, and u, among other pairs, both
// given that both sides have a value. The weight of a pair in bits is
//
//	log2(prior odds) + sum over comparisons of log2(m/u)
//
// and the probability that it is a match is 1/(1+2^-weight). A missing level has m = u: nothing follows from it. A comparison with
// a parent has two tables: one for pairs that agree on the parent, one for the others, since pairs of colleagues agree on the city
// without being the same person.
//
// Sources: Fellegi & Sunter, A Theory for Record Linkage (1969); Winkler, String Comparator Metrics and Enhanced Decision Rules in
// the Fellegi-Sunter Model of Record Linkage (1990); Enamorado, Fifield & Imai, Using a Probabilistic Model to Assist Merging of
// Large-Scale Administrative Records (2019); the documentation of Splink for the adjustment by term frequency.
package weigh

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/crmsync/crmsync/stages/match/feature"
)

// Version is the version of the model's file format, and of the comparisons and levels that it is about.
const Version = 3

// ErrModel says that a model file cannot be used.
var ErrModel = errors.New("unusable model")

// Model is a trained model.
type Model struct {
	Version int    `json:"version"`
	Entity  string `json:"entity"`
	// Prior is the probability that a left and a right record drawn at random match, and Records how many right records there were:
	// among twice as many, half as many pairs match.
	Prior       float64      `json:"prior"`
	Records     int          `json:"records"`
	Comparisons []Comparison `json:"comparisons"`
	// Usual is what the rarity of a value is measured against: log2 of the mean share of the left records' values, by kind of value.
	Usual    map[string]float64 `json:"usual"`
	Training Training           `json:"training"`
}

// Comparison holds the parameters of one comparison.
type Comparison struct {
	Name   string  `json:"name"`
	Parent string  `json:"parent,omitempty"`
	Levels []Level `json:"levels"` // Levels[0] is missing
}

// Level holds the probabilities of a level; the second values apply when the pair agrees on the parent.
type Level struct {
	Name string     `json:"name"`
	M    [2]float64 `json:"m"`
	U    [2]float64 `json:"u"`
}

// Training says what the model was made from.
type Training struct {
	Candidates  int64 `json:"candidates"`   // candidate pairs
	RandomPairs int64 `json:"random_pairs"` // pairs from which u was estimated
	Patterns    int   `json:"patterns"`     // distinct combinations of levels
	Iterations  int   `json:"iterations"`
	Converged   bool  `json:"converged"`
}

// Fingerprint identifies the parameters: equal ones give the same, whatever they were trained from.
func (m *Model) Fingerprint() string {
	c := *m
	c.Training = Training{}
	b, err := json.Marshal(c)
	if err != nil {
		return "unmarshalable" // NaN or infinite parameters; Check refuses them
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// Read reads a model file.
func Read(data []byte) (*Model, error) {
	var m Model
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("read model: %w: %w", ErrModel, err)
	}
	if m.Version != Version {
		return nil, fmt.Errorf("read model: version %d, this program reads %d: %w", m.Version, Version, ErrModel)
	}
	if !(m.Prior > 0 && m.Prior < 1) {
		return nil, fmt.Errorf("read model: prior %v is no probability: %w", m.Prior, ErrModel)
	}
	if m.Records < 1 {
		return nil, fmt.Errorf("read model: it was made for %d right records: %w", m.Records, ErrModel)
	}
	if len(m.Comparisons) == 0 {
		return nil, fmt.Errorf("read model: it holds no comparisons: %w", ErrModel)
	}
	for kind, log := range m.Usual {
		if !(log >= -64 && log <= 0) {
			return nil, fmt.Errorf("read model: usual share of a %s: %v is no logarithm of a share: %w", kind, log, ErrModel)
		}
	}
	for _, c := range m.Comparisons {
		for _, l := range c.Levels[min(1, len(c.Levels)):] {
			for k := range 2 {
				if !(l.M[k] > 0 && l.M[k] <= 1 && l.U[k] > 0 && l.U[k] <= 1) {
					return nil, fmt.Errorf("read model: %s, level %s: m %v and u %v are no probabilities: %w", c.Name, l.Name, l.M, l.U, ErrModel)
				}
			}
		}
	}
	return &m, nil
}

// Defaults is the model shipped for a set: what is known before any of its records is seen.
func Defaults(s *feature.Set) *Model {
	left, right := float64(max(1, s.Left.Len())), float64(max(1, s.Right.Len()))
	m := &Model{Version: Version, Entity: s.Entity, Usual: s.Usual(), Records: s.Right.Len(), Prior: min(0.5, 0.5*min(left, right)/(left*right))}
	for _, c := range s.Comparisons {
		p := Comparison{Name: c.Name, Parent: c.Parent, Levels: make([]Level, len(c.Levels))}
		var sumM, sumU float64
		for _, l := range c.Levels {
			sumM, sumU = sumM+l.M, sumU+l.U
		}
		for i, l := range c.Levels {
			// Among pairs that agree on the parent without being a match, the comparison behaves half like a match.
			a, b := l.M/sumM, l.U/sumU
			p.Levels[i] = Level{Name: l.Name, M: [2]float64{a, a}, U: [2]float64{b, (a + b) / 2}}
		}
		m.Comparisons = append(m.Comparisons, p)
	}
	return m
}
