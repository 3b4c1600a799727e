package autosave

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/crmsync/crmsync/schemas"
)

// seat is a row of the export's seats.
type seat struct {
	id, email, licence string
	active             bool
}

// user is a CRM user.
type user struct {
	id, email, role string
	active          bool
}

// How a seat was tied to its user.
const (
	byEmail  = "email"
	byHand   = "manual"
	unmapped = "none"
)

// tie is a seat and its user; userID is empty when none fits.
type tie struct {
	seatID, userID, method string
	licensed, active       bool
	notes                  []string
}

// usable reports whether the seat gets the sync's features (R7).
func (t tie) usable() bool { return t.userID != "" && t.licensed && t.active }

// licensed reports whether a licence type includes the sync (R7): those of the Team and Enterprise editions, however the export
// writes them.
func licensed(licence string) bool {
	words := strings.FieldsFunc(strings.ToLower(licence), func(r rune) bool { return !unicode.IsLetter(r) })
	return slices.Contains(words, "team") || slices.Contains(words, "enterprise")
}

// address is an e-mail address as it is compared: without case and surrounding space.
func address(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// untagged drops the tag of an address: jane+crm@example.com is jane@example.com.
func untagged(address string) string {
	at := strings.LastIndexByte(address, '@')
	if plus := strings.IndexByte(address, '+'); plus > 0 && plus < at {
		return address[:plus] + address[at:]
	}
	return address
}

// domains gives, for each domain that stands for others, the one that stands for all of its group (setting seats.email_domains).
type domains map[string]string

func newDomains(entries []string) domains {
	d := domains{}
	for _, e := range entries {
		group := schemas.DomainGroup(e)
		for _, name := range group {
			d[name] = group[0]
		}
	}
	return d
}

// common gives addresses that differ in tags, or in domains of one group, the same form.
func (d domains) common(address string) string {
	address = untagged(address)
	at := strings.LastIndexByte(address, '@')
	if same, ok := d[address[at+1:]]; ok {
		return address[:at+1] + same
	}
	return address
}

// directory finds CRM users by id and by address.
type directory struct {
	domains  domains
	byID     map[string]user
	exact    map[string][]user
	untagged map[string][]user
	common   map[string][]user
}

func newDirectory(users []user, same domains) *directory {
	d := &directory{domains: same, byID: map[string]user{}, exact: map[string][]user{}, untagged: map[string][]user{}, common: map[string][]user{}}
	for _, u := range users {
		d.byID[u.id] = u
		if a := address(u.email); a != "" {
			d.exact[a] = append(d.exact[a], u)
			d.untagged[untagged(a)] = append(d.untagged[untagged(a)], u)
			d.common[same.common(a)] = append(d.common[same.common(a)], u)
		}
	}
	return d
}

// find returns the user with an address, or why there is none. The exact address comes before the one without tags, that before the
// one at another domain of the same group, and the active user before inactive ones.
func (d *directory) find(email string) (user, bool, string) {
	a := address(email)
	if a == "" {
		return user{}, false, "the seat has no e-mail address"
	}
	found := d.exact[a]
	if found == nil {
		found = d.untagged[untagged(a)]
	}
	if found == nil {
		found = d.common[d.domains.common(a)]
	}
	active := slices.DeleteFunc(slices.Clone(found), func(u user) bool { return !u.active })
	switch {
	case len(active) == 1:
		return active[0], true, ""
	case len(active) > 1:
		return user{}, false, fmt.Sprintf("%d active users have this e-mail address", len(active))
	case len(found) == 1:
		return found[0], true, ""
	case len(found) > 1:
		return user{}, false, fmt.Sprintf("%d users have this e-mail address, none of them active", len(found))
	default:
		return user{}, false, "no user has this e-mail address"
	}
}

// tieSeats ties each seat to a user. byHandOf gives the user of the seats that were mapped by hand.
func tieSeats(seats []seat, d *directory, byHandOf map[string]string) []tie {
	ties := make([]tie, 0, len(seats))
	for _, s := range seats {
		t := tie{seatID: s.id, method: unmapped, licensed: licensed(s.licence), active: s.active}
		u, ok, why := user{}, false, ""
		if id, mapped := byHandOf[s.id]; mapped {
			if u, ok = d.byID[id]; ok {
				t.method = byHand
			} else {
				why = "mapped by hand to a user whom the CRM no longer has"
			}
		} else if u, ok, why = d.find(s.email); ok {
			t.method = byEmail
		}
		if ok {
			t.userID = u.id
		} else {
			t.notes = append(t.notes, why)
		}
		if ok && !u.active {
			t.notes = append(t.notes, "the user is inactive")
		}
		if !s.active {
			t.notes = append(t.notes, "the seat is inactive")
		}
		if !t.licensed {
			t.notes = append(t.notes, fmt.Sprintf("licence %q does not include the sync", s.licence))
		}
		ties = append(ties, t)
	}
	noteSharing(ties)
	return ties
}

// noteSharing notes seats whose user holds another usable one: the user's saves go to the first, hand-made mappings before others.
func noteSharing(ties []tie) {
	first := seatOf(ties)
	for i, t := range ties {
		if s, ok := first[t.userID]; ok && t.usable() && s != t.seatID {
			ties[i].notes = append(ties[i].notes, fmt.Sprintf("the user's saves go to seat %s", s))
		}
	}
}

// seatOf gives the seat that each user's saves go to.
func seatOf(ties []tie) map[string]string {
	best := map[string]tie{}
	for _, t := range ties {
		if !t.usable() {
			continue
		}
		b, ok := best[t.userID]
		if !ok || (t.method == byHand && b.method != byHand) || (t.method == b.method && t.seatID < b.seatID) {
			best[t.userID] = t
		}
	}
	seats := make(map[string]string, len(best))
	for id, t := range best {
		seats[id] = t.seatID
	}
	return seats
}
