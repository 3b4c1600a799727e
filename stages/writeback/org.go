package writeback

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/crmsync/crmsync/pipeline/salesforce"
)

// DefaultRecordTypes are the names under which the managed package's record types of Task are found, by kind; blanks,
// underscores and case don't count. The first that the org has is taken.
func DefaultRecordTypes() map[string][]string {
	return map[string][]string{
		kindInMail:     {"LinkedIn InMail", "InMail"},
		kindMessage:    {"LinkedIn Message", "Messages"},
		kindCall:       {"LinkedIn Call", "Call"},
		kindPointDrive: {"Smart Links Viewed", "Smart Link Viewed", "PointDrive Presentation Viewed"},
	}
}

// DefaultUniqueField is the custom field of Activity that makes a second insert fail, where an org has it.
const DefaultUniqueField = "crmsync_activity_id__c"

// minUniqueLength is the length that a unique field needs: shorter hashes could meet.
const minUniqueLength = 32

// orgFacts are what write-back needs to know of the org.
type orgFacts struct {
	recordTypes map[string]string // by kind
	// uniqueField is empty when the org has none; uniqueLength is how many characters it takes.
	uniqueField  string
	uniqueLength int
	// off says why nothing can be written (R6).
	off string
}

func learn(ctx context.Context, client *salesforce.Client, names map[string][]string, uniqueField string) (*orgFacts, error) {
	task, err := client.Describe(ctx, objectTask)
	if err != nil {
		return nil, err
	}
	return factsOf(task, names, uniqueField), nil
}

func factsOf(task *salesforce.Object, names map[string][]string, uniqueField string) *orgFacts {
	facts := &orgFacts{recordTypes: map[string]string{}}
	for kind, wanted := range names {
		for _, name := range wanted {
			at := slices.IndexFunc(task.RecordTypes, func(t salesforce.RecordType) bool {
				return t.Active && t.Available && !t.Master && (plainName(t.DeveloperName) == plainName(name) || plainName(t.Name) == plainName(name))
			})
			if at >= 0 {
				facts.recordTypes[kind] = task.RecordTypes[at].ID
				break
			}
		}
	}
	switch {
	case !task.Createable:
		facts.off = "write-back is off: the integration user may not create tasks; give it the permission to create Task"
	case len(facts.recordTypes) == 0:
		facts.off = fmt.Sprintf("write-back is off: the org has no record type of Task named like %s; install the Sales Navigator package "+
			"and give its record types to the integration user's profile", quoted(names[kindInMail]))
	}
	if f, ok := task.Field(uniqueField); ok && uniqueField != "" && f.Unique && f.Createable && f.Length >= minUniqueLength {
		facts.uniqueField, facts.uniqueLength = f.Name, f.Length
	}
	return facts
}

// Ability is what an org lets write-back do.
type Ability struct {
	// Off says why nothing can be written (R6); empty when something can.
	Off string
	// Kinds are the activity kinds that have a record type of Task, and Missing those that lack theirs, in alphabetical order. Notes are
	// not among them: they are no Tasks.
	Kinds, Missing []string
	// UniqueField is the custom field that makes a second insert fail; empty when the org has none.
	UniqueField string
}

// AbilityOf tells what write-back could do in an org whose Task object is described so.
func AbilityOf(task *salesforce.Object, uniqueField string) Ability {
	names := DefaultRecordTypes()
	facts := factsOf(task, names, uniqueField)
	a := Ability{Off: facts.off, UniqueField: facts.uniqueField}
	for _, kind := range slices.Sorted(maps.Keys(names)) {
		if facts.recordTypes[kind] != "" {
			a.Kinds = append(a.Kinds, kind)
		} else {
			a.Missing = append(a.Missing, kind)
		}
	}
	return a
}

func plainName(s string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "_", "").Replace(s))
}

// lacks says why an activity of the kind can't be written to this org; empty when it can.
func (o *orgFacts) lacks(kind string, names map[string][]string) string {
	if o.off != "" {
		return o.off
	}
	if kind == kindNote || o.recordTypes[kind] != "" {
		return ""
	}
	return fmt.Sprintf("the org has no record type of Task for %s that the integration user may use, named like %s", kind, quoted(names[kind]))
}

func quoted(names []string) string {
	return `"` + strings.Join(names, `" or "`) + `"`
}
