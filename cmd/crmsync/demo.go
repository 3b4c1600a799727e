package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/crmsync/crmsync/jobs"
	"github.com/crmsync/crmsync/jobs/demo"
	"github.com/crmsync/crmsync/jobs/demodata"
	"github.com/crmsync/crmsync/jobs/report"
	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/stages/control"
)

func (a *app) demoCommand() *cobra.Command {
	var dir string
	var seed uint64
	c := &cobra.Command{
		Use:   "demo",
		Short: "Run the whole sync end to end against an org that it starts itself",
		Long: `demo needs no org and no database: it serves a Salesforce org over HTTP on a loopback port and starts a private PostgreSQL
(or uses CRMSYNC_DATABASE_URL). It syncs, changes some records, syncs again, writes activities back, and shows what came of it.`,
		Example: "  crmsync demo --dir work/demo",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			now := time.Now().UTC().Truncate(time.Hour)
			w, err := demo.Make(dir, seed, now)
			if err != nil {
				return err
			}
			return a.runDemo(cmd.Context(), w)
		},
	}
	c.Flags().StringVar(&dir, "dir", filepath.Join("work", "demo"), "folder for everything that the demo makes")
	c.Flags().Uint64Var(&seed, "seed", demodata.DefaultSeed, "seed of what is generated")
	return c
}

func (a *app) say(format string, args ...any) { fmt.Fprintf(a.stderr, format+"\n", args...) }

func (a *app) runDemo(ctx context.Context, w *demo.World) (err error) {
	if err := w.Serve(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	a.configFile = w.ConfigFile()
	return a.with(ctx, func(s *session) error {
		if _, err := jobs.Erase(ctx, s.db, s.home, s.cfg.Contract); err != nil {
			return err
		}
		a.say("Salesforce org at %s, export and configuration in %s", w.URL, w.Dir)
		steps := &demoSteps{app: a, s: s, w: w}
		for _, step := range []func(context.Context) error{
			steps.firstSync, steps.secondSync, steps.trial, steps.open, steps.readBack, steps.report,
		} {
			if err := step(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// demoSteps are the acts of the demonstration.
type demoSteps struct {
	app  *app
	s    *session
	w    *demo.World
	runs []*pipeline.Manifest
}

func (d *demoSteps) set(ctx context.Context, settings []demodata.Setting) error {
	for _, x := range settings {
		text := fmt.Sprint(x.Value)
		if list, ok := x.Value.([]string); ok {
			b, err := json.Marshal(list)
			if err != nil {
				return fmt.Errorf("setting %s: %w", x.Key, err)
			}
			text = string(b)
		}
		if err := control.Set(ctx, d.s.db, d.s.cfg.Contract, "demo administrator", x.Key, text); err != nil {
			return err
		}
	}
	return nil
}

func (d *demoSteps) sync(ctx context.Context) (*outcome, error) {
	o, err := d.app.sync(ctx, d.s, false)
	if err != nil {
		return nil, err
	}
	return o, d.keep(o.RunID)
}

func (d *demoSteps) keep(runID string) error {
	m, err := d.s.home.Load(runID)
	if err != nil {
		return err
	}
	d.runs = append(d.runs, m)
	return nil
}

func (d *demoSteps) firstSync(ctx context.Context) error {
	if err := d.set(ctx, demodata.Settings()); err != nil {
		return err
	}
	for _, m := range d.w.Data.SeatMappings {
		if err := control.MapSeat(ctx, d.s.db, d.s.cfg.Contract, "demo administrator", m.SeatID, m.UserID); err != nil {
			return err
		}
	}
	d.app.say("First sync: everything")
	o, err := d.sync(ctx)
	if err != nil {
		return err
	}
	d.app.say("  %d rows read with %d API calls in %.1f s", o.RowsRead, o.APICalls, o.Seconds)
	return nil
}

func (d *demoSteps) secondSync(ctx context.Context) error {
	n, err := d.w.ApplyChanges()
	if err != nil {
		return err
	}
	d.app.say("Half a day later, after %d edits in the org, second sync: only what changed", n)
	o, err := d.sync(ctx)
	if err != nil {
		return err
	}
	d.app.say("  %d rows read with %d API calls in %.1f s", o.RowsRead, o.APICalls, o.Seconds)
	return nil
}

func (d *demoSteps) trial(ctx context.Context) error {
	if err := d.set(ctx, demodata.TrialSettings(d.w.Data)); err != nil {
		return err
	}
	d.app.say("Write-back, tried on one test contact")
	return d.writeback(ctx)
}

func (d *demoSteps) open(ctx context.Context) error {
	if err := d.set(ctx, demodata.OpenSettings()); err != nil {
		return err
	}
	d.app.say("Write-back for everyone who marked activities")
	return d.writeback(ctx)
}

func (d *demoSteps) writeback(ctx context.Context) error {
	d.w.Org.Clock().Advance(5 * time.Minute)
	r, err := d.app.writeback(ctx, d.s, false)
	if err != nil {
		return err
	}
	d.app.say("  %d written (%d of them unassigned), %d refused, %d held", r.Written, r.Unassigned, r.Refused, r.Held)
	m, err := d.s.home.Latest(jobs.WritebackName, nil)
	if err != nil {
		return err
	}
	d.runs = append(d.runs, m)
	return nil
}

// readBack asks the org, through its API, for what was written, and compares it with the outbox.
func (d *demoSteps) readBack(ctx context.Context) error {
	client, err := d.s.client()
	if err != nil {
		return err
	}
	defer client.Close()
	found := map[string]int64{}
	for _, object := range []string{"Task", "Note"} {
		c, err := client.Query(ctx, "SELECT Id FROM "+object)
		if err != nil {
			return err
		}
		found[object] = c.Total
	}
	type row struct{ N int64 }
	counted, err := rows[row](ctx, d.s, `SELECT count(*) FROM crmsync.writebacks WHERE contract = $1 AND state IN ('written', 'unassigned')`)
	if err != nil {
		return err
	}
	d.app.say("The org now has %d tasks and %d notes, the outbox wrote %d", found["Task"], found["Note"], counted[0].N)
	if found["Task"]+found["Note"] != counted[0].N {
		return errors.New("the org does not have what the outbox says was written")
	}
	return nil
}

func (d *demoSteps) report(ctx context.Context) error {
	data, err := d.s.gather(ctx, d.runs...)
	if err != nil {
		return err
	}
	page, summary := filepath.Join(d.w.Dir, "report.html"), filepath.Join(d.w.Dir, "summary.json")
	if data.Cases, err = d.s.cases(ctx); err != nil {
		return err
	}
	data.Paths = []report.Path{
		{Name: "Report", Path: page},
		{Name: "Summary", Path: summary},
		{Name: "Snapshots", Path: d.s.home.DataDir()},
		{Name: "Configuration", Path: d.w.ConfigFile()},
	}
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	data.SQL = fmt.Sprintf(`%s psql -c %s -- -c "SELECT * FROM crmsync.match_rates_current"`, relative(program), relative(d.w.ConfigFile()))
	var b bytes.Buffer
	if err := data.WriteJSON(&b); err != nil {
		return err
	}
	if err := renameio.WriteFile(summary, b.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write summary: %w", err)
	}
	if err := writeReport(data, page); err != nil {
		return err
	}
	if d.app.json {
		_, err := b.WriteTo(d.app.stdout)
		return err
	}
	width, color := 100, false
	if f, ok := d.app.stdout.(*os.File); ok && isTerminal(f) {
		color = true
		if w, _, err := term.GetSize(int(f.Fd())); err == nil {
			width = w
		}
	}
	return data.WriteText(d.app.stdout, width, color)
}

// relative shortens a path below the current folder.
func relative(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	if r, err := filepath.Rel(here, path); err == nil && filepath.IsLocal(r) {
		return r
	}
	return path
}
