package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/schemas"
)

// findings are what a run saw of the org that somebody should look at, in the order of the objects: fields that the integration user may
// not see, fields that changed since the run before, records that could not be taken,
// and stages that are named and never met.
func findings(m *pipeline.Manifest, objects []*schemas.Dataset) (list []string) {
	names := map[string]bool{}
	for _, s := range m.Stages {
		for name := range s.Counts {
			names[name] = true
		}
	}
	sorted := slices.Sorted(maps.Keys(names))
	for _, name := range sorted {
		if stage, ok := strings.CutPrefix(name, "roi.unseen_stage."); ok {
			list = append(list, fmt.Sprintf("roi.pipeline_stages names %q, a stage that no opportunity is in; look whether it is spelt so", stage))
		}
	}
	for _, ds := range objects {
		for _, name := range sorted {
			if field, ok := strings.CutPrefix(name, "hidden."+ds.Object+"."); ok {
				list = append(list, fmt.Sprintf("%s.%s is hidden from the integration user, so its column is empty; "+
					"grant read access by field-level security", ds.Object, field))
			}
			drift, ok := strings.CutPrefix(name, "drift."+ds.Object+".")
			if !ok {
				continue
			}
			switch field, change, _ := strings.Cut(drift, "."); change {
			case "shown":
				list = append(list, fmt.Sprintf("%s.%s was not read before; the object was read in full, so every row has it", ds.Object, field))
			case "retyped":
				list = append(list, fmt.Sprintf("%s.%s has another type than before; the object was read in full, look whether its values still mean the same", ds.Object, field))
			}
		}
		if e, ok := m.Entry(ds.Name); ok && len(e.SetAside) > 0 {
			list = append(list, fmt.Sprintf("%d records of %s are set aside, since they lack a field that every record should have: %s",
				len(e.SetAside), ds.Object, shorten(e.SetAside, 5)))
		}
	}
	return list
}

// shorten lists the first few of some ids.
func shorten(ids []string, most int) string {
	if len(ids) <= most {
		return strings.Join(ids, ", ")
	}
	return strings.Join(ids[:most], ", ") + ", …"
}
