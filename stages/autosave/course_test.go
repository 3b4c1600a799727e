package autosave_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/schemas"
)

// course is a contract that lives on from run to run: deals change hands, stages and contacts, records change links, sellers come and go.
type course struct {
	r        *rand.Rand
	users    map[string]bool // active
	seats    map[string]bool // by user: usable
	chosen   []string        // autosave.users
	minStage string
	deals    map[string]*running
	links    map[string]linked // by record
	// counts of what happened, so that the test knows that it tested something
	handed, closed, relinked int
}

type running struct {
	account, owner, stage string
	contacts              []string
}

type linked struct{ decision, target, of string }

var (
	openStages = []string{"Prospecting", "Qualification", "Needs Analysis", "Negotiation/Review"}
	stagesPast = map[string]int{"": 0, "Qualification": 1, "Needs Analysis": 2}
)

func newCourse(seed uint64) *course {
	c := &course{r: rand.New(rand.NewPCG(seed, 23)), users: map[string]bool{}, seats: map[string]bool{}, deals: map[string]*running{}, links: map[string]linked{}}
	for i := range 6 {
		c.users[fmt.Sprintf("u%d", i)] = true
		c.seats[fmt.Sprintf("u%d", i)] = i != 5
	}
	for range 6 {
		c.newDeal()
	}
	for i := range 12 {
		c.relink(fmt.Sprintf("a%02d", i))
		c.relink(fmt.Sprintf("p%02d", i))
	}
	return c
}

func (c *course) pick(n int, prefix string) string { return fmt.Sprintf("%s%02d", prefix, c.r.IntN(n)) }

func (c *course) anyDeal() *running {
	return c.deals[slices.Sorted(maps.Keys(c.deals))[c.r.IntN(len(c.deals))]]
}

func (c *course) newDeal() {
	d := &running{account: c.pick(12, "a"), owner: fmt.Sprintf("u%d", c.r.IntN(6)), stage: openStages[c.r.IntN(4)]}
	for range c.r.IntN(3) {
		if p := c.pick(12, "p"); !slices.Contains(d.contacts, p) {
			d.contacts = append(d.contacts, p)
		}
	}
	c.deals[fmt.Sprintf("o%03d", len(c.deals))] = d
}

// relink gives a record another link, none, a review, or makes it a duplicate of another record that holds a link. A target is held by
// one record at most (R15).
func (c *course) relink(record string) {
	c.relinked++
	delete(c.links, record)
	for other, l := range c.links { // what gave way to the record is free
		if l.of == record {
			delete(c.links, other)
		}
	}
	target := fmt.Sprintf("t%s%02d", record[:1], c.r.IntN(16))
	var holders []string
	for other, l := range c.links {
		if other[0] == record[0] && l.decision == "link" {
			if holders = append(holders, other); l.target == target {
				c.links[record] = linked{"duplicate", target, other}
				return
			}
		}
	}
	slices.Sort(holders)
	switch n := c.r.IntN(8); {
	case n == 0:
	case n == 1:
		c.links[record] = linked{"review", target, ""}
	case n == 2 && len(holders) > 0:
		of := holders[c.r.IntN(len(holders))]
		c.links[record] = linked{"duplicate", c.links[of].target, of}
	default:
		c.links[record] = linked{"link", target, ""}
	}
}

// halfDay lets a few things happen.
func (c *course) halfDay() {
	for range 1 + c.r.IntN(4) {
		switch c.r.IntN(9) {
		case 0, 1:
			c.anyDeal().owner = fmt.Sprintf("u%d", c.r.IntN(6))
			c.handed++
		case 2:
			c.anyDeal().stage = openStages[c.r.IntN(4)]
		case 3:
			c.anyDeal().stage = []string{"Closed Won", "Closed Lost"}[c.r.IntN(2)]
			c.closed++
		case 4:
			c.relink(c.pick(12, "a"))
		case 5:
			c.relink(c.pick(12, "p"))
		case 6:
			c.newDeal()
		case 7:
			u := fmt.Sprintf("u%d", c.r.IntN(6))
			c.seats[u] = !c.seats[u]
		default:
			switch c.r.IntN(3) {
			case 0:
				u := fmt.Sprintf("u%d", c.r.IntN(6))
				c.users[u] = !c.users[u]
			case 1:
				c.chosen = nil
				if c.r.IntN(2) == 0 {
					c.chosen = []string{"u1", "u2", "u3@example.com"}
				}
			default:
				c.minStage = slices.Sorted(maps.Keys(stagesPast))[c.r.IntN(3)]
			}
		}
	}
}

// world is what the org and the matcher say now.
func (c *course) world() world {
	w := world{}
	for _, u := range slices.Sorted(maps.Keys(c.users)) {
		w[schemas.User] = append(w[schemas.User], userRow(u, c.users[u]))
		s := seatRow("s"+u, u)
		if !c.seats[u] {
			s["licence_type"] = "Core"
		}
		w[schemas.Seats] = append(w[schemas.Seats], s)
	}
	for _, id := range slices.Sorted(maps.Keys(c.deals)) {
		d := c.deals[id]
		w[schemas.Opportunity] = append(w[schemas.Opportunity], deal(id, d.account, d.owner, d.stage))
		for _, p := range d.contacts {
			w[schemas.OpportunityContactRole] = append(w[schemas.OpportunityContactRole], role(p, id))
		}
	}
	for _, record := range slices.Sorted(maps.Keys(c.links)) {
		l := c.links[record]
		w[schemas.Links] = append(w[schemas.Links], link(map[byte]string{'a': "Account", 'p': "Contact"}[record[0]], record, l.target, l.decision, l.of))
	}
	w[schemas.Settings] = []row{{"key": "autosave.min_stage", "value": fmt.Sprintf("%q", c.minStage)}}
	if c.chosen != nil {
		w[schemas.Settings] = append(w[schemas.Settings], row{"key": "autosave.users", "value": `["` + strings.Join(c.chosen, `","`) + `"]`})
	}
	return w
}

// add is what the rules say in the plainest way: it adds to the saves what is due now, each with its cause, and touches no other.
func (c *course) add(saves map[string]string, at time.Time) (added int) {
	for _, id := range slices.Sorted(maps.Keys(c.deals)) {
		d := c.deals[id]
		enabled := c.chosen == nil || slices.Contains(c.chosen, d.owner) || slices.Contains(c.chosen, d.owner+"@example.com")
		if strings.HasPrefix(d.stage, "Closed") || slices.Index(openStages, d.stage) < stagesPast[c.minStage] || !enabled || !c.users[d.owner] || !c.seats[d.owner] {
			continue
		}
		for _, record := range append([]string{d.account}, d.contacts...) {
			if l := c.links[record]; l.of != "" {
				record = l.of
			}
			l := c.links[record]
			if l.decision != "link" {
				continue
			}
			object, kind := "Contact", "person"
			if record[0] == 'a' {
				object, kind = "Account", "company"
			}
			key := fmt.Sprintf("s%s %s %s", d.owner, kind, l.target)
			if _, ok := saves[key]; !ok {
				saves[key] = fmt.Sprintf("%s %s %s %s %s", d.owner, object, record, id, at.Format(time.RFC3339))
				added++
			}
		}
	}
	return added
}

// TestSavesSurviveEverything lets contracts live through 30 runs (R22, R23): after each, the saves are those of the run before, unchanged,
// and those that are due now, each with the opportunity that caused it.
func TestSavesSurviveEverything(t *testing.T) {
	var outlived struct{ owner, stage, match int }
	for seed := range uint64(6) {
		c, b := newCourse(seed), newBench(t)
		want := map[string]string{}
		for n := range 30 {
			if n > 0 {
				c.halfDay()
			}
			b.run(c.world())
			added := c.add(want, b.last.AsOf)
			if diff := cmp.Diff(want, b.saves()); diff != "" {
				t.Fatalf("seed %d, run %d (-want +got):\n%s", seed, n+1, diff)
			}
			if e, _ := b.last.Entry(schemas.Saves.Name); e.Changed != int64(added) || e.Rows != int64(len(want)) {
				t.Fatalf("seed %d, run %d: %d changed of %d rows, want %d of %d", seed, n+1, e.Changed, e.Rows, added, len(want))
			}
		}
		for key, cause := range want {
			k, why := strings.Fields(key), strings.Fields(cause)
			d := c.deals[why[3]]
			if d.owner != why[0] {
				outlived.owner++
			}
			if strings.HasPrefix(d.stage, "Closed") {
				outlived.stage++
			}
			if c.links[why[2]].target != k[2] {
				outlived.match++
			}
		}
		if c.handed < 5 || c.closed < 2 || c.relinked < 30 {
			t.Errorf("seed %d: too little happened: %+v", seed, *c)
		}
	}
	t.Logf("saves that outlived a change of owner: %d, of stage: %d, of match: %d", outlived.owner, outlived.stage, outlived.match)
	if outlived.owner < 20 || outlived.stage < 10 || outlived.match < 20 {
		t.Errorf("too few saves were put to the test: %+v", outlived)
	}
}
