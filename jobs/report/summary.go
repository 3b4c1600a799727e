package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// WriteJSON writes the summary as indented JSON.
func (s *Summary) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return fmt.Errorf("write summary: %w", err)
	}
	return nil
}

// WriteText writes the summary as tables no wider than width columns (at least 60), in colour if wanted.
func (s *Summary) WriteText(w io.Writer, width int, color bool) error {
	p := &printer{width: max(width, 60), color: color}
	p.line(p.bold("crmsync · contract " + s.Contract))
	if !s.AsOf.IsZero() {
		p.line(p.faint("as of " + s.AsOf.UTC().Format("2006-01-02 15:04:05") + " UTC"))
	}
	s.objects(p)
	s.rates(p)
	s.examples(p)
	s.follow(p)
	s.cases(p)
	s.where(p)
	if _, err := io.WriteString(w, p.out.String()); err != nil {
		return fmt.Errorf("write summary: %w", err)
	}
	return nil
}

// objects shows the rows per object, one column for each sync, and below them what the syncs cost.
func (s *Summary) objects(p *printer) {
	var syncs []Run
	var names []string
	rows := map[string][]string{}
	for _, r := range s.Runs {
		if len(r.Objects) == 0 {
			continue
		}
		syncs = append(syncs, r)
		for _, o := range r.Objects {
			if rows[o.Object] == nil {
				names = append(names, o.Object)
				rows[o.Object] = []string{}
			}
		}
	}
	if len(syncs) == 0 {
		return
	}
	head := table.Row{"Rows read"}
	for i := range syncs {
		head = append(head, ordinal(i)+" sync")
	}
	t := p.table(append(head, "Now"))
	for _, name := range names {
		row := table.Row{name}
		now := none
		for _, r := range syncs {
			cell := none
			for _, o := range r.Objects {
				if o.Object == name {
					cell, now = count(o.Read), count(o.Rows)
					if o.Deleted > 0 {
						cell += fmt.Sprintf(", %s deleted", count(o.Deleted))
					}
				}
			}
			row = append(row, cell)
		}
		t.AppendRow(append(row, now))
	}
	foot := func(name string, of func(Run) string) {
		row := table.Row{name}
		for _, r := range syncs {
			row = append(row, of(r))
		}
		t.AppendRow(append(row, ""))
	}
	t.AppendSeparator()
	foot("API calls", func(r Run) string { return count(r.APICalls) })
	foot("Time", func(r Run) string { return seconds(r.Seconds) })
	p.render(t)
}

func (s *Summary) rates(p *printer) {
	if len(s.MatchRates) == 0 {
		return
	}
	t := p.table(table.Row{"Matched", "Records", "Eligible", "Linked", "Review", "Rate", ""})
	for _, m := range s.MatchRates {
		t.AppendRow(table.Row{m.Object, count(m.Records), count(m.Eligible), count(m.Linked), count(m.Review), percent(m.Rate), p.bar(m.Rate, min(16, p.width-62))})
	}
	p.render(t)
}

func (s *Summary) examples(p *printer) {
	if len(s.Examples) == 0 {
		return
	}
	p.line("")
	p.line(p.bold("Why they match"))
	for _, e := range s.Examples {
		p.line(fmt.Sprintf("%s %s = %s", e.Object, p.bold(e.Record), p.bold(e.Target)))
		p.line("  " + p.faint(fmt.Sprintf("%s, %s bits: ", likely(e.Probability), digits(e.Weight))) + strings.Join(e.Reasons, ", "))
	}
}

// likely writes a probability without claiming certainty.
func likely(p float64) string {
	if p > 0.9995 {
		return "over 99.9 %"
	}
	return percent(p)
}

// follow shows what came of the matches: saves, ROI, write-back.
func (s *Summary) follow(p *printer) {
	t := p.table(table.Row{"What follows", ""})
	t.AppendRow(table.Row{"Seats", fmt.Sprintf("%s, %s tied to a CRM user", count(s.Saves.Seats), count(s.Saves.SeatsTied))})
	t.AppendRow(table.Row{"Auto-saves", fmt.Sprintf("%s people and %s companies for %s sellers, %s new",
		count(s.Saves.People), count(s.Saves.Companies), count(s.Saves.Sellers), count(s.Saves.New))})
	if r := s.ROI; r.Authorised {
		t.AppendRow(table.Row{"ROI", fmt.Sprintf("%s of %s opportunities influenced, %s sourced", count(r.Influenced), count(r.Opportunities), count(r.Sourced))})
		for _, a := range r.Amounts {
			t.AppendRow(table.Row{"", fmt.Sprintf("revenue won %s, influenced %s (%s), sourced %s", amount(a.Won, a.Currency),
				amount(a.WonInfluenced, a.Currency), part(a.WonInfluenced, a.Won), amount(a.WonSourced, a.Currency))})
		}
	} else {
		t.AppendRow(table.Row{"ROI", "not authorised (crmsync settings set roi.authorised true)"})
	}
	var states []string
	for _, w := range s.Writeback {
		states = append(states, count(w.Rows)+" "+w.State)
	}
	if states == nil {
		states = []string{"none"}
	}
	t.AppendRow(table.Row{"Activities", strings.Join(states, ", ")})
	p.render(t)
}

// where shows paths and the way into the database, never broken, so that they can be copied.
func (s *Summary) where(p *printer) {
	if len(s.Paths) == 0 && s.SQL == "" {
		return
	}
	p.line("")
	p.line(p.bold("Look further"))
	widest := len("SQL")
	for _, f := range s.Paths {
		widest = max(widest, text.StringWidthWithoutEscSequences(f.Name))
	}
	for _, f := range s.Paths {
		p.line("  " + text.Pad(f.Name, widest+2, ' ') + f.Path)
	}
	if s.SQL != "" {
		p.line("  " + text.Pad("SQL", widest+2, ' ') + s.SQL)
	}
}

func ordinal(i int) string {
	if i < 5 {
		return []string{"First", "Second", "Third", "Fourth", "Fifth"}[i]
	}
	return fmt.Sprintf("%dth", i+1)
}
