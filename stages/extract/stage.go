package extract

import (
	"context"
	"fmt"
	"time"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/sourcegraph/conc/pool"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/schemas"
)

// The defaults of Stage.
const (
	DefaultPageRows    = 50_000
	DefaultPagesAtOnce = 2
	DefaultRESTRows    = 10_000
	DefaultMaxVanished = 0.5
)

// pageMemory is what reading one page takes at most: a record being made, one being written, and the text of the longest usual row.
const pageMemory = 32 << 20

// Stage reads the org. Only Client is required; zero durations are zero, other zero values take the defaults.
type Stage struct {
	Client *salesforce.Client
	// Objects are the data sets to read; none means schemas.CRMObjects.
	Objects []*schemas.Dataset
	// RevenueField is the Opportunity field that the administrator named for revenue, read besides R8 (R41).
	RevenueField string
	// PageRows is how many rows a result page should have, where the org leaves the choice.
	PageRows int
	// PagesAtOnce is how many pages of an object are read side by side, where the org offers it.
	PagesAtOnce int
	// MaxConcurrent is how many objects are read side by side; 0 means the run's workers.
	MaxConcurrent int
	// RESTRows is how many changed rows of an object are still read by REST, which needs no job.
	RESTRows int64
	// SweepEvery is how long the comparison of all ids with the org's may wait; zero: it is made only when something asks for it.
	SweepEvery time.Duration
	// MaxVanished is the share of an object's rows, 0 to 1, that may be gone without a trace before the stage stops; see ErrVanished.
	MaxVanished float64
	// Overlap is read again before the previous watermark; Lag is left unread before as_of, since what is being committed there
	// can't be seen yet.
	Overlap, Lag time.Duration
	// Seal encrypts parts; nil leaves them plain.
	Seal columnar.Seal
	// Allocator is for records; nil means the Go heap.
	Allocator memory.Allocator

	journal *journal
}

var _ pipeline.Stage = (*Stage)(nil)

// Name implements pipeline.Stage.
func (*Stage) Name() string { return "extract" }

// Reads implements pipeline.Stage.
func (*Stage) Reads() []*schemas.Dataset { return nil }

// Writes implements pipeline.Stage.
func (s *Stage) Writes() []*schemas.Dataset {
	sets := []*schemas.Dataset{schemas.Org}
	for _, ds := range s.objects() {
		sets = append(sets, s.withRevenue(ds))
	}
	return sets
}

// withRevenue adds the revenue field that the administrator named.
func (s *Stage) withRevenue(ds *schemas.Dataset) *schemas.Dataset {
	if s.RevenueField == "" || ds.Object != schemas.Opportunity.Object {
		return ds
	}
	return ds.Extend(schemas.Field{
		Name: s.RevenueField, Type: schemas.Float64, Flags: schemas.Nullable, Doc: "Revenue field that the administrator named.",
	})
}

func (s *Stage) objects() []*schemas.Dataset {
	if len(s.Objects) == 0 {
		return schemas.CRMObjects
	}
	return s.Objects
}

func (s *Stage) withDefaults(run *pipeline.Run) *Stage {
	c := *s
	c.Objects = s.objects()
	if c.PageRows <= 0 {
		c.PageRows = DefaultPageRows
	}
	if c.PagesAtOnce <= 0 {
		c.PagesAtOnce = DefaultPagesAtOnce
	}
	if c.RESTRows <= 0 {
		c.RESTRows = DefaultRESTRows
	}
	if c.MaxVanished <= 0 {
		c.MaxVanished = DefaultMaxVanished
	}
	if c.MaxConcurrent <= 0 {
		c.MaxConcurrent = max(1, run.Workers)
	}
	if c.Allocator == nil {
		c.Allocator = memory.DefaultAllocator
	}
	// Half of the budget is for pages, the rest for sorting.
	if run.Budget > 0 {
		readers := max(1, int(run.Budget/2/pageMemory))
		c.MaxConcurrent = min(c.MaxConcurrent, readers)
		c.PagesAtOnce = min(c.PagesAtOnce, max(1, readers/c.MaxConcurrent))
	}
	return &c
}

// Run implements pipeline.Stage.
func (s *Stage) Run(ctx context.Context, run *pipeline.Run) error {
	s = s.withDefaults(run)
	defer s.countCalls(run, s.Client.Usage())

	if err := s.org(ctx, run); err != nil {
		return err
	}
	if err := s.afford(ctx, run); err != nil {
		return err
	}
	var err error
	if s.journal, err = openJournal(run); err != nil {
		return err
	}
	s.endOrphans(ctx, run)
	// Snapshots are sorted one at a time: a sort takes what the budget allows.
	sorting := make(chan struct{}, 1)
	p := pool.New().WithContext(ctx).WithCancelOnError().WithFirstError().WithMaxGoroutines(s.MaxConcurrent)
	var used quota
	for _, ds := range s.Objects {
		p.Go(func(ctx context.Context) error {
			if err := s.object(ctx, run, ds, sorting); err != nil {
				return used.later(fmt.Errorf("read %s: %w", ds.Object, err))
			}
			return nil
		})
	}
	return used.end(p.Wait())
}

// afford asks what the org still allows before anything is started (R10).
func (s *Stage) afford(ctx context.Context, run *pipeline.Run) error {
	limits, err := s.Client.Limits(ctx)
	if err != nil {
		return err
	}
	var calls, jobs int64
	for _, ds := range s.Objects {
		calls += 4
		if prev, ok := run.Previous(ds); !ok || s.sweepDue(run, prev) {
			calls += 2
			jobs++
		}
	}
	return s.Client.Afford(limits, calls, jobs)
}

// countCalls counts what the org was asked since before, in all and by object.
func (s *Stage) countCalls(run *pipeline.Run, before salesforce.Usage) {
	after := s.Client.Usage()
	run.Count("api_calls", after.Total-before.Total)
	for _, ds := range s.Objects {
		run.Count("calls."+ds.Object, after.Objects[ds.Object]-before.Objects[ds.Object])
	}
}

// org refuses orgs that are not supported (R4, R5) and publishes the org's own row.
func (s *Stage) org(ctx context.Context, run *pipeline.Run) error {
	o, err := s.Client.Organization(ctx)
	if err != nil {
		return err
	}
	if err := s.Client.Guard(o); err != nil {
		return err
	}
	instance, err := s.Client.Instance(ctx)
	if err != nil {
		return err
	}
	b := columnar.NewBuilder(s.Allocator, schemas.Org)
	defer b.Release()
	for i, f := range schemas.Org.Fields {
		switch f.Name {
		case "IsSandbox":
			b.Bool(i, o.IsSandbox)
		default:
			text := map[string]string{
				"Id": o.ID, "Name": o.Name, "OrganizationType": o.OrganizationType, "InstanceName": o.InstanceName, "InstanceUrl": instance,
			}[f.Name]
			if text != "" {
				b.String(i, text)
			}
		}
	}
	if err := b.EndRow(); err != nil {
		return fmt.Errorf("read Organization: %w", err)
	}
	rec := b.NewRecord()
	defer rec.Release()
	w, err := run.Create(ctx, schemas.Org)
	if err != nil {
		return err
	}
	if err := w.Write(ctx, rec); err != nil {
		return abort(w, err)
	}
	_, err = run.Publish(ctx, schemas.Org, w)
	return err
}
