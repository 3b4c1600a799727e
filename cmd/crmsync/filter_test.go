package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func allIDs(text string) (kind string, ids []string, err error) {
	l, err := readIDs(strings.NewReader(text))
	if err != nil {
		return "", nil, err
	}
	for batch, err := range batches(l.all(), 2) {
		if err != nil {
			return l.Kind, ids, err
		}
		ids = append(ids, batch...)
	}
	return l.Kind, ids, nil
}

func TestReadIDs(t *testing.T) {
	for _, c := range []struct {
		text, kind string
		want       []string
		bad        bool
	}{
		{"p1\np2\r\n\n p3 \n", "", []string{"p1", "p2", "p3"}, false},
		{"\uFEFFMember_ID\np1\np2\np3", kindPerson, []string{"p1", "p2", "p3"}, false},
		{"name,company_id\n\"Acme, Inc\",c1\nshort\nOther,\nLast,c2\n", kindCompany, []string{"c1", "c2"}, false},
		{"id,member_id\n7,p1\n", kindPerson, []string{"p1"}, false},
		{"id\n7\n", "", []string{"7"}, false},
		{"", "", nil, false},
		{"member_id\n", kindPerson, nil, false},
		{"a,b\n1,2\n", "", nil, true},
		{"member_id,company_id\np1,c1\n", "", nil, true},
	} {
		kind, ids, err := allIDs(c.text)
		if kind != c.kind || !slices.Equal(ids, c.want) || errors.Is(err, errIDs) != c.bad {
			t.Errorf("%q: %s %q, %v", c.text, kind, ids, err)
		}
	}
}

// FuzzReadIDs reads anything: ids are trimmed and never empty, and a list of them alone reads as the same ids.
func FuzzReadIDs(f *testing.F) {
	for _, s := range []string{"p1\np2\n", "member_id,x\np1,2\n", "\uFEFFid\n\"a\"\"b\"\n", "a,b", "\"", "x\ny,z\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, ids, err := allIDs(text)
		if err != nil {
			return
		}
		again := "id\n"
		for _, id := range ids {
			if id == "" || id != strings.TrimSpace(id) {
				t.Fatalf("id %q of %q", id, text)
			}
			again += `"` + strings.ReplaceAll(id, `"`, `""`) + "\"\n"
		}
		_, back, err := allIDs(again)
		if err != nil || !slices.Equal(back, ids) {
			t.Fatalf("%q reads as %q, and then as %q, %v", text, ids, back, err)
		}
	})
}

func TestExportFilter(t *testing.T) {
	w := newWorld(t)
	s := newSite(t, w)
	s.ask(t, exitDone, "sync")
	dir := t.TempDir()
	members := column(t, w, "people.csv", "member_id")
	list := filepath.Join(dir, "members.csv")
	if err := os.WriteFile(list, []byte("member_id\nnobody\n"+strings.Join(members, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "filter.csv")
	said, _ := s.ask(t, exitDone, "export", "filter", "--ids", list, "--out", out)
	linked := map[string]loaded{}
	for _, l := range s.links(t) {
		if l.Decision == "link" && l.Object != "Account" {
			linked[l.Target] = l
		}
	}
	f, err := os.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) != len(members)+2 || !strings.Contains(said, fmt.Sprintf("%d asked, %d in the CRM", len(members)+1, len(linked))) {
		t.Fatalf("%d rows for %d members, %d linked, %v: %s", len(rows), len(members), len(linked), err, said)
	}
	for i, r := range rows[2:] {
		l, in := linked[members[i]]
		if r[0] != members[i] || r[1] != fmt.Sprint(in) || r[2] != l.Object || r[3] != l.Record || in && r[4] != w.URL+"/lightning/r/"+l.Object+"/"+l.Record+"/view" {
			t.Errorf("line %d: %q, the link is %+v", i+3, r, l)
		}
	}
	if strings.Join(rows[1], ",") != "nobody,false,,," {
		t.Errorf("an unknown member: %q", rows[1])
	}

	company := s.one(t, `SELECT target_id FROM crmsync.links WHERE object = 'Account' AND decision = 'link' ORDER BY 1 LIMIT 1`)
	plain := filepath.Join(dir, "companies.txt")
	if err := os.WriteFile(plain, []byte(company+"\nc-none\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := answer[[]inCRM](t, s, "export", "filter", "--ids", plain, "--kind", "company"); len(got) != 2 || !got[0].InCRM || got[0].Object != "Account" || got[1].InCRM {
		t.Errorf("companies: %+v", got)
	}
	s.ask(t, exitUsage, "export", "filter", "--ids", plain)
	s.ask(t, exitUsage, "export", "filter", "--ids", list, "--kind", "company")
	s.ask(t, exitUsage, "export", "filter", "--ids", plain, "--kind", "crowd")
	s.ask(t, exitUsage, "export", "filter")
	s.ask(t, exitUsage, "export", "filter", "--ids", filepath.Join(dir, "missing"))
}
