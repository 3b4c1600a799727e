package linkfiles

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/google/renameio/v2"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/stages/match/feature"
	"github.com/crmsync/crmsync/stages/match/index"
	"github.com/crmsync/crmsync/stages/match/linkage"
	"github.com/crmsync/crmsync/stages/match/record"
	"github.com/crmsync/crmsync/stages/match/weigh"
)

// Job links two files, or one with itself.
type Job struct {
	Spec        *Spec
	Left, Right string // files; Right is empty for duplicates, or when Index is set
	Index       string // prepared directory in the place of the right file
	Out         string
	Many        bool   // every pair at or above the threshold, not one to one
	ModelOut    string // file for the model that was used; empty for none
	Workers     int
	Progress    pipeline.Progress
}

// Summary says what a job did.
type Summary struct {
	LeftRows   int             `json:"left_rows"`
	RightRows  int             `json:"right_rows"`
	Pairs      int64           `json:"pairs"`
	Uncompared int64           `json:"pairs_uncompared"`
	Links      int             `json:"links"`
	Reviews    int             `json:"reviews"`
	Duplicates int             `json:"duplicates"`
	Clusters   int             `json:"clusters,omitempty"`
	Model      string          `json:"model"`
	Training   weigh.Training  `json:"training"`
	Phases     []linkage.Phase `json:"phases"`
	Seconds    float64         `json:"seconds"`
}

// Run links and writes.
func (j *Job) Run(ctx context.Context) (*Summary, error) {
	start := time.Now()
	dedupe := j.Right == "" && j.Index == ""
	cfg := linkage.Config{
		Entity: j.Spec.Entity, Threshold: j.Spec.Threshold, Review: j.Spec.Review, Workers: max(1, j.Workers), Country: j.Spec.Country,
		Many: j.Many, Dedupe: dedupe, Rules: j.Spec.Blocking, Brief: true,
	}
	if cfg.Threshold != 0 && cfg.Review == 0 {
		cfg.Review = min(0.2, cfg.Threshold)
	}
	if j.Spec.Margin != nil {
		cfg.Margin = max(*j.Spec.Margin, 1e-9)
	}
	if j.Spec.Model != "" {
		data, err := os.ReadFile(j.Spec.Model)
		if err != nil {
			return nil, fmt.Errorf("read model: %w", err)
		}
		if cfg.Model, err = weigh.Read(data); err != nil {
			return nil, fmt.Errorf("%s: %w", j.Spec.Model, err)
		}
	}
	sum := &Summary{}
	lap := func(name string) {
		sum.Phases = append(sum.Phases, linkage.Phase{Name: name, Seconds: time.Since(start).Seconds()})
	}
	res, err := j.link(ctx, cfg, sum, lap)
	if err != nil {
		return nil, err
	}
	sum.Phases = append(sum.Phases, res.Phases...)
	for i := range res.Compared {
		sum.Pairs, sum.Uncompared = sum.Pairs+res.Compared[i], sum.Uncompared+res.Uncompared[i]
	}
	for _, m := range res.Matches {
		switch m.Decision {
		case linkage.Link:
			sum.Links++
		case linkage.Review:
			sum.Reviews++
		case linkage.Duplicate:
			sum.Duplicates++
		}
	}
	sum.Model, sum.Training = res.Model.Fingerprint(), res.Model.Training
	if dedupe {
		distinct := map[string]bool{}
		for _, c := range clusters(res.Matches) {
			distinct[c] = true
		}
		sum.Clusters = len(distinct)
	}
	if j.ModelOut != "" {
		data, err := json.MarshalIndent(res.Model, "", " ")
		if err != nil {
			return nil, fmt.Errorf("encode model: %w", err)
		}
		if err := renameio.WriteFile(j.ModelOut, append(data, '\n'), 0o600); err != nil {
			return nil, fmt.Errorf("write model: %w", err)
		}
	}
	if err := write(j.Out, res, dedupe); err != nil {
		return nil, err
	}
	sum.Seconds = time.Since(start).Seconds()
	return sum, nil
}

// link reads the files and links their records.
func (j *Job) link(ctx context.Context, cfg linkage.Config, sum *Summary, lap func(string)) (*linkage.Result, error) {
	var directory *feature.Directory
	var right *record.Table
	var err error
	switch {
	case j.Index != "":
		if directory, err = index.Open(j.Index); err != nil {
			return nil, err
		}
		if directory.Entity != j.Spec.Entity {
			return nil, fmt.Errorf("%s holds a %s directory, the specification is about a %s", j.Index, directory.Entity, j.Spec.Entity)
		}
		sum.RightRows = directory.Table.Len()
	case j.Right != "":
		if right, err = j.open(ctx, j.Right, j.Spec.Right, "read right"); err != nil {
			return nil, err
		}
	}
	left, err := j.open(ctx, j.Left, j.Spec.Left, "read left")
	if err != nil {
		return nil, err
	}
	lap("read")
	sum.LeftRows = left.Len()
	task := j.Progress.Start("link", int64(left.Len()), "records")
	defer task.Done()
	cfg.Progress = func(n int) { task.Add(int64(n)) }
	if directory != nil {
		return linkage.RunPrepared(ctx, left, directory, cfg)
	}
	if right == nil {
		right = left
	}
	sum.RightRows = right.Len()
	return linkage.Run(ctx, left, right, cfg)
}

func (j *Job) open(ctx context.Context, path string, side Side, label string) (*record.Table, error) {
	task := j.Progress.Start(label, 0, "records")
	defer task.Done()
	return record.Open(ctx, path, side.ID, side.Columns, record.Options{Workers: max(1, j.Workers), Progress: func(n int) { task.Add(int64(n)) }})
}

// Prepare reads a directory file by the right side of a specification and writes it prepared.
func Prepare(ctx context.Context, s *Spec, file, out string, workers int, progress pipeline.Progress) (rows int, err error) {
	j := &Job{Spec: s, Workers: workers, Progress: progress}
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
	return t.Len(), index.Write(out, d, file)
}
