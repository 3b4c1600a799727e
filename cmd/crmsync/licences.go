package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"github.com/crmsync/crmsync/stages/licence"
)

func (a *app) licencesCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "licences",
		Short: "Pick the CRM users whom licences go to, by role",
		Args:  usage(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(a.licencesListCommand(), a.licencesRolesCommand())
	return c
}

func (a *app) licencesListCommand() *cobra.Command {
	var role string
	var below, asCSV bool
	c := &cobra.Command{
		Use:   "list --role ROLE",
		Short: "List the active users of a role, and who of them has a seat",
		Long: `list shows the CRM users of a role, to assign licences to. ROLE is a name or a Salesforce id. Who holds an active seat is marked,
and whether its licence includes the sync; inactive users are left out. Where the role tree is broken - a cycle, or a role whose
parent does not exist - that is told, and nothing is followed around a cycle.`,
		Example: "  crmsync licences list --role 'EMEA Sales' --with-subordinates\n  crmsync licences list --role 00E5e000000AbCdEAV --csv > licences.csv",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case role == "":
				return usageError{errors.New("--role: name a role; `crmsync licences roles` lists them")}
			case asCSV && a.json:
				return usageError{errors.New("--csv and --json: choose one")}
			}
			return a.with(cmd.Context(), func(s *session) error {
				g, err := licence.List(cmd.Context(), s.db, s.cfg.Contract, role, below)
				switch {
				case errors.Is(err, licence.ErrRole):
					return usageError{err}
				case err != nil:
					return err
				case a.json:
					return a.printJSON(g)
				case asCSV:
					a.tellBroken(a.stderr, g.Broken)
					return writePeople(a.stdout, g.People)
				}
				a.printPeople(g)
				return nil
			})
		},
	}
	c.Flags().StringVar(&role, "role", "", "name or Salesforce id of the role")
	c.Flags().BoolVar(&below, "with-subordinates", false, "also the users of all roles below")
	c.Flags().BoolVar(&asCSV, "csv", false, "print CSV")
	return c
}

// holds says what seat a person has.
func holds(p licence.Person) string {
	switch {
	case p.SeatID == "":
		return ""
	case p.Licensed:
		return "seat " + p.SeatID
	default:
		return "seat " + p.SeatID + ", not of the sync"
	}
}

func (a *app) printPeople(g *licence.Group) {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Format.Header = text.FormatDefault
	t.AppendHeader(table.Row{"user", "e-mail", "title", "role", "seat"})
	for _, p := range g.People {
		t.AppendRow(table.Row{p.Name + "\n" + p.UserID, p.Email, p.Title, p.Role, holds(p)})
	}
	t.SetColumnConfigs([]table.ColumnConfig{{Number: 3, WidthMax: 30, WidthMaxEnforcer: text.WrapSoft}})
	what := "role " + g.Role.String()
	if g.Below {
		what += fmt.Sprintf(" and %d roles below", len(g.Roles)-1)
	}
	fmt.Fprintf(a.stdout, "%s\n%s\n%d active users, %d of them with a seat\n", what, t.Render(), len(g.People), g.WithSeat)
	a.tellBroken(a.stdout, g.Broken)
}

// tellBroken warns of roles that nobody is above.
func (a *app) tellBroken(w io.Writer, broken []licence.Role) {
	for _, r := range broken {
		why := "its way to the top leads to a role that does not exist"
		if r.Problem == "cycle" {
			why = "the roles above it go around in a circle"
		}
		fmt.Fprintf(w, "role %s (%s): %s, so its users may be missing below other roles\n", r.Name, r.ID, why)
	}
}

// writePeople writes CSV; cells that a spreadsheet would take for a formula are marked as text.
func writePeople(w io.Writer, people []licence.Person) error {
	c := csv.NewWriter(w)
	rows := [][]string{{"user_id", "name", "email", "title", "department", "role_id", "role", "has_seat", "seat_id", "licence_includes_sync"}}
	for _, p := range people {
		has, licensed := "false", ""
		if p.SeatID != "" {
			has, licensed = "true", fmt.Sprint(p.Licensed)
		}
		rows = append(rows, []string{p.UserID, asText(p.Name), asText(p.Email), asText(p.Title), asText(p.Department), p.RoleID, asText(p.Role), has, asText(p.SeatID), licensed})
	}
	if err := c.WriteAll(rows); err != nil {
		return fmt.Errorf("print CSV: %w", err)
	}
	return nil
}

// asText keeps spreadsheets from taking a text for a formula.
func asText(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

func (a *app) licencesRolesCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "roles",
		Short:   "Show the role tree of the CRM",
		Example: "  crmsync licences roles",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *session) error {
				roles, err := licence.Roles(cmd.Context(), s.db, s.cfg.Contract)
				if err != nil {
					return err
				}
				if a.json {
					return a.printJSON(roles)
				}
				for _, r := range roles {
					problem := ""
					if r.Problem != "" {
						problem = "  (" + r.Problem + ")"
					}
					fmt.Fprintf(a.stdout, "%s%s  %s%s\n", strings.Repeat("  ", len(r.Path)-1), r.Name, r.ID, problem)
				}
				return nil
			})
		},
	}
}
