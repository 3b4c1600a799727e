package demodata

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/zeebo/xxh3"

	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
)

// DefaultSeed is the seed of the demonstration.
const DefaultSeed = 22

// generator holds what is made while it is made.
type generator struct {
	seed   uint64
	now    time.Time
	serial map[string]uint64 // per object
	phones int
	mails  map[string]bool

	lists      lists
	roles      []*role
	users      []*user
	accounts   []*account
	people     []*person
	opps       []*opportunity
	contactRow []fields
	seats      []*seat
	test       *person
	dups       []Duplicate
	typo       typo
}

// Generate makes both sides. now is the instant at which the demonstration begins; nothing happens after it.
func Generate(seed uint64, now time.Time) (*Org, *Export, error) {
	l, err := readLists()
	if err != nil {
		return nil, nil, fmt.Errorf("generate demo data: %w", err)
	}
	g := &generator{seed: seed, now: now.UTC().Truncate(time.Second), serial: map[string]uint64{}, mails: map[string]bool{}, lists: l}
	g.makeUsers()
	g.makeSeats()
	g.makeAccounts()
	g.makePeople()
	g.makeDuplicates()
	g.makeConvertedLeads()
	g.makeStrangers()
	g.makeOpportunities()
	org := g.org()
	export, err := g.export()
	if err != nil {
		return nil, nil, fmt.Errorf("generate demo data: %w", err)
	}
	return org, export, nil
}

// random returns the stream of random numbers for a subject. Each has its own, so that changing one leaves the others as they are.
func (g *generator) random(subject string) *rand.Rand {
	return rand.New(rand.NewPCG(g.seed, xxh3.HashString(subject)))
}

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// id returns the next id of an object: its key prefix, an instance of its own, and a serial number.
func (g *generator) id(prefix string) string {
	g.serial[prefix]++
	return makeID(prefix, 1000+g.serial[prefix])
}

func makeID(prefix string, n uint64) string {
	b := []byte(prefix + "Dm0000000000")
	for i := len(b) - 1; n > 0; i-- {
		b[i] = digits[n%62]
		n /= 62
	}
	return fakeforce.ID18(string(b))
}

// The area codes are real, the numbers 555-0100 to 555-0199 are set aside for fiction.
var areaCodes = []string{"201", "202", "203", "205", "206", "207", "208", "209", "210", "212", "213", "214", "215", "216", "217", "218", "219"}

// phone returns a number that nothing else in the demonstration has.
func (g *generator) phone() string {
	n := g.phones
	g.phones++
	return fmt.Sprintf("(%s) 555-01%02d", areaCodes[n/100%len(areaCodes)], n%100)
}

// between returns an instant in working hours of a weekday in [from, to).
func between(r *rand.Rand, from, to time.Time) time.Time {
	if !from.Before(to) {
		return from
	}
	t := from.Add(time.Duration(r.Int64N(int64(to.Sub(from))))).Truncate(24 * time.Hour)
	switch t.Weekday() {
	case time.Saturday:
		t = t.AddDate(0, 0, -1)
	case time.Sunday:
		t = t.AddDate(0, 0, 1)
	}
	t = t.Add(8*time.Hour + time.Duration(r.IntN(9*3600))*time.Second)
	switch {
	case t.Before(from):
		return from
	case !t.Before(to):
		return to.Add(-time.Second)
	}
	return t
}

func chance(r *rand.Rand, p float64) bool { return r.Float64() < p }

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// weighted returns an index with a probability in proportion to its weight.
func weighted(r *rand.Rand, weights ...float64) int {
	var sum float64
	for _, w := range weights {
		sum += w
	}
	x := r.Float64() * sum
	for i, w := range weights {
		if x -= w; x < 0 {
			return i
		}
	}
	return len(weights) - 1
}
