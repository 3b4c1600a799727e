package autosave

import (
	"cmp"
	"slices"
)

// recordKey is a record of the CRM.
type recordKey struct{ object, id string }

// reason is why a record is to be saved for a seller.
type reason struct{ seatID, userID, opportunityID string }

// wishes are the records that sellers' open opportunities are tied to, each with its reasons.
type wishes map[recordKey][]reason

func (w wishes) add(object, id string, r reason) {
	if id != "" {
		k := recordKey{object, id}
		w[k] = append(w[k], r)
	}
}

// holding is a link: the person or company that a record is.
type holding struct {
	recordKey
	kind, target string
}

// save is a row of the data set saves.
type save struct {
	seatID, kind, target string
	userID               string
	recordKey
	opportunityID string
}

func (s save) compare(o save) int {
	return cmp.Or(cmp.Compare(s.seatID, o.seatID), cmp.Compare(s.kind, o.kind), cmp.Compare(s.target, o.target))
}

// saves returns one save for each seat and target, ordered by them. Of several opportunities the first by id is the reason: ids
// ascend in the order of creation.
func (w wishes) saves(holder map[recordKey]holding) []save {
	var all []save
	for k, reasons := range w {
		h, ok := holder[k]
		if !ok {
			continue
		}
		for _, r := range reasons {
			all = append(all, save{r.seatID, h.kind, h.target, r.userID, h.recordKey, r.opportunityID})
		}
	}
	slices.SortFunc(all, func(a, b save) int {
		return cmp.Or(a.compare(b), cmp.Compare(a.opportunityID, b.opportunityID), cmp.Compare(a.object, b.object), cmp.Compare(a.id, b.id))
	})
	return slices.CompactFunc(all, func(a, b save) bool { return a.compare(b) == 0 })
}
