package schemas

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

//go:generate go run ./gendict -out ../docs/data-dictionary.md

var sourceTitle = map[Source]string{
	FromCRM:       "Salesforce",
	FromNavigator: "Sales Navigator export",
	FromControl:   "Decisions and settings",
	FromStage:     "Computed by crmsync",
}

// WriteDictionary writes the data dictionary of all data sets as Markdown.
func WriteDictionary(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprint(b, "# Data dictionary\n\nGenerated from `schemas/` by `make generate`; do not edit.\n\n"+
		"These are the data sets that runs publish as Parquet files. Their tables in Postgres carry the same columns in snake\n"+
		"case, described there by COMMENTs (`\\d+ crmsync.links` in psql).\n\n"+
		"Types: timestamps are UTC with milliseconds; `json` is text that holds one JSON value. **P** marks personal data.\n")
	var source Source
	for _, ds := range All {
		if t := ds.sourceOf(); t != source {
			source = t
			fmt.Fprintf(b, "\n## %s\n", sourceTitle[source])
		}
		kind := "the whole data set in each run"
		if ds.Chain {
			kind = "a base and changes"
		}
		fmt.Fprintf(b, "\n### %s\n\n%s Key: `%s`. Published as %s.\n\n", ds.Name, ds.Doc, strings.Join(ds.Key, "`, `"), kind)
		fmt.Fprint(b, "| field | type | required | P | role in matching | what it is |\n|---|---|---|---|---|---|\n")
		for _, f := range ds.Fields {
			fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s | %s |\n",
				f.Name, f.Type, mark(!f.Nullable(), "yes"), mark(f.Personal(), "P"), f.Role, strings.ReplaceAll(f.Doc, "|", `\|`))
		}
	}
	if err := writeSettings(b); err != nil {
		return err
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write data dictionary: %w", err)
	}
	return nil
}

// writeSettings describes the keys of the data set Settings.
func writeSettings(w io.Writer) error {
	fmt.Fprint(w, "\n## Settings of a contract\n\nThe keys of `ctl_settings`. `crmsync settings set KEY VALUE` changes one; it applies from the next run on.\n\n"+
		"| setting | type | default | allowed | what it means |\n|---|---|---|---|---|\n")
	for _, s := range AllSettings {
		usual, err := s.Format(s.Default)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "| `%s` | %s | `%s` | %s | %s |\n", s.Key, s.Type, usual, s.Allowed(), strings.ReplaceAll(s.Doc, "|", `\|`))
	}
	return nil
}

// sourceOf groups rejects with the export that they come from.
func (d *Dataset) sourceOf() Source {
	if d == Rejects {
		return FromNavigator
	}
	return d.Source
}

func mark(set bool, text string) string {
	if set {
		return text
	}
	return ""
}
