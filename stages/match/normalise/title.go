package normalise

import (
	"slices"
	"strings"

	"github.com/crmsync/crmsync/stages/match/fold"
)

// Job is what a job title says.
type Job struct {
	// Rank is the seniority: 1 assistant, 2 individual, 3 lead, 4 manager, 5 director, 6 vice president, 7 chief; 0 unknown.
	Rank int
	// Functions are the folded words that are neither rank nor filler, sorted, abbreviations written out.
	Functions []string
}

// Empty reports whether the title says nothing.
func (j Job) Empty() bool { return j.Rank == 0 && len(j.Functions) == 0 }

var (
	titleShort = map[string]string{
		"ceo": "chief executive officer", "cfo": "chief financial officer", "cto": "chief technology officer", "coo": "chief operating officer",
		"cio": "chief information officer", "cmo": "chief marketing officer", "cro": "chief revenue officer", "cpo": "chief product officer",
		"chro": "chief human resources officer", "ciso": "chief information security officer", "svp": "senior vice president", "evp": "executive vice president",
		"avp": "assistant vice president", "vp": "vice president", "md": "managing director", "gm": "general manager", "dir": "director", "mgr": "manager",
		"sr": "senior", "jr": "junior", "eng": "engineering", "engineer": "engineering", "ops": "operations", "operating": "operations", "hr": "human resources",
		"it": "information technology", "mktg": "marketing", "dev": "development", "rep": "representative", "exec": "executive", "fin": "finance", "financial": "finance",
		"mgmt": "management", "acct": "account", "biz": "business", "qa": "quality", "pm": "project manager", "gf": "managing director", "geschaeftsfuehrer": "managing director",
		"geschaftsfuhrer": "managing director", "leiter": "head", "sales": "sales", "directeur": "director", "responsable": "manager", "gerente": "manager",
	}
	titleFillers = set("of the and for in at to a an de la global worldwide group senior junior principal officer executive deputy acting interim regional")
)

// Title reads a job title.
func Title(s string) Job {
	var words []string
	for _, w := range fold.Words(s) {
		if long := titleShort[w]; long != "" {
			words = append(words, strings.Fields(long)...)
		} else {
			words = append(words, w)
		}
	}
	var j Job
	rank := func(r int) { j.Rank = max(j.Rank, r) }
	for i, w := range words {
		next := ""
		if i+1 < len(words) {
			next = words[i+1]
		}
		switch {
		case w == "chief" || w == "founder" || w == "cofounder" || w == "owner" || w == "chairman" || w == "chairwoman" || w == "chair":
			rank(7)
		case w == "president" && (i == 0 || words[i-1] != "vice"):
			rank(7)
		case w == "vice" && next == "president":
			rank(6)
		case w == "director" || w == "head":
			rank(5)
		case w == "manager":
			rank(4)
		case w == "lead" || w == "principal" || w == "supervisor":
			rank(3)
		case w == "assistant" || w == "intern" || w == "trainee":
			rank(1)
		case w == "vice" || titleFillers[w]:
		default:
			if !slices.Contains(j.Functions, w) {
				j.Functions = append(j.Functions, w)
			}
		}
	}
	if j.Rank == 0 && len(words) > 0 {
		j.Rank = 2
	}
	slices.Sort(j.Functions)
	return j
}
