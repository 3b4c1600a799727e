package linkfiles

import (
	"cmp"
	"slices"

	"github.com/crmsync/crmsync/stages/match/cluster"
	"github.com/crmsync/crmsync/stages/match/linkage"
	"github.com/crmsync/crmsync/stages/match/weigh"
)

// Summary says what a job did and what it took.
type Summary struct {
	LeftRows    int      `json:"left_rows"`
	RightRows   int      `json:"right_rows"`
	Comparisons []string `json:"comparisons"` // what was compared, in the order of the output's columns
	Pairs       int64    `json:"pairs"`       // candidates that were compared
	Uncompared  int64    `json:"pairs_uncompared"`
	Scored      int      `json:"records_scored"` // the others kept the scores of an earlier run
	Links       int      `json:"links"`
	Reviews     int      `json:"reviews"`
	Duplicates  int      `json:"duplicates"`
	// Clusters, the records of the largest one, and the pairs within clusters that are no links themselves: records that only a
	// chain of links joins.
	Clusters int   `json:"clusters,omitempty"`
	Largest  int   `json:"largest_cluster,omitempty"`
	Chained  int64 `json:"pairs_chained,omitempty"`
	// Model is the fingerprint of the model's parameters.
	Model      string          `json:"model"`
	Training   weigh.Training  `json:"training"`
	Phases     []linkage.Phase `json:"phases"`
	Seconds    float64         `json:"seconds"`
	CPUSeconds float64         `json:"cpu_seconds"`
	PeakRSS    int64           `json:"peak_rss_bytes"` // of the process so far

	clusters *cluster.Clusters
}

func (s *Summary) count(res *linkage.Result) {
	s.Phases = append(s.Phases, res.Phases...)
	for i := range res.Compared {
		s.Pairs, s.Uncompared = s.Pairs+res.Compared[i], s.Uncompared+res.Uncompared[i]
	}
	for _, f := range res.Features {
		s.Comparisons = append(s.Comparisons, f.Name)
	}
	for i := range res.Matches {
		switch res.Matches[i].Decision {
		case linkage.Link:
			s.Links++
		case linkage.Review:
			s.Reviews++
		case linkage.Duplicate:
			s.Duplicates++
		}
	}
	s.Scored = res.Scored
	s.Model, s.Training = res.Model.Fingerprint(), res.Model.Training
}

func (s *Summary) cluster(matches []linkage.Match) {
	s.clusters = cluster.Of(func(yield func(a, b string) bool) {
		for i := range matches {
			if m := &matches[i]; m.Decision == linkage.Link && !yield(m.Left, m.Right) {
				return
			}
		}
	})
	s.Chained = -int64(s.Links)
	for _, n := range s.clusters.Sizes() {
		s.Clusters, s.Largest, s.Chained = s.Clusters+1, max(s.Largest, n), s.Chained+int64(n)*int64(n-1)/2
	}
}

// unordered puts the smaller id of each pair of one file on the left, so that nothing depends on the order of rows. With oneToOne
// a record stays in one pair only: links come before reviews, heavier pairs before lighter ones.
func unordered(matches []linkage.Match, oneToOne bool) []linkage.Match {
	for i := range matches {
		if m := &matches[i]; m.Right < m.Left {
			m.Left, m.Right = m.Right, m.Left
		}
	}
	byID := func(a, b linkage.Match) int {
		return cmp.Or(cmp.Compare(a.Left, b.Left), cmp.Compare(a.Right, b.Right))
	}
	if oneToOne {
		slices.SortFunc(matches, func(a, b linkage.Match) int {
			if (a.Decision == linkage.Link) != (b.Decision == linkage.Link) {
				if a.Decision == linkage.Link {
					return -1
				}
				return 1
			}
			return cmp.Or(cmp.Compare(b.Weight, a.Weight), byID(a, b))
		})
		taken := map[string]bool{}
		matches = slices.DeleteFunc(matches, func(m linkage.Match) bool {
			if taken[m.Left] || taken[m.Right] {
				return true
			}
			taken[m.Left], taken[m.Right] = true, true
			return false
		})
	}
	slices.SortFunc(matches, byID)
	return matches
}
