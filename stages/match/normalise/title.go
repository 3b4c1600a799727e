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

var titleFillers = set(`of the and for in at to a an de la global worldwide group senior junior principal officer executive deputy acting interim regional
	und fur der die das von des du le les l d da do das dos e y en et del el i og och na w z ds po pour para per`)

// Title reads a job title, in any of a dozen languages.
func Title(s string) Job {
	words := titleWords(fold.Words(s))
	var j Job
	rank := func(r int) { j.Rank = max(j.Rank, r) }
	for i, w := range words {
		next := ""
		if i+1 < len(words) {
			next = words[i+1]
		}
		switch {
		case w == "chief" || w == "founder" || w == "cofounder" || w == "owner" || w == "chairman" || w == "chairwoman" || w == "chair" || w == "chairperson":
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
		case w == "vice" || w == "co" || titleFillers[w]:
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

// titleWords writes titles out in English, the longest known run of words first.
func titleWords(words []string) []string {
	known := titlePhrases()
	out := words[:0:0]
	for i := 0; i < len(words); {
		n := min(known.heads[words[i]], len(words)-i)
		for ; n > 0; n-- {
			if long, ok := known.phrases[strings.Join(words[i:i+n], " ")]; ok {
				out = append(out, long...)
				break
			}
		}
		if n == 0 {
			out, n = append(out, words[i]), 1
		}
		i += n
	}
	return out
}
