package linkfiles

import (
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// manyTwins writes a list in which some records come two to six times with a letter changed, in random order.
func manyTwins(t *testing.T) string {
	t.Helper()
	r := rand.New(rand.NewPCG(5, 6))
	word := func(n int) string {
		b := []byte{byte('A' + r.IntN(26))}
		for range n {
			b = append(b, "aeioulnrst"[r.IntN(10)])
		}
		return string(b)
	}
	cities := []string{"Portland", "Chicago", "Austin", "Boston"}
	var rows [][]string
	for range 150 {
		given, family, company, city := word(5), word(8), word(7)+" "+word(6), cities[r.IntN(len(cities))]
		copies := 1
		if r.IntN(2) == 0 {
			copies = 2 + r.IntN(5)
		}
		for range copies {
			name := []byte(family)
			if r.IntN(2) == 0 {
				name[1+r.IntN(len(name)-1)] = "aeioulnrst"[r.IntN(10)]
			}
			rows = append(rows, []string{"", given + " " + string(name), company, city})
		}
	}
	r.Shuffle(len(rows), func(i, k int) { rows[i], rows[k] = rows[k], rows[i] })
	path := filepath.Join(t.TempDir(), "twins.csv")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := csv.NewWriter(f)
	out := [][]string{{"id", "name", "company", "city"}}
	for i, row := range rows {
		row[0] = fmt.Sprint("r", (i*7919)%10007) // not in the order of rows
		out = append(out, row)
	}
	if err := w.WriteAll(out); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// reachable is the smallest id that a record reaches over links.
func reachable(id string, links map[string][]string) string {
	seen, todo := map[string]bool{id: true}, []string{id}
	for len(todo) > 0 {
		at := todo[0]
		todo = todo[1:]
		for _, next := range links[at] {
			if !seen[next] {
				seen[next] = true
				todo = append(todo, next)
			}
		}
	}
	least := id
	for other := range seen {
		least = min(least, other)
	}
	return least
}

// TestClustersOfRows compares the clusters written with those found by following the links from each record.
func TestClustersOfRows(t *testing.T) {
	j := oneFile(t)
	j.Left = manyTwins(t)
	data, sum := do(t, j)
	header, rows := table(t, data)
	if header[5] != "cluster" {
		t.Fatalf("header %v", header)
	}
	links := map[string][]string{}
	for _, row := range rows {
		if row[0] >= row[1] {
			t.Errorf("pair %s, %s: the smaller id is not on the left", row[0], row[1])
		}
		if row[4] == "link" {
			links[row[0]], links[row[1]] = append(links[row[0]], row[1]), append(links[row[1]], row[0])
		}
	}
	if !slices.IsSortedFunc(rows, func(a, b []string) int { return slices.Compare(a[:2], b[:2]) }) {
		t.Error("rows are not sorted")
	}
	count := map[string]int{}
	for id := range links {
		count[reachable(id, links)]++
	}
	pairs, largest := 0, 0
	for _, n := range count {
		pairs, largest = pairs+n*(n-1)/2, max(largest, n)
	}
	if sum.Clusters != len(count) || sum.Largest != largest || sum.Chained != int64(pairs-sum.Links) || largest < 3 {
		t.Errorf("%d clusters, largest %d, %d pairs chained; want %d, %d, %d", sum.Clusters, sum.Largest, sum.Chained, len(count), largest, pairs-sum.Links)
	}
	for _, row := range rows {
		want := reachable(row[0], links)
		if links[row[0]] == nil || want != reachable(row[1], links) {
			want = ""
		}
		if row[5] != want {
			t.Errorf("%v: cluster %q, want %q", row[:5], row[5], want)
		}
	}
}

// TestOneToOneInOneFile keeps each record in one pair, best pairs first.
func TestOneToOneInOneFile(t *testing.T) {
	path := manyTwins(t)
	all := oneFile(t)
	all.Left = path
	data, _ := do(t, all)
	_, every := table(t, data)
	j := oneFile(t)
	j.Left, j.Many = path, false
	data, sum := do(t, j)
	_, rows := table(t, data)
	weight := func(row []string) float64 {
		x, err := strconv.ParseFloat(row[3], 64)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	best := map[string]float64{} // weight of the link that a record is in
	seen := map[string]bool{}
	for _, row := range rows {
		for _, id := range row[:2] {
			if seen[id] {
				t.Errorf("record %s is in two pairs", id)
			}
			seen[id] = true
			if row[4] == "link" {
				best[id] = weight(row)
			}
		}
	}
	for _, row := range every {
		a, okA := best[row[0]]
		b, okB := best[row[1]]
		if row[4] == "link" && !(okA && a >= weight(row)) && !(okB && b >= weight(row)) {
			t.Errorf("%v was left out, though neither record is in a better link", row[:5])
		}
	}
	if sum.Links == 0 || sum.Chained != 0 || sum.Largest != 2 {
		t.Errorf("%d links, largest cluster %d, %d pairs chained", sum.Links, sum.Largest, sum.Chained)
	}
}

// TestParquetHoldsTheSame reads both outputs.
func TestParquetHoldsTheSame(t *testing.T) {
	for name, newJob := range map[string]func(testing.TB) *Job{"two files": twoFiles, "one file": oneFile} {
		t.Run(name, func(t *testing.T) {
			data, _ := do(t, newJob(t))
			header, rows := table(t, data)
			j := newJob(t)
			j.Out = filepath.Join(t.TempDir(), "out.parquet")
			do(t, j)
			f, err := os.Open(j.Out)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			info, err := f.Stat()
			if err != nil {
				t.Fatal(err)
			}
			file, err := parquet.OpenFile(f, info.Size())
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, c := range file.Schema().Columns() {
				names = append(names, c[0])
			}
			if !slices.Equal(names, header) {
				t.Fatalf("columns %v, want %v", names, header)
			}
			reader := parquet.NewReader(file)
			buf := make([]parquet.Row, len(rows)+1)
			n, _ := reader.ReadRows(buf)
			if n != len(rows) {
				t.Fatalf("%d rows, want %d", n, len(rows))
			}
			for i, row := range buf[:n] {
				for _, v := range row {
					want := rows[i][v.Column()]
					got := ""
					switch {
					case v.IsNull():
					case v.Kind() == parquet.Double:
						got = strconv.FormatFloat(v.Double(), 'f', -1, 64)
					default:
						got = string(v.ByteArray())
					}
					if got != want {
						t.Errorf("row %d, %s: %q, want %q", i, header[v.Column()], got, want)
					}
				}
			}
		})
	}
}
