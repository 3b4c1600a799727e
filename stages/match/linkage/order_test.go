package linkage

import (
	"slices"
	"strings"
	"testing"

	"github.com/crmsync/crmsync/stages/match/record"
)

// FuzzByID holds that rows come in the order of their ids.
func FuzzByID(f *testing.F) {
	f.Add("l10 l9 l1 l100 l2")
	f.Add("00Qx00000012345 00Qx00000012344 00Qx000000123450 00Qx")
	f.Add("b a\x00 a a\x00\x00 aaaaaaaaa\xff aaaaaaaaa")
	f.Fuzz(func(t *testing.T, text string) {
		ids := strings.Split(text, " ")
		slices.Sort(ids)
		ids = slices.Compact(ids)
		b := record.NewBuilder()
		for _, i := range slices.Backward(ids) {
			if err := b.Row(i); err != nil {
				t.Fatal(err)
			}
		}
		table := b.Table()
		for i, row := range byID(table) {
			if table.ID(int(row)) != ids[i] {
				t.Fatalf("row %d is %q, want %q", i, table.ID(int(row)), ids[i])
			}
		}
	})
}
