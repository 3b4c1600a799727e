package roi_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/roi"
)

// bulk publishes a world of many rows without holding them: seven deals and twenty linked contacts to an account, so that there are
// about as many touches as hits, twenty for each deal.
type bulk struct{ deals int }

func (b bulk) Name() string               { return "give" }
func (b bulk) Reads() []*schemas.Dataset  { return nil }
func (b bulk) Writes() []*schemas.Dataset { return (&roi.Stage{}).Reads() }

func (b bulk) Run(ctx context.Context, run *pipeline.Run) error {
	r := rand.New(rand.NewPCG(1, 1))
	accounts := max(1, b.deals/7)
	contacts := accounts * 20
	day := func() time.Time { return asOf.Add(-time.Duration(r.Int64N(int64(3 * 365 * 24 * time.Hour)))) }
	rows := map[*schemas.Dataset]func(i int) row{
		schemas.Opportunity: func(i int) row {
			created := day()
			o := opportunity(fmt.Sprintf("006%015d", i), fmt.Sprintf("001%015d", r.IntN(accounts)), created, created.AddDate(0, 0, r.IntN(120)), []string{"open", "won", "lost"}[r.IntN(3)], 1000+float64(r.IntN(1e7))/100)
			o["OwnerId"] = fmt.Sprintf("005%015d", r.IntN(200))
			return o
		},
		schemas.Account: func(i int) row {
			return row{
				"Id": fmt.Sprintf("001%015d", i), "Name": "Company", "CreatedDate": asOf, "LastModifiedDate": asOf, "OwnerId": "owner",
				"NumberOfEmployees": int64(r.IntN(8000)), "Industry": fmt.Sprint("Industry ", r.IntN(20)), "BillingCountry": []string{"Germany", "USA", "Japan"}[r.IntN(3)],
			}
		},
		schemas.Contact: func(i int) row {
			c := contact(fmt.Sprintf("003%015d", i), fmt.Sprintf("001%015d", i/20))
			if i%3 == 0 {
				c["LastActivityDate"] = day()
			}
			return c
		},
		schemas.OpportunityContactRole: func(i int) row {
			return row{"Id": fmt.Sprintf("00K%015d", i), "ContactId": fmt.Sprintf("003%015d", r.IntN(contacts)), "OpportunityId": fmt.Sprintf("006%015d", i), "IsPrimary": true, "CreatedDate": asOf, "LastModifiedDate": asOf}
		},
		schemas.Links: func(i int) row {
			if i < accounts {
				return link("Account", fmt.Sprintf("001%015d", i), "company", fmt.Sprintf("c%d", i), "link")
			}
			i -= accounts
			return link("Contact", fmt.Sprintf("003%015d", i), "person", fmt.Sprintf("m%d", i), "link")
		},
		schemas.Usage: func(i int) row {
			account := r.IntN(2 * accounts)
			u := usage(fmt.Sprintf("%012d", i), fmt.Sprintf("m%d", 20*account+r.IntN(20)), "", day())
			u["seat_id"], u["kind"] = fmt.Sprint("s", (account+r.IntN(3))%200), []string{"profile_view", "save", "search", "inmail"}[r.IntN(4)]
			if i%3 == 0 {
				delete(u, "member_id")
				u["company_id"] = fmt.Sprintf("c%d", account)
			}
			return u
		},
		schemas.Settings: func(int) row { return row{"key": "roi.authorised", "value": "true"} },
	}
	sizes := map[*schemas.Dataset]int{
		schemas.Opportunity: b.deals, schemas.Account: accounts, schemas.Contact: contacts, schemas.OpportunityContactRole: b.deals, schemas.Links: accounts + contacts, schemas.Usage: 20 * b.deals, schemas.Settings: 1,
	}
	for _, ds := range b.Writes() {
		w, err := run.Create(ctx, ds)
		if err != nil {
			return err
		}
		out := columnar.NewBuilder(memory.DefaultAllocator, ds)
		for i := range sizes[ds] {
			if err := setRow(out, ds, rows[ds](i)); err != nil {
				return err
			}
			if !out.Full() && i < sizes[ds]-1 {
				continue
			}
			rec := out.NewRecord()
			err := w.Write(ctx, rec)
			rec.Release()
			if err != nil {
				return err
			}
		}
		out.Release()
		if _, err := run.Publish(ctx, ds, w); err != nil {
			return err
		}
	}
	return nil
}

// mostMemory is what the process may take at most with a million deals and twenty million touches, in bytes.
const mostMemory = 2 << 30

// BenchmarkStage measures the whole stage, reading and publishing included. The time should grow in proportion. The memory is that of
// the process so far, the making of the rows included.
func BenchmarkStage(b *testing.B) {
	for _, deals := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprint(deals), func(b *testing.B) { benchStage(b, deals) })
	}
}

func benchStage(b *testing.B, deals int) {
	var seconds float64
	var touches, hits int64
	for b.Loop() {
		h := newBench(b)
		m, err := h.runner.Run(b.Context(), pipeline.Job{Name: "sync", Stages: []pipeline.Stage{bulk{deals}, &roi.Stage{}}})
		if err != nil {
			b.Fatal(err)
		}
		s := m.Stage("roi")
		seconds += s.Duration().Seconds()
		touches += s.Counts["touches.read"]
		hits += s.Counts["rows.roi_touches"]
		if n := s.Counts["rows.roi_opportunities"]; n != int64(deals) {
			b.Fatalf("%d opportunities, want %d", n, deals)
		}
	}
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(touches)/seconds, "touches/s")
	b.ReportMetric(float64(hits)/float64(b.N), "hits")
	b.ReportMetric(seconds/float64(b.N), "stage-s")
	b.ReportMetric(float64(used.Maxrss)/1024, "peak-RSS-MiB")
	if used.Maxrss<<10 > mostMemory {
		b.Errorf("%d MiB of memory were taken, %d are allowed", used.Maxrss>>10, mostMemory>>20)
	}
}
