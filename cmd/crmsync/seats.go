package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"github.com/crmsync/crmsync/stages/control"
	"github.com/crmsync/crmsync/stages/licence"
)

func (a *app) seatsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "seats",
		Short: "Show which seat is which CRM user's, and tie seats by hand",
		Long: `A seat is tied to the CRM user with the same e-mail address: whatever its case, then without tags (ann+crm@ is ann@), then at
another domain of the same group (setting seats.email_domains). What is tied by hand wins, and takes effect with the next run.`,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(a.seatsListCommand(), a.seatsMapCommand(), a.seatsUnmapCommand())
	return c
}

func (a *app) seatsListCommand() *cobra.Command {
	var mismatched bool
	c := &cobra.Command{
		Use:   "list",
		Short: "List seats: those that get nothing of the sync first, with why, and with the users who may be theirs",
		Long: `list shows the seats as the latest sync tied them. Seats that are tied to nobody come with the active users whose names and
addresses are most like the seat's. Seats whose licence does not include the sync are skipped by everything that follows.`,
		Example: "  crmsync seats list --mismatched",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *session) error {
				seats, err := licence.Seats(cmd.Context(), s.db, s.cfg.Contract)
				if err != nil {
					return err
				}
				total, skipped := len(seats), 0
				for _, x := range seats {
					if x.Skipped() {
						skipped++
					}
				}
				if mismatched {
					seats = slices.DeleteFunc(seats, func(x licence.Seat) bool { return !x.Skipped() })
				}
				if a.json {
					return a.printJSON(seats)
				}
				a.printSeats(seats)
				fmt.Fprintf(a.stdout, "%d seats, %d of them get nothing of the sync\n", total, skipped)
				return nil
			})
		},
	}
	c.Flags().BoolVar(&mismatched, "mismatched", false, "only seats that get nothing of the sync")
	return c
}

func (a *app) printSeats(seats []licence.Seat) {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Format.Header = text.FormatDefault
	t.AppendHeader(table.Row{"seat", "licence", "CRM user", "by", "note"})
	t.SetColumnConfigs([]table.ColumnConfig{{Number: 5, WidthMax: 70, WidthMaxEnforcer: wrapLines}})
	for _, x := range seats {
		user := x.User
		if x.UserID != "" {
			user += "\n" + x.UserID
		}
		var notes []string
		if x.Note != "" {
			notes = append(notes, x.Note)
		}
		switch {
		case x.Pending != "":
			notes = append(notes, "tied to "+x.Pending+" by hand, with the next run")
		case x.Freed:
			notes = append(notes, "no longer tied by hand, with the next run")
		}
		for _, c := range x.Candidates {
			note := fmt.Sprintf("perhaps %s, %s, %s (%.0f %% alike)", c.Name, c.Email, c.UserID, 100*c.Score)
			if c.SeatID != "" {
				note += ", who has seat " + c.SeatID
			}
			notes = append(notes, note)
		}
		t.AppendRow(table.Row{strings.TrimSpace(x.SeatID+" "+x.Name) + "\n" + x.Email, x.Licence, user, x.Method, strings.Join(notes, "\n")})
	}
	fmt.Fprintln(a.stdout, t.Render())
}

// mapped is a seat that was just tied to a user, or untied.
type mapped struct {
	SeatID string   `json:"seat_id"`
	UserID string   `json:"user_id,omitempty"`
	User   string   `json:"user,omitempty"`
	By     string   `json:"by"`
	Notes  []string `json:"notes"`
	effect
}

func (a *app) seatsMapCommand() *cobra.Command {
	var by string
	c := &cobra.Command{
		Use:     "map SEAT USER",
		Short:   "Tie a seat to a CRM user, given by Salesforce id or e-mail address",
		Example: "  crmsync seats map 5000120 ann.lee@example.com",
		Args:    usage(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *session) error {
				ctx := cmd.Context()
				seat, err := licence.FindSeat(ctx, s.db, s.cfg.Contract, args[0])
				if errors.Is(err, licence.ErrSeat) {
					return usageError{fmt.Errorf("%w; `crmsync seats list` shows them", err)}
				}
				if err != nil {
					return err
				}
				user, err := licence.FindUser(ctx, s.db, s.cfg.Contract, args[1])
				if errors.Is(err, licence.ErrUser) {
					return usageError{err}
				}
				if err != nil {
					return err
				}
				m := mapped{SeatID: seat.SeatID, UserID: user.ID, User: user.Name, By: cmp.Or(by, whoami()), Notes: []string{}}
				if user.SeatID != "" && user.SeatID != seat.SeatID {
					m.Notes = append(m.Notes, fmt.Sprintf("%s holds seat %s as well", user.Name, user.SeatID))
				}
				if err := control.MapSeat(ctx, s.db, s.cfg.Contract, m.By, seat.SeatID, user.ID); err != nil {
					return err
				}
				return a.tellMapped(s, m)
			})
		},
	}
	byFlag(c, &by)
	return c
}

func (a *app) seatsUnmapCommand() *cobra.Command {
	var by string
	c := &cobra.Command{
		Use:     "unmap SEAT",
		Short:   "Take a seat's tie by hand back: the e-mail address decides again",
		Example: "  crmsync seats unmap 5000120",
		Args:    usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *session) error {
				m := mapped{SeatID: args[0], By: cmp.Or(by, whoami()), Notes: []string{}}
				if err := control.UnmapSeat(cmd.Context(), s.db, s.cfg.Contract, m.By, m.SeatID); err != nil {
					return err
				}
				return a.tellMapped(s, m)
			})
		},
	}
	byFlag(c, &by)
	return c
}

func (a *app) tellMapped(s *session, m mapped) (err error) {
	if m.effect, err = s.effectNow(); err != nil {
		return err
	}
	if a.json {
		return a.printJSON(m)
	}
	if m.UserID == "" {
		fmt.Fprintf(a.stdout, "seat %s is no longer tied by hand\n", m.SeatID)
	} else {
		fmt.Fprintf(a.stdout, "seat %s is %s's (%s)\n", m.SeatID, m.User, m.UserID)
	}
	for _, n := range m.Notes {
		fmt.Fprintln(a.stdout, n)
	}
	fmt.Fprintf(a.stdout, "takes effect with %s; %s\n", m.From, m.Advice)
	return nil
}
