package normalise

import "github.com/crmsync/crmsync/stages/match/fold"

// generations are what tells bearers of one name in a family apart. A junior is often written as a second.
var generations = map[string]uint32{
	"sr": 1, "senior": 1, "snr": 1, "i": 1, "jr": 2, "junior": 2, "jnr": 2, "ii": 2, "2nd": 2, "filho": 2, "hijo": 2, "iii": 3, "3rd": 3, "neto": 3, "iv": 4, "4th": 4,
}

// Generation returns which of a family's bearers of one name a surname names at its end: 1 for senior, 2 for junior or II, 3, 4; 0 when
// it does not say.
func Generation(surname string) uint32 {
	words := fold.Words(surname)
	if n := len(words); n > 1 {
		return generations[words[n-1]]
	}
	return 0
}
