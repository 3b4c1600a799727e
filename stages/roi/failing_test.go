package roi_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/roi"
)

var errDown = errors.New("the tables are down")

// faulty is a later stage of a sync that fails so many times.
type faulty struct{ times *int }

func (faulty) Name() string               { return "faulty" }
func (faulty) Reads() []*schemas.Dataset  { return nil }
func (faulty) Writes() []*schemas.Dataset { return nil }
func (f faulty) Run(context.Context, *pipeline.Run) error {
	if *f.times > 0 {
		*f.times--
		return errDown
	}
	return nil
}

// TestHistoryOutlivesFailures has syncs fail after this stage, to be abandoned or resumed, so many that chains are compacted, and
// compares the histories of stages and of activity with those of syncs that all went well.
func TestHistoryOutlivesFailures(t *testing.T) {
	if testing.Short() {
		t.Skip("takes many syncs")
	}
	histories := func(fails bool) [2][]row {
		r, luck := rand.New(rand.NewPCG(9, 9)), rand.New(rand.NewPCG(1, 9))
		b := newBench(t)
		w := world{}
		w.setting("roi.authorised", "true")
		for i := range 40 {
			w[schemas.Opportunity] = nil
			now := at(12 * i)
			for n := range 6 {
				o := opportunity(fmt.Sprint("o", n), fmt.Sprint("a", n%3), asOf.AddDate(0, -1, 0), asOf, "open", 1)
				o["StageName"], o["LastModifiedDate"] = []string{"A", "B"}[r.IntN(2)], now.Add(-time.Hour)
				o["LastActivityDate"] = now.Truncate(24*time.Hour).AddDate(0, 0, -r.IntN(20))
				w[schemas.Opportunity] = append(w[schemas.Opportunity], o)
			}
			times := 0
			if fails {
				times = luck.IntN(3)
			}
			b.runner.Fresh = luck.IntN(2) == 0
			b.runner.Now = func(context.Context) (time.Time, error) { return now, nil }
			for {
				m, err := b.runner.Run(t.Context(), pipeline.Job{Name: "sync", Stages: []pipeline.Stage{giver{w}, &roi.Stage{}, faulty{&times}}})
				if b.last = m; err == nil {
					break
				}
				if !errors.Is(err, errDown) {
					t.Fatal(err)
				}
			}
		}
		return [2][]row{b.rows(schemas.OpportunityStages), b.rows(schemas.CRMActivity)}
	}
	want, got := histories(false), histories(true)
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("(-without failures +with them):\n%s", diff)
	}
	if len(want[0]) < 60 || len(want[1]) < 40 {
		t.Errorf("%d changes of stage and %d days: the test does not test much", len(want[0]), len(want[1]))
	}
}
