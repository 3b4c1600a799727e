package load_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/postgres/postgrestest"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	"github.com/crmsync/crmsync/schemas"
	migrations "github.com/crmsync/crmsync/schemas/postgres"
	"github.com/crmsync/crmsync/stages/load"
)

// timed measures a load inside a run.
type timed struct {
	*load.Stage
	took time.Duration
}

func (s *timed) Run(ctx context.Context, run *pipeline.Run) error {
	begun := time.Now()
	err := s.Stage.Run(ctx, run)
	s.took = time.Since(begun)
	return err
}

// BenchmarkLoad loads 100,000 linked contacts: into empty tables, then an equal run, then one in which 1 % of the links differ.
func BenchmarkLoad(b *testing.B) {
	const n = 100_000
	w := base()
	contacts, links := make([]row, n), make([]row, n)
	for i := range n {
		id := fmt.Sprintf("003%09d", i)
		contacts[i] = row{"Id": id, "LastName": "Example", "Email": fmt.Sprintf("p%d@example.com", i), "Phone": "+1 555 0100", "MailingCity": "Springfield"}
		links[i] = link("Contact", id, fmt.Sprint("p", i), "link")
	}
	w = w.with(world{schemas.Contact: contacts, schemas.Links: links})
	changed := make([]row, n)
	copy(changed, links)
	for i := 0; i < n; i += 100 {
		changed[i] = link("Contact", fmt.Sprintf("003%09d", i), fmt.Sprint("p", i), "review")
	}
	for b.Loop() {
		db := postgrestest.New(b, migrations.Migrations)
		home := pipeline.Home{Dir: b.TempDir()}
		store, err := snapshot.Open(home.DataDir(), snapshot.Options{})
		if err != nil {
			b.Fatal(err)
		}
		clock := day0
		runner := &pipeline.Runner{
			Contract: "acme", Home: home, Store: store, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Progress: pipeline.NoProgress{}, Budget: 64 << 20,
			Now: func(context.Context) (time.Time, error) { clock = clock.Add(time.Hour); return clock, nil },
		}
		for _, round := range []struct {
			name  string
			world world
		}{{"first", w}, {"equal", w}, {"1%_changed", w.with(world{schemas.Links: changed})}} {
			s := &timed{Stage: &load.Stage{DB: db}}
			if _, err := runner.Run(b.Context(), pipeline.Job{Name: "sync", Stages: []pipeline.Stage{giver{round.world}, s}}); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(s.took.Seconds(), round.name+"_s")
			b.ReportMetric(n/s.took.Seconds(), round.name+"_links/s")
		}
	}
}
