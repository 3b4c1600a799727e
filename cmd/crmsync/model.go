package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"github.com/crmsync/crmsync/jobs"
	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/stages/match"
	"github.com/crmsync/crmsync/stages/match/weigh"
)

func (a *app) modelCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "model",
		Short: "Train, show and export the model that says how much each agreement weighs",
		Long: `Each sync trains a model on the contract's own data and keeps it with the run. Runs use one model for good when its file is named
under match.model in the configuration.`,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(a.modelTrainCommand(), a.modelShowCommand(), a.modelExportCommand())
	return c
}

// trained is what training made.
type trained struct {
	File        string         `json:"file"`
	Fingerprint string         `json:"fingerprint"`
	RunID       string         `json:"run_id"`
	Company     weigh.Training `json:"company"`
	Person      weigh.Training `json:"person"`
}

func (a *app) modelTrainCommand() *cobra.Command {
	var out, runID string
	c := &cobra.Command{
		Use:     "train --out FILE",
		Short:   "Train a model on the latest snapshots and write it to a file",
		Example: "  crmsync model train -c work/demo/crmsync.yaml --out model.json",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if out == "" {
				return usageError{errors.New("--out: name the file to write")}
			}
			return a.with(cmd.Context(), func(s *session) error {
				m, err := s.run(runID)
				if err != nil {
					return err
				}
				model, err := s.matcher(nil).Train(cmd.Context(), s.view(m))
				if err != nil {
					return err
				}
				if err := writeModel(out, model); err != nil {
					return err
				}
				if a.json {
					return a.printJSON(trained{out, model.Fingerprint(), m.RunID, model.Company.Training, model.Person.Training})
				}
				fmt.Fprintf(a.stdout, "%s: model %s, trained on %s\n", out, model.Fingerprint(), m.RunID)
				for _, e := range []*weigh.Model{model.Company, model.Person} {
					fmt.Fprintf(a.stdout, "%-8s %s\n", e.Entity, trainingFacts(e.Training))
				}
				return nil
			})
		},
	}
	c.Flags().StringVar(&out, "out", "", "file to write (JSON)")
	c.Flags().StringVar(&runID, "run", "", "run whose snapshots are trained on (default: the latest successful sync)")
	return c
}

func (a *app) modelShowCommand() *cobra.Command {
	var runID string
	c := &cobra.Command{
		Use:   "show [FILE]",
		Short: "Show what each level of each comparison weighs, and what the model was trained on",
		Long: `show prints the model in a file or, without one, the model that a run used. m is the probability of a level among matches, u among
other pairs, both where both sides have a value; a level adds log2(m/u) bits. A comparison that depends on another one has a
second set of figures, for the pairs that agree on that one.`,
		Example: "  crmsync model show -c work/demo/crmsync.yaml\n  crmsync model show model.json",
		Args:    usage(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				if runID != "" {
					return usageError{errors.New("--run: a file is named as well; choose one")}
				}
				return a.showModelFile(args[0])
			}
			return a.with(cmd.Context(), func(s *session) error {
				m, err := s.run(runID)
				if err != nil {
					return err
				}
				model, _, err := s.modelOf(m)
				if err != nil {
					return err
				}
				return a.showModels(model, model.Company, model.Person)
			})
		},
	}
	c.Flags().StringVar(&runID, "run", "", "run whose model is shown (default: the latest successful sync)")
	return c
}

// showModelFile shows a file with the models of a contract, or with one model as link-files writes it.
func (a *app) showModelFile(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return usageError{fmt.Errorf("read model file: %w", err)}
	}
	var single struct{ Comparisons json.RawMessage }
	if err := json.Unmarshal(data, &single); err == nil && single.Comparisons != nil {
		m, err := weigh.Read(data)
		if err != nil {
			return fmt.Errorf("model file %s: %w", path, err)
		}
		return a.showModels(m, m)
	}
	m, err := match.ReadModel(data)
	if err != nil {
		return fmt.Errorf("model file %s: %w", path, err)
	}
	if err := m.Check(); err != nil {
		fmt.Fprintf(a.stderr, "%s can be shown, but no run can use it: %v\n", path, err)
	}
	return a.showModels(m, m.Company, m.Person)
}

func (a *app) modelExportCommand() *cobra.Command {
	var out, runID string
	c := &cobra.Command{
		Use:     "export",
		Short:   "Write the model that a run used",
		Example: "  crmsync model export --run r000007-20261123T070000Z-sync --out model.json",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *session) error {
				m, err := s.run(runID)
				if err != nil {
					return err
				}
				model, data, err := s.modelOf(m)
				if err != nil {
					return err
				}
				if out == "" {
					_, err := a.stdout.Write(append(data, '\n'))
					return err
				}
				if err := renameio.WriteFile(out, append(data, '\n'), 0o600); err != nil {
					return fmt.Errorf("write %s: %w", out, err)
				}
				if a.json {
					return a.printJSON(map[string]string{"file": out, "fingerprint": model.Fingerprint(), "run_id": m.RunID})
				}
				fmt.Fprintf(a.stdout, "%s: model %s of %s\n", out, model.Fingerprint(), m.RunID)
				return nil
			})
		},
	}
	c.Flags().StringVar(&out, "out", "", "file to write (default: standard output)")
	c.Flags().StringVar(&runID, "run", "", "run whose model is wanted (default: the latest successful sync)")
	return c
}

func writeModel(path string, m *match.Model) error {
	data, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return fmt.Errorf("encode model: %w", err)
	}
	if err := renameio.WriteFile(path, append(data, '\n'), 0o600); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// model reads the model that the configuration names; nil when it names none.
func (s *session) model() (*match.Model, error) {
	if s.cfg.Match.Model == "" {
		return nil, nil
	}
	m, err := match.LoadModel(s.cfg.Match.Model)
	if err != nil {
		return nil, usageError{fmt.Errorf("match.model: %w", err)}
	}
	return m, nil
}

// modelOf reads the model that a run used.
func (s *session) modelOf(m *pipeline.Manifest) (*match.Model, []byte, error) {
	data, err := s.home.File(m.RunID, match.ModelFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("run %s (%s, %s) kept no model; runs that match keep one", m.RunID, m.Job, m.State)
	}
	if err != nil {
		return nil, nil, err
	}
	model, err := match.ReadModel(data)
	if err != nil {
		return nil, nil, fmt.Errorf("model of run %s: %w", m.RunID, err)
	}
	return model, data, nil
}

// matcher makes the stage that links, with the contract's thresholds.
func (s *session) matcher(model *match.Model) *match.Stage {
	c := s.cfg.Match
	return jobs.Sync{LinkProbability: c.LinkProbability, ReviewProbability: c.ReviewProbability, MarginBits: c.MarginBits, Model: model}.Matcher()
}

// view opens the data sets of a run for reading.
func (s *session) view(m *pipeline.Manifest) *pipeline.Run {
	v := s.home.View(s.store, m, s.log)
	v.Budget, v.Workers = int64(s.cfg.Run.Memory), s.workers()
	return v
}
