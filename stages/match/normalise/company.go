package normalise

import (
	"regexp"
	"slices"
	"strings"

	"github.com/crmsync/crmsync/stages/match/fold"
	"github.com/crmsync/crmsync/stages/match/reference"
)

// CompanyName is one name of a company in folded words.
type CompanyName struct {
	Words    []string // without legal forms and filler words
	Acronyms []string // initials, with and without legal form, of names of two words and more
}

// Joined returns the name written as one word, so that `Auto Zone` is `AutoZone`.
func (n CompanyName) Joined() string { return strings.Join(n.Words, "") }

var (
	bracketed = regexp.MustCompile(`[(\[]([^)\]]*)[)\]]`)
	webPrefix = regexp.MustCompile(`(?i)^\s*(?:https?://)?www\d?\.`)
	webSuffix = regexp.MustCompile(`(?i)([a-z0-9])\.(com\.[a-z]{2}|co\.[a-z]{2}|com|net|org|io|de|ai|fr|nl|eu|ch|at|it|es|pl|ru|biz|info|app|dev|cloud|tech)(?:/\S*)?(\s|[,;)]|$)`)
	alias     = regexp.MustCompile(`(?i)\b(?:d\.?/?b\.?/?a\.?|doing business as|f/?k/?a|formerly(?: known as)?|a/?k/?a|also known as|previously)[\s:]+`)

	fillers     = set("the and of und et y og och en")
	formWords   = set("company companies co cos corp corporation inc incorporated ltd limited llc lp plc")
	abbreviated = map[string]string{
		"intl": "international", "ins": "insurance", "natl": "national", "mfg": "manufacturing", "mfrs": "manufacturers",
		"svcs": "services", "svc": "services", "service": "services", "mgmt": "management", "grp": "group", "hldgs": "holdings", "hldg": "holdings",
		"holding": "holdings", "assn": "association", "assoc": "associates", "bros": "brothers", "univ": "university", "tech": "technologies",
		"technology": "technologies", "system": "systems", "industry": "industries", "inds": "industries", "labs": "laboratories", "lab": "laboratories",
		"laboratory": "laboratories", "ctr": "center", "centre": "center", "amer": "american", "pharma": "pharmaceuticals", "pharmaceutical": "pharmaceuticals",
		"comm": "communications", "communication": "communications", "prods": "products", "product": "products", "dept": "department",
		"fin": "financial", "bancorporation": "bancorp", "petro": "petroleum", "solution": "solutions", "resource": "resources", "store": "stores",
		"material": "materials", "brand": "brands", "enterprise": "enterprises", "property": "properties", "restaurant": "restaurants",
		"us": "us", "usa": "us", "internacional": "international", "internationale": "international", "internazionale": "international", "gruppe": "group",
		"groupe": "group", "grupo": "group", "gruppo": "group", "grupa": "group", "grup": "group", "gebruder": "brothers", "gebrueder": "brothers", "gebr": "brothers",
		"freres": "brothers", "hermanos": "brothers", "hnos": "brothers", "fratelli": "brothers", "flli": "brothers", "irmaos": "brothers", "distr": "distribution",
		"constr": "construction", "elec": "electric", "equip": "equipment", "sys": "systems", "sci": "sciences", "hosp": "hospital", "govt": "government", "inst": "institute",
		"transp": "transportation", "fdn": "foundation", "fndn": "foundation", "coop": "cooperative", "genl": "general", "assocs": "associates",
		"manuf": "manufacturing", "mgt": "management", "natnl": "national", "cntr": "center", "engrg": "engineering", "engr": "engineering",
	}
)

// Company returns the names that a company's name holds, the main one first: `Laboratory Corp. of America (Labcorp)` holds
// laboratories america, and labcorp. None when the text says nothing.
func Company(s string) []CompanyName {
	if NoCompany(s) {
		return nil
	}
	var parts []string
	main := s
	if strings.ContainsAny(s, "([") {
		main = bracketed.ReplaceAllStringFunc(s, func(m string) string {
			parts = append(parts, m[1:len(m)-1])
			return " "
		})
	}
	split := []string{main}
	if mayHoldAlias(main) {
		split = alias.Split(main, -1)
	}
	parts = append(split, parts...)
	var names []CompanyName
	for i, p := range parts {
		n := companyName(p)
		j := n.Joined()
		if i >= len(split) && (len(j) < 2 || reference.Country(fold.Text(p)) != "" || formWords[j]) {
			continue // `(U.S.)` says where, not who
		}
		if len(n.Words) > 0 && !slices.ContainsFunc(names, func(o CompanyName) bool { return o.Joined() == j }) {
			names = append(names, n)
		}
	}
	if len(names) == 0 {
		if n := companyName(s); len(n.Words) > 0 {
			names = append(names, n)
		}
	}
	return names
}

// mayHoldAlias reports whether the expression alias may match: every form of it ends in `ba`, `ka`, `as`, `formerly`, `known as` or
// `previously`, points and slashes aside, before a space or a colon. It is much cheaper than looking.
func mayHoldAlias(s string) bool {
	before := byte(0)
	for i := range len(s) {
		c := s[i] | 0x20
		switch {
		case s[i] == '.' || s[i] == '/':
			continue
		case c == 'a' && (before == 'b' || before == 'k'), c == 's' && before == 'a', c == 'y' && before == 'l':
			if rest := strings.TrimPrefix(s[i+1:], "."); rest != "" && strings.IndexByte(" :\t\n\f\r", rest[0]) >= 0 {
				return true
			}
		}
		before = c
	}
	return false
}

// mayHoldHost reports whether the name may hold a host name: a point inside, two letters after it.
func mayHoldHost(s string) bool {
	letter := func(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
	for i := 1; i+2 < len(s); i++ {
		if s[i] == '.' && s[i-1] > ' ' && letter(s[i+1]) && letter(s[i+2]) {
			return true
		}
	}
	return false
}

func companyName(s string) CompanyName {
	if mayHoldHost(s) {
		s = webSuffix.ReplaceAllString(webPrefix.ReplaceAllString(s, ""), "$1$3")
	}
	all := joinInitials(fold.Words(s))
	for i, w := range all {
		if long := abbreviated[w]; long != "" {
			all[i] = long
		}
	}
	words := all
	for {
		n := reference.LegalForm(words)
		if n == 0 || n >= len(words) {
			break
		}
		words = words[:len(words)-n]
	}
	if n := reference.LeadingForm(words); n > 0 && n < len(words) && !fillers[words[n]] {
		words = words[n:]
	}
	words = keep(words, func(w string) bool { return !fillers[w] })
	words = keep(words, func(w string) bool { return !formWords[w] })
	return CompanyName{words, acronyms(all, words)}
}

// joinInitials joins single letters and digits that stand together: w w grainger becomes ww grainger.
func joinInitials(words []string) []string {
	out := make([]string, 0, len(words))
	single := false
	for _, w := range words {
		if len(w) == 1 && single {
			out[len(out)-1] += w
			continue
		}
		single = len(w) == 1
		out = append(out, w)
	}
	return out
}

func acronyms(lists ...[]string) []string {
	var out []string
	for _, words := range lists {
		var room [16]byte
		a := room[:0]
		for _, w := range words {
			if !fillers[w] {
				a = append(a, w[0])
			}
		}
		if len(a) > 1 && len(a) < 8 && !slices.Contains(out, string(a)) {
			out = append(out, string(a))
		}
	}
	return out
}
