package writeback

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// match tells which record each row in flight became, and for which rows that can't be told. A record whose content is the row's
// is it. One that differs in its owner or target alone was reassigned by somebody, provided that there are as many of them
// as rows left; otherwise the rows are unclear.
func match(flying []inFlight, records []seen) (made map[string]string, unclear map[string][]string) {
	made, unclear = map[string]string{}, map[string][]string{}
	byUnique, byPrint, byText := map[string]string{}, map[string][]string{}, map[string][]string{}
	ours := map[string]bool{}
	for _, f := range flying {
		ours[f.Fingerprint] = true
	}
	for _, r := range records {
		switch {
		case r.Unique != "":
			byUnique[r.Unique] = r.ID
		case ours[r.Fingerprint]:
			byPrint[r.Fingerprint] = append(byPrint[r.Fingerprint], r.ID)
		case r.TextPrint != "":
			byText[r.TextPrint] = append(byText[r.TextPrint], r.ID)
		}
	}
	left := map[string][]string{} // rows without a record, by text
	for _, f := range flying {
		if id := byUnique[f.Unique]; f.Unique != "" && id != "" {
			made[f.ActivityID] = id
		} else if same := byPrint[f.Fingerprint]; len(same) > 0 {
			made[f.ActivityID], byPrint[f.Fingerprint] = same[0], same[1:]
		} else {
			left[f.TextPrint] = append(left[f.TextPrint], f.ActivityID)
		}
	}
	for text, rows := range left {
		for i, row := range rows {
			if ids := byText[text]; len(ids) == len(rows) {
				made[row] = ids[i]
			} else if len(ids) > 0 {
				unclear[row] = ids
			}
		}
	}
	return made, unclear
}

// Thresholds of likeness, the share of a row's words that a record has. From likeSure on a record that agrees in what automation has
// no reason to change is the row's; from likeMaybe on a person must look.
const (
	likeSure  = 0.8
	likeMaybe = 0.5
)

// maxPairs bounds the work of comparing texts. Beyond it rows are compared by what is not text alone.
const maxPairs = 200_000

// resemble looks at rows without a record and records without a row, of the integration user and made while the row may have been at
// work: automation of the org may have rewritten what was sent. A record is taken for a row's when owner, person and day are as
// sent, most of the row's words are there, and no other row or record is as alike. What is only like it makes the row unclear:
// neither sent again nor given up.
//
// The risk that remains, in an org without a unique field: a record whose owner or record type and whose words were both changed
// beyond recognition before the org was asked is not found, and the activity is written again.
func resemble(flying []inFlight, records []seen, made map[string]string, unclear map[string][]string, settle time.Duration) {
	taken := map[string]bool{}
	for _, id := range made {
		taken[id] = true
	}
	for _, ids := range unclear {
		for _, id := range ids {
			taken[id] = true
		}
	}
	strangers := slices.DeleteFunc(slices.Clone(records), func(r seen) bool { return taken[r.ID] || !r.Mine || r.TextPrint == "" || r.Unique != "" })
	rows := slices.DeleteFunc(slices.Clone(flying), func(f inFlight) bool {
		return made[f.ActivityID] != "" || unclear[f.ActivityID] != nil || f.Unique != ""
	})
	if len(strangers) == 0 || len(rows) == 0 {
		return
	}
	texts := make([]map[string]int, len(strangers))
	for i, r := range strangers {
		texts[i] = phrases(r.Content.Subject + " " + r.Content.Text)
	}
	compare := len(rows)*len(strangers) <= maxPairs
	sure, maybe := map[string][]string{}, map[string][]string{}
	claimed := map[string]int{} // how many rows a record is like
	for _, f := range rows {
		body, _ := cut(clean(f.Body), maxBody, units)
		own := phrases(f.Subject + " " + body)
		for i, r := range strangers {
			if r.Content.Object != f.Object || r.Created.Before(f.SentAt.Add(-clockSkew)) || r.Created.After(f.last().Add(settle+clockSkew)) {
				continue
			}
			like := 0.0
			if compare {
				like = share(own, texts[i])
			}
			same := agrees(f, r.Content)
			switch {
			case like >= likeSure && same:
				sure[f.ActivityID] = append(sure[f.ActivityID], r.ID)
			case like >= likeMaybe || same && shortID(r.Content.RecordTypeID) == shortID(f.RecordTypeID):
			default:
				continue
			}
			maybe[f.ActivityID] = append(maybe[f.ActivityID], r.ID)
			claimed[r.ID]++
		}
	}
	for _, f := range rows {
		id := f.ActivityID
		switch {
		case len(sure[id]) == 1 && len(maybe[id]) == 1 && claimed[sure[id][0]] == 1:
			made[id] = sure[id][0]
		case len(maybe[id]) > 0:
			unclear[id] = maybe[id]
		}
	}
}

// agrees reports whether a record has the owner, the target and the day that the row was sent with.
func agrees(f inFlight, r content) bool {
	if shortID(r.OwnerID) != shortID(f.OwnerID) {
		return false
	}
	if f.Object == objectNote {
		return shortID(r.ParentID) == shortID(f.ParentID)
	}
	return shortID(r.WhoID) == shortID(f.WhoID) && (f.Kind == kindCall || r.Date == f.OccurredAt.UTC().Format(time.DateOnly))
}

// phrases counts the words of a text and the pairs of neighbours, in small letters.
func phrases(s string) map[string]int {
	list := strings.FieldsFunc(strings.ToLower(clean(s)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
	m := make(map[string]int, 2*len(list))
	for i, w := range list {
		m[w]++
		if i > 0 {
			m[fmt.Sprint(list[i-1], " ", w)]++
		}
	}
	return m
}

// share is how much of a is in b, 0 to 1; an empty a is in nothing.
func share(a, b map[string]int) float64 {
	all, in := 0, 0
	for w, n := range a {
		all += n
		in += min(n, b[w])
	}
	if all == 0 {
		return 0
	}
	return float64(in) / float64(all)
}
