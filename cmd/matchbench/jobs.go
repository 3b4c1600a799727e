package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// summary is what link-files and gen say of themselves.
type summary struct {
	LeftRows   int     `json:"left_rows"`
	Scored     int     `json:"records_scored"`
	Pairs      int64   `json:"pairs"`
	Phases     []phase `json:"phases"`
	Seconds    float64 `json:"seconds"`
	CPUSeconds float64 `json:"cpu_seconds"`
	PeakRSS    int64   `json:"peak_rss_bytes"`
}

// call runs a program and returns what it printed with its time and CPU time. Peak memory is what programs say of themselves: the
// system counts what a new process shares with this one before it becomes another.
func call(ctx context.Context, name string, program string, args ...string) (figure, []byte, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stderr = os.Stderr
	start := time.Now()
	out, err := cmd.Output()
	f := figure{Name: name, Seconds: time.Since(start).Seconds()}
	if err != nil {
		return f, out, fmt.Errorf("%s: %s %v: %w", name, program, args, err)
	}
	f.CPUSeconds = cmd.ProcessState.UserTime().Seconds() + cmd.ProcessState.SystemTime().Seconds()
	return f, out, nil
}

// link runs link-files and measures the links against the truth.
func (b *bench) link(ctx context.Context, name, left, right, index, spec, truth, bound string) error {
	links := filepath.Join(b.work, "links.csv")
	args := []string{"link-files", "--json", "--quiet", "--left", left, "--spec", spec, "--out", links}
	if index != "" {
		args = append(args, "--index", index)
	} else {
		args = append(args, "--right", right)
	}
	f, _, err := b.job(ctx, name, bound, args)
	if err != nil {
		return err
	}
	if truth != "" {
		if err := b.measure(ctx, &f, links, truth); err != nil {
			return err
		}
	}
	b.add(f)
	return nil
}

// job runs a job and reads what it says of itself.
func (b *bench) job(ctx context.Context, name, bound string, args []string) (figure, summary, error) {
	var s summary
	f, out, err := call(ctx, name, b.program, args...)
	if err != nil {
		return f, s, err
	}
	if err := json.Unmarshal(out, &s); err != nil {
		return f, s, fmt.Errorf("%s: %w", name, err)
	}
	f.Pairs, f.Phases, f.PeakRSS, f.Bound = s.Pairs, s.Phases, s.PeakRSS, bound
	return f, s, nil
}

// measure runs eval.
func (b *bench) measure(ctx context.Context, f *figure, links, truth string) error {
	_, out, err := call(ctx, "eval", b.program, "eval", "--json", "--links", links, "--truth", truth)
	if err != nil {
		return err
	}
	var report struct {
		Precision, Recall, F1 float64
		Best                  struct{ F1 float64 }
		ECE                   float64
	}
	if err := json.Unmarshal(out, &report); err != nil {
		return fmt.Errorf("eval: %w", err)
	}
	f.Precision, f.Recall, f.F1, f.BestF1, f.ECE = report.Precision, report.Recall, report.F1, report.Best.F1, report.ECE
	return nil
}

// made reports whether a folder of generated files is there; generation is the slowest part, so it is done once.
func made(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "done"))
	return err == nil
}

func (b *bench) make(dir string, generate func() error) error {
	if made(dir) {
		return nil
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := generate(); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "done"), nil, 0o600)
}

// generated measures on files of the product's own generator.
func (b *bench) generated(ctx context.Context) error {
	dir := filepath.Join(b.work, "gen")
	err := b.make(dir, func() error {
		f, _, err := call(ctx, "gen 300 k people, 100 k leads and contacts", b.program, "gen", "--people", "300000", "--companies", "30000", "--contacts", "50000",
			"--leads", "50000", "--accounts", "10000", "--seed", "7", "--out", dir, "--quiet")
		if err == nil {
			b.add(f)
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, kind := range []struct{ name, right, truth string }{
		{"accounts", "companies", "accounts"}, {"contacts", "people", "contacts"}, {"leads", "people", "leads"},
	} {
		left, right := filepath.Join(dir, "crm", kind.name+".csv"), filepath.Join(dir, "directory", kind.right+".csv")
		spec, truth := filepath.Join(dir, "spec", kind.name+".yaml"), filepath.Join(dir, "truth", kind.truth+".csv")
		if err := b.link(ctx, "gen: "+kind.name, left, right, "", spec, truth, "F1 >= 0.97, ECE <= 0.03"); err != nil {
			return err
		}
		if err := b.complete(ctx, "gen: "+kind.name+", blocking", left, right, spec, truth); err != nil {
			return err
		}
	}
	return nil
}

const peerSpec = `entity: person
left:  {id: id, columns: {given_name: first_name, surname: last_name, company: company, city: city, country: country, lat: lat, lng: lng}}
right: {id: id, columns: {given_name: first_name, surname: last_name, company: company, city: city, country: country, lat: lat, lng: lng}}
`

// peersFiles measures on the files of the peers' generator, and the peer on them.
func (b *bench) peersFiles(ctx context.Context) error {
	if b.peers == "" {
		fmt.Println("no -peers: the files that other systems were measured on are left out")
		return nil
	}
	spec := filepath.Join(b.work, "peers.yaml")
	if err := os.WriteFile(spec, []byte(peerSpec), 0o600); err != nil {
		return err
	}
	sizes := []struct {
		profiles, leads int
		f1              string
	}{{1_000_000, 100_000, "F1 >= 0.93"}, {5_000_000, 500_000, "F1 >= 0.90"}}
	if !b.large {
		sizes = sizes[:1]
	}
	for _, size := range sizes {
		dir := filepath.Join(b.work, "peers-"+strconv.Itoa(size.profiles))
		err := b.make(dir, func() error {
			_, _, err := call(ctx, "generate", "python3", filepath.Join(b.peers, "gen_crm.py"), strconv.Itoa(size.profiles), strconv.Itoa(size.leads), dir)
			return err
		})
		if err != nil {
			return err
		}
		name := fmt.Sprintf("%d k leads x %d M profiles", size.leads/1000, size.profiles/1_000_000)
		left, right, truth, index := filepath.Join(dir, "leads.csv"), filepath.Join(dir, "directory.csv"), filepath.Join(dir, "truth.csv"), filepath.Join(dir, "index")
		if b.python != "" {
			if err := b.peer(ctx, name, dir); err != nil {
				return err
			}
		}
		if err := b.link(ctx, name+", cold", left, right, "", spec, truth, size.f1); err != nil {
			return err
		}
		f, _, err := call(ctx, name+", index", b.program, "index", "--quiet", "--directory", right, "--spec", spec, "--out", index)
		if err != nil {
			return err
		}
		b.add(f)
		if err := b.link(ctx, name+", prepared", left, "", index, spec, truth, size.f1); err != nil {
			return err
		}
		if err := b.changed(ctx, name+", prepared, 1% changed", left, index, spec); err != nil {
			return err
		}
	}
	return nil
}

// peer runs the other system on a folder.
func (b *bench) peer(ctx context.Context, name, dir string) error {
	f, out, err := call(ctx, name+", Splink", b.python, filepath.Join(b.peers, "splink_link.py"), dir)
	if err != nil {
		return err
	}
	var report struct {
		Total float64                                            `json:"total_seconds"`
		Peak  int64                                              `json:"peak_rss_mb"`
		Best  map[string]struct{ Precision, Recall, F1 float64 } `json:"one_to_one"`
	}
	if err := json.Unmarshal(out, &report); err != nil {
		return fmt.Errorf("peer: %w", err)
	}
	f.PeakRSS = report.Peak << 20
	f.Seconds = report.Total // by its own clock, without starting Python
	for _, at := range report.Best {
		if at.F1 > f.F1 {
			f.Precision, f.Recall, f.F1, f.BestF1 = at.Precision, at.Recall, at.F1, at.F1
		}
	}
	b.add(f)
	return nil
}
