package linkfiles

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sourcegraph/conc/pool"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/stages/match/arrays"
	"github.com/crmsync/crmsync/stages/match/feature"
	"github.com/crmsync/crmsync/stages/match/index"
	"github.com/crmsync/crmsync/stages/match/linkage"
	"github.com/crmsync/crmsync/stages/match/record"
)

// ErrOverwrite says that the output would take the place of an input.
var ErrOverwrite = errors.New("the output is one of the inputs")

// Job links two files, or one with itself.
type Job struct {
	Spec        *Spec
	SpecFile    string // that the specification was read from, so that nothing is written over it
	Left, Right string // files; Right is empty for duplicates, or when Index is set
	Index       string // prepared directory in the place of the right file
	Out         string // Parquet when it ends in .parquet, otherwise CSV
	Many        bool   // every pair at or above the threshold, not one to one
	ModelOut    string // file for the model that was used; empty for none
	// Scores is a file with the scores of an earlier run to the same Index, which records that have not changed keep; it is replaced by
	// those of this run, and need not exist. Empty for none.
	Scores   string
	Workers  int
	Progress pipeline.Progress
}

// retrainShare is the share of records scored anew after which a model is trained again.
const retrainShare = 0.1

// Run links and writes. Errors wrap ErrSpec, ErrOverwrite, record.ErrInput or weigh.ErrModel when the caller gave something
// unusable.
func (j *Job) Run(ctx context.Context) (*Summary, error) {
	start, cpu := time.Now(), cpuSeconds()
	switch ext := strings.ToLower(filepath.Ext(j.Out)); ext {
	case ".gz", ".tsv", ".xlsx", ".json", ".jsonl":
		return nil, fmt.Errorf("%w: %s: no %s files are written; call it .csv or .parquet", ErrSpec, j.Out, ext)
	}
	if err := j.spares(j.Out, j.ModelOut, j.Scores); err != nil {
		return nil, err
	}
	cfg, err := j.config()
	if err != nil {
		return nil, err
	}
	sum := &Summary{}
	res, err := j.link(ctx, cfg, sum)
	if err != nil {
		return nil, err
	}
	if len(res.Features) == 0 && sum.LeftRows > 0 && sum.RightRows > 0 {
		return nil, fmt.Errorf("%w: no role has values on both sides, so nothing was compared", ErrSpec)
	}
	if cfg.Dedupe {
		res.Matches = unordered(res.Matches, !j.Many)
	}
	sum.count(res)
	if cfg.Dedupe {
		sum.cluster(res.Matches)
	}
	begin := time.Now()
	if j.Scores != "" {
		if err := index.Keep(j.Scores, nil, res.Kept.Save); err != nil {
			return nil, err
		}
	}
	if j.ModelOut != "" {
		if err := writeModel(j.ModelOut, res.Model); err != nil {
			return nil, err
		}
	}
	if err := j.write(ctx, res, sum.clusters); err != nil {
		return nil, fmt.Errorf("write %s: %w", j.Out, err)
	}
	sum.Phases = append(sum.Phases, linkage.Phase{Name: "write", Seconds: time.Since(begin).Seconds()})
	sum.Seconds, sum.CPUSeconds, sum.PeakRSS = time.Since(start).Seconds(), cpuSeconds()-cpu, peakRSS()
	return sum, nil
}

// config is what the linkage needs to know. Pairs of one file are always asked for as many: what one to one means there is settled
// afterwards, since a record is left in one pair and right in another.
func (j *Job) config() (linkage.Config, error) {
	dedupe := j.Right == "" && j.Index == ""
	cfg := linkage.Config{
		Entity: j.Spec.Entity, Threshold: cmp.Or(j.Spec.Threshold, usualThreshold), Review: j.Spec.Review, Workers: max(1, j.Workers), Country: j.Spec.Country,
		Many: j.Many || dedupe, Dedupe: dedupe, Rules: j.Spec.Blocking, Brief: true,
	}
	if j.Spec.Margin != nil {
		cfg.Margin = max(*j.Spec.Margin, 1e-9) // zero would mean the default
	}
	if j.Spec.Model == "" {
		return cfg, nil
	}
	var err error
	cfg.Model, err = readModel(j.Spec.Model, j.Spec.Entity)
	return cfg, err
}

// inputs are what a job reads.
type inputs struct {
	left, right *record.Table
	again       *record.Reread // in the place of left, when the scores of an earlier run tell which records have not changed
	directory   *feature.Directory
}

// link reads the files and links their records.
func (j *Job) link(ctx context.Context, cfg linkage.Config, sum *Summary) (*linkage.Result, error) {
	begin := time.Now()
	if err := j.before(&cfg); err != nil {
		return nil, err
	}
	in, err := j.read(ctx, cfg.Before)
	if err != nil {
		return nil, err
	}
	sum.Phases = append(sum.Phases, linkage.Phase{Name: "read", Seconds: time.Since(begin).Seconds()})
	if in.directory != nil {
		cfg.Source, sum.RightRows = in.directory.Digest, in.directory.Table.Len()
	}
	if in.again != nil {
		res, err := j.follow(ctx, in.again.IDs.Len(), cfg, func(cfg linkage.Config) (*linkage.Result, error) {
			return linkage.RunAgain(ctx, in.again, in.directory, cfg)
		})
		if err != nil || res != nil {
			sum.LeftRows = in.again.IDs.Len()
			return res, err
		}
		if in.left, err = j.open(ctx, j.Left, j.Spec.Left, "read left"); err != nil {
			return nil, err
		}
	}
	sum.LeftRows = in.left.Len()
	return j.follow(ctx, in.left.Len(), cfg, func(cfg linkage.Config) (*linkage.Result, error) {
		switch {
		case in.directory != nil:
			return linkage.RunPrepared(ctx, in.left, in.directory, cfg)
		case in.right != nil:
			sum.RightRows = in.right.Len()
			return linkage.Run(ctx, in.left, in.right, cfg)
		}
		sum.RightRows = in.left.Len()
		return linkage.Run(ctx, in.left, in.left, cfg)
	})
}

// follow shows how far linking is.
func (j *Job) follow(ctx context.Context, records int, cfg linkage.Config, link func(linkage.Config) (*linkage.Result, error)) (*linkage.Result, error) {
	task := j.Progress.Start("link", int64(records), "records")
	defer task.Done()
	cfg.Progress = func(n int) { task.Add(int64(n)) }
	return link(cfg)
}

// before reads the scores of an earlier run. Those that this program can't use are as good as none.
func (j *Job) before(cfg *linkage.Config) error {
	if j.Scores == "" {
		return nil
	}
	cfg.KeepScores, cfg.Retrain = true, retrainShare
	content, err := index.Map(j.Scores)
	if err == nil {
		cfg.Before, err = linkage.LoadKept(content)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case errors.Is(err, arrays.ErrFormat) && !arrays.Is(content):
		return fmt.Errorf("%w: %s holds no scores and is left as it is; name another file", ErrOverwrite, j.Scores)
	case errors.Is(err, arrays.ErrFormat):
		return nil
	}
	return err
}

// read reads both sides, a prepared directory beside the left file.
func (j *Job) read(ctx context.Context, before *linkage.Kept) (in inputs, err error) {
	if j.Right != "" {
		if in.right, err = j.open(ctx, j.Right, j.Spec.Right, "read right"); err != nil {
			return in, err
		}
	}
	p := pool.New().WithContext(ctx).WithFirstError().WithCancelOnError()
	if j.Index != "" {
		p.Go(func(context.Context) (err error) {
			in.directory, err = index.OpenMapped(j.Index)
			if err == nil {
				err = j.fits(in.directory)
			}
			return err
		})
	}
	p.Go(func(ctx context.Context) (err error) {
		if in.again, err = j.openAgain(ctx, before); err != nil || in.again != nil {
			return err
		}
		in.left, err = j.open(ctx, j.Left, j.Spec.Left, "read left")
		return err
	})
	err = p.Wait()
	return in, err
}

// openAgain reads the left file as far as it is another one than that of the scores; nil when it must be read in whole.
func (j *Job) openAgain(ctx context.Context, before *linkage.Kept) (*record.Reread, error) {
	if before == nil {
		return nil, nil
	}
	written, ids := before.Written()
	if written == nil {
		return nil, nil
	}
	task := j.Progress.Start("read left", 0, "records")
	defer task.Done()
	side := j.Spec.Left
	return record.OpenAgain(ctx, j.Left, side.ID, side.Columns, written, ids, record.Options{Progress: func(n int) { task.Add(int64(n)) }})
}

// fits checks that a prepared directory was made by what the specification says, as far as links depend on it.
func (j *Job) fits(d *feature.Directory) error {
	var what string
	switch s := j.Spec; {
	case d.Entity != s.Entity:
		what = fmt.Sprintf("of entity %s, the specification is about entity %s", d.Entity, s.Entity)
	case !slices.EqualFunc(d.Rules, s.Blocking, slices.Equal):
		what = "made with other blocking rules than the specification has"
	case d.Country() != s.Country:
		what = fmt.Sprintf("made for telephone numbers of country %q, the specification says %q", d.Country(), s.Country)
	default:
		return nil
	}
	return fmt.Errorf("%w: %s is %s; make it anew with `crmsync index` and this specification", ErrSpec, j.Index, what)
}

func (j *Job) open(ctx context.Context, path string, side Side, label string) (*record.Table, error) {
	task := j.Progress.Start(label, 0, "records")
	defer task.Done()
	return record.Open(ctx, path, side.ID, side.Columns, record.Options{Workers: max(1, j.Workers), Progress: func(n int) { task.Add(int64(n)) }, Written: j.Scores != ""})
}

// spares checks that no output takes the place of an input or of another output.
func (j *Job) spares(outputs ...string) error {
	taken := []string{j.Left, j.Right, j.Index, j.Spec.Model, j.SpecFile}
	for _, out := range outputs {
		if out == "" {
			continue
		}
		for _, path := range taken {
			if path != "" && same(out, path) {
				return fmt.Errorf("%w: %s", ErrOverwrite, out)
			}
		}
		taken = append(taken, out)
	}
	return nil
}

func same(a, b string) bool {
	if a == b {
		return true
	}
	x, err := os.Stat(a)
	if err != nil {
		return false // not there yet
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// Prepare reads a directory file by the right side of a specification and writes it prepared.
func Prepare(ctx context.Context, s *Spec, file, out string, workers int, progress pipeline.Progress) (rows int, err error) {
	j := &Job{Spec: s, Right: file, Workers: workers, Progress: progress}
	if err := j.spares(out); err != nil {
		return 0, err
	}
	side := s.Right
	if side.ID == "" {
		return 0, fmt.Errorf("%w: right needs an id and columns", ErrSpec)
	}
	t, err := j.open(ctx, file, side, "read directory")
	if err != nil {
		return 0, err
	}
	task := progress.Start("prepare", int64(t.Len()), "records")
	defer task.Done()
	d := feature.Prepare(s.Entity, t, feature.Options{Workers: max(1, workers), Country: s.Country, Rules: s.Blocking})
	task.Add(int64(t.Len()))
	return t.Len(), index.Write(out, d, file, nil)
}
