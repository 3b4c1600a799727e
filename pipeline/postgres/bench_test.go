package postgres_test

import (
	"fmt"
	"testing"

	"github.com/crmsync/crmsync/pipeline/postgres"
	"github.com/crmsync/crmsync/pipeline/postgres/postgrestest"
)

// BenchmarkLoad loads rows into an empty table, then the same rows, then rows of which half differ.
func BenchmarkLoad(b *testing.B) {
	const n = 200_000
	source := func(weight func(i int) float64) postgres.Merge {
		m := merge("c", nil, true)
		m.Source = postgres.FromSeq(func(yield func([]any, error) bool) {
			for i := range n {
				if !yield([]any{fmt.Sprintf("003%015d", i), "member", weight(i), "run"}, nil) {
					return
				}
			}
		})
		return m
	}
	for _, bc := range []struct {
		name   string
		weight func(i int) float64
		before bool
	}{
		{"new", func(int) float64 { return 1 }, false},
		{"same", func(int) float64 { return 1 }, true},
		{"half", func(i int) float64 { return float64(1 + i%2) }, true},
	} {
		b.Run(bc.name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				db := postgrestest.New(b, migrations)
				load := func(weight func(int) float64) {
					if _, err := postgres.LoadAll(b.Context(), db, "c", []postgres.Merge{source(weight)}, nil); err != nil {
						b.Fatal(err)
					}
				}
				if bc.before {
					load(func(int) float64 { return 1 })
				}
				b.StartTimer()
				load(bc.weight)
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
