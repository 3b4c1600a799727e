package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/stages/control"
	"github.com/crmsync/crmsync/stages/match/linkage"
)

func (a *app) reviewAcceptCommand() *cobra.Command {
	return a.decisionCommand("accept RECORD [PROFILE]", "Link a record to its candidate, or to the profile or company named",
		"  crmsync review accept 00Q5e00000AbCdEEAV --why 'spoke to her'", control.Link)
}

func (a *app) reviewRejectCommand() *cobra.Command {
	return a.decisionCommand("reject RECORD [PROFILE]", "Never link a record to its candidate, or to the profile or company named",
		"  crmsync review reject 00Q5e00000AbCdEEAV p00017 --by ann --why 'her sister'", control.Reject)
}

func (a *app) decisionCommand(use, short, example, verdict string) *cobra.Command {
	var d decider
	c := &cobra.Command{
		Use: use, Short: short, Example: example,
		Args: usage(cobra.RangeArgs(1, 2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withDecider(cmd.Context(), d, func(d *decider) error {
				record, err := d.findRecord(cmd.Context(), d.m, args[0])
				if err != nil {
					return err
				}
				id := ""
				if len(args) == 2 {
					id = args[1]
				} else if id, err = d.candidate(cmd.Context(), record); err != nil {
					return err
				}
				target, err := d.findTarget(cmd.Context(), d.m, record.Object, id)
				if err != nil {
					return err
				}
				return d.decide(cmd.Context(), verdict, record, target)
			})
		},
	}
	d.flags(c, keptReason)
	return c
}

func (a *app) reviewUndoCommand() *cobra.Command {
	var d decider
	c := &cobra.Command{
		Use:   "undo RECORD [PROFILE]",
		Short: "Take back what was decided by hand about a record; the model decides again",
		Long: `undo takes a decision back, a link or a rejection. When several were made about the record, name the profile or company.
'crmsync link list' shows all.`,
		Example: "  crmsync review undo 00Q5e00000AbCdEEAV",
		Args:    usage(cobra.RangeArgs(1, 2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withDecider(cmd.Context(), d, func(d *decider) error {
				object, id, err := recordID(args[0])
				if err != nil {
					return err
				}
				made, err := d.made(cmd.Context(), id, args[1:]...)
				if err != nil {
					return err
				}
				switch {
				case len(made) == 0:
					return fmt.Errorf("nothing was decided by hand about %s: %w", describePair(object, id, args[1:]...), control.ErrNothing)
				case len(made) > 1:
					return usageError{fmt.Errorf("%d decisions were made about %s %s, name one of: %s", len(made), object, id, targetsOf(made))}
				}
				return d.undo(cmd.Context(), made[0])
			})
		},
	}
	d.flags(c, "")
	return c
}

// candidate is what a record in review would be linked to.
func (d *decider) candidate(ctx context.Context, record found) (string, error) {
	links, err := d.runLinks(ctx, d.m, func(l *runLink) bool { return l.RecordID == record.ID })
	if err != nil {
		return "", err
	}
	switch {
	case len(links) == 0:
		return "", fmt.Errorf("%s %s has no candidate in %s; name the profile or company", record.Object, record.ID, d.m.RunID)
	case links[0].Decision == linkage.Review:
		return links[0].TargetID, nil
	case links[0].Decision == linkage.Link:
		return "", fmt.Errorf("%s %s is not in review: it is %s to %s in %s; name the profile or company, or see `crmsync link remove`",
			record.Object, record.ID, links[0].verdict(), links[0].TargetID, d.m.RunID)
	}
	return "", fmt.Errorf("%s %s is not in review: in %s it is %s; name the profile or company", record.Object, record.ID, d.m.RunID, links[0].verdict())
}

// withDecider opens the latest sync for a decision.
func (a *app) withDecider(ctx context.Context, d decider, fn func(*decider) error) error {
	return a.with(ctx, func(s *session) error {
		m, err := s.run("")
		if err != nil {
			return err
		}
		if d.by == "" {
			d.by = whoami()
		}
		if d.by == "" {
			return usageError{errors.New("--by: the login name is not known; say who decides")}
		}
		d.session, d.app, d.m = s, a, m
		return fn(&d)
	})
}

// decider makes and takes back decisions for somebody.
type decider struct {
	*session
	app     *app
	m       *pipeline.Manifest // the latest sync, which the people who decide have seen
	by, why string
}

const keptReason = "why, kept with the decision"

// flags adds the flags of who decides and why; what is taken back has no place for a reason.
func (d *decider) flags(c *cobra.Command, why string) {
	c.Flags().StringVar(&d.by, "by", "", "who decides (default: the login name)")
	if why != "" {
		c.Flags().StringVar(&d.why, "why", "", why)
	}
}
