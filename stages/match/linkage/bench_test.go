package linkage_test

import (
	"testing"

	"github.com/crmsync/crmsync/stages/match/feature"
	"github.com/crmsync/crmsync/stages/match/linkage"
)

// BenchmarkCompareAllPairs compares every contact with every profile of the sample, on one core.
func BenchmarkCompareAllPairs(b *testing.B) {
	left, right := people(b)
	set := feature.New(feature.Person, left, right, feature.Options{})
	batch := set.NewBatch()
	rs := make([]uint32, right.Len())
	for i := range rs {
		rs[i] = uint32(i)
	}
	b.ReportAllocs()
	for b.Loop() {
		for l := range left.Len() {
			batch.Compare(l, rs)
		}
	}
	b.ReportMetric(float64(b.N*left.Len()*right.Len())/b.Elapsed().Seconds(), "pairs/s")
}

// BenchmarkLinkFortune matches the sample's accounts, training included.
func BenchmarkLinkFortune(b *testing.B) {
	left, right := accounts(b)
	for b.Loop() {
		run(b, left, right, linkage.Config{Entity: feature.Company})
	}
}
