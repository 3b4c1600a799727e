package linkage_test

import (
	"context"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/eval"
	"github.com/crmsync/crmsync/stages/match/feature"
	"github.com/crmsync/crmsync/stages/match/linkage"
	"github.com/crmsync/crmsync/stages/match/record"
)

func load(t testing.TB, p, id string, c map[schemas.Role]string) *record.Table {
	f, err := os.Open(p)
	if err != nil {
		t.Skip(err)
	}
	defer f.Close()
	x, err := record.ReadCSV(f, id, c)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func scratch(t *testing.T, l, r *record.Table, truthFile string) {
	start := time.Now()
	res, err := linkage.Run(context.Background(), l, r, linkage.Config{Entity: feature.Person, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	el := time.Since(start)
	f, _ := os.Open(truthFile)
	truth, err := eval.ReadTruth(f)
	if err != nil {
		t.Fatal(err)
	}
	var links, cands []eval.Scored
	n := map[string]int{}
	for _, m := range res.Matches {
		n[m.Decision]++
		s := eval.Scored{Pair: eval.Pair{Left: m.Left, Right: m.Right}, Score: m.Weight}
		if m.Decision == linkage.Link {
			links = append(links, s)
		}
		if m.Decision == linkage.Link || m.Decision == linkage.Review {
			cands = append(cands, s)
		}
	}
	rep := eval.Compare(truth, links, cands)
	var comp, unc int64
	for i := range res.Compared {
		comp += res.Compared[i]
		unc += res.Uncompared[i]
	}
	var ms runtime.MemStats
	runtime.ReadMemStats(&ms)
	t.Logf("%v P %.4f R %.4f F1 %.4f best %.4f @%.1f  %v compared %d uncompared %d sys %dMB", el, rep.Precision, rep.Recall, rep.F1, rep.Best.F1, rep.BestThreshold, n, comp, unc, ms.Sys>>20)
	t.Logf("%+v %.3g", res.Model.Training, res.Model.Prior)
	for _, c := range res.Model.Comparisons {
		t.Log(c.Name, c.Parent)
		for _, lv := range c.Levels[1:] {
			t.Logf("   %-16s m %.4f %.4f u %.2g %.2g", lv.Name, lv.M[0], lv.M[1], lv.U[0], lv.U[1])
		}
	}
	miss := rep.Missed
	if os.Getenv("SHOW") == "" {
		return
	}
	at := map[string]linkage.Match{}
	for _, m := range res.Matches {
		at[m.Left] = m
	}
	for i, p := range rep.Wrong {
		if i < 25 {
			t.Logf("wrong %v %+v", p, at[p.Left])
		}
	}
	for i, p := range miss {
		if i < 60 {
			t.Logf("missed %v -> %+v", p, at[p.Left])
		}
	}
}

func TestScratchGen(t *testing.T) {
	d := os.Getenv("GEN")
	c := map[schemas.Role]string{schemas.GivenName: "first_name", schemas.Surname: "last_name", schemas.Company: "company", schemas.City: "city", schemas.Country: "country"}
	l, r := load(t, d+"/leads.csv", "id", c), load(t, d+"/directory.csv", "id", c)
	scratch(t, l, r, d+"/truth.csv")
}

func TestScratchFebrl(t *testing.T) {
	c := map[schemas.Role]string{schemas.GivenName: "given", schemas.Surname: "surname", schemas.Street: "street", schemas.City: "suburb", schemas.State: "state", schemas.PostalCode: "postcode"}
	l, r := load(t, "/tmp/gc/fa.csv", "id", c), load(t, "/tmp/gc/fb.csv", "id", c)
	scratch(t, l, r, "/tmp/gc/ftruth.csv")
}
