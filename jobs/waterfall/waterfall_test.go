package waterfall_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/crmsync/crmsync/jobs/waterfall"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/linkage"
)

var update = flag.Bool("update", false, "write the golden files anew")

func value(role schemas.Role, text string) []linkage.Value {
	if text == "" {
		return nil
	}
	return []linkage.Value{{Role: role, Text: text}}
}

// examplePage has a link, a pair that nothing brings together, values in other scripts, and texts that HTML must not take for its own.
func examplePage() *waterfall.Page {
	compared := func(feature, level string, role schemas.Role, left, right string, m, u, surprise float64, given string) linkage.Compared {
		c := linkage.Compared{Feature: feature, Level: level, Left: value(role, left), Right: value(role, right), M: m, U: u, Surprise: surprise, Given: given}
		if m > 0 {
			c.Bits = math.Log2(m/u) + surprise
		}
		return c
	}
	explained := func(rules []string, list ...linkage.Compared) linkage.Explanation {
		x := linkage.Explanation{Prior: -10.8, Compared: list, Rules: rules, Weight: -10.8}
		for _, c := range list {
			x.Weight += c.Bits
		}
		x.Probability = 1 / (1 + math.Exp2(-x.Weight))
		return x
	}
	best := waterfall.From(explained([]string{"surname and initial", "surname and company"},
		compared("given_name", "middle", schemas.GivenName, "Douglas", "C. Douglas", 0.041, 0.0005, 0, ""),
		compared("surname", "exact", schemas.Surname, "McMillon", "McMillon", 0.979, 0.0003, 1.5, ""),
		compared("company", "exact", schemas.Company, "Walmart <b>&", "Walmart", 0.872, 0.0004, 0, ""),
		compared("title", "same", schemas.Title, "CEO", "Chief Executive Officer", 0.967, 0.967, 0, ""),
		compared("place", "city", schemas.City, "Bentonville, Arkansas, USA", "Bentonville, AR, United States", 0.897, 0.64, 0, "company"),
		compared("website", "differs", schemas.Website, "walmart.com", "wmt.com", 0.03, 0.75, 0, ""),
		compared("phone", "missing", schemas.Phone, "", "+1 479 273 4000", 0, 0, 0, ""),
		compared("email", "missing", schemas.Email, "", "", 0, 0, 0, "")))
	best.Heading, best.Verdict = "Best candidate", "link by the model"
	best.Target = waterfall.Side{Kind: "person", ID: "p0001", Name: "C. Douglas McMillon, Walmart", URL: "https://navigator.example/in/p0001?a=1&b=2"}
	stranger := explained(nil,
		compared("given_name", "differs", schemas.GivenName, "Douglas", "王伟", 0.02, 0.98, 0, ""),
		compared("surname", "differs", schemas.Surname, "McMillon", "Иванов", 0.01, 0.99, 0, ""))
	stranger.Unlike = true
	other := waterfall.From(stranger)
	other.Heading, other.Verdict = "Runner-up", "not linked"
	other.Target = waterfall.Side{Kind: "person", ID: "p0002"}
	return &waterfall.Page{
		Record: waterfall.Side{Kind: "Contact", ID: "0035e00000AbCdEAAX", Name: "Douglas McMillon, CEO, Bentonville", URL: "https://acme.example/0035e00000AbCdEAAX"},
		Facts:  []string{"linked to p0001 by hand: link by ann on 2026-11-02, since \"seen\""},
		Pairs:  []waterfall.Pair{best, other}, Threshold: 4.25, Model: "0f3c", Run: "r000002-20261102T200000Z-sync",
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, got) {
		t.Errorf("%s differs; look at it and run with -update. Got:\n%s", file, got)
	}
}

func TestGolden(t *testing.T) {
	p := examplePage()
	for _, width := range []int{10, 100, 160} {
		var b bytes.Buffer
		if err := p.WriteText(&b, width, false); err != nil {
			t.Fatal(err)
		}
		if width == 100 {
			golden(t, "text.txt", b.Bytes())
		}
		for line := range strings.Lines(b.String()) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, " \n")); n > max(width, 80) && !strings.Contains(line, "https:") {
				t.Errorf("width %d: a line of %d characters: %s", width, n, line)
			}
		}
	}
	var b bytes.Buffer
	if err := p.WriteHTML(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "page.html", b.Bytes())
}

// TestPageIsSelfContained reads the page as XML: it is well formed, loads nothing, and shows texts as they are.
func TestPageIsSelfContained(t *testing.T) {
	var b bytes.Buffer
	if err := examplePage().WriteHTML(&b); err != nil {
		t.Fatal(err)
	}
	d := xml.NewDecoder(strings.NewReader(b.String()))
	d.Entity = xml.HTMLEntity
	texts := ""
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch v := token.(type) {
		case xml.StartElement:
			if n := v.Name.Local; n == "script" || n == "img" || n == "link" || n == "b" && texts == "" {
				t.Errorf("the page has a <%s>", n)
			}
			for _, a := range v.Attr {
				if a.Name.Local == "src" || a.Name.Local == "href" && v.Name.Local != "a" {
					t.Errorf("<%s> loads %s", v.Name.Local, a.Value)
				}
			}
		case xml.CharData:
			texts += string(v)
		}
	}
	for _, want := range []string{"Walmart <b>&", "王伟", "−10.8", "brought together by: surname and initial; surname and company", "no blocking rule", "phone (not in the CRM)", "e-mail (neither side)"} {
		if !strings.Contains(texts, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

var rect = regexp.MustCompile(`<line class="from" x1="([0-9.]+)"[^>]*/><rect class="(for|against)" x="([0-9.]+)" y="3" width="([0-9.]+)"`)

// TestBarsAreAWaterfall checks on the page that each bar begins where the one before ended, on the side that its sign says, and that
// lengths are in proportion to the bits.
func TestBarsAreAWaterfall(t *testing.T) {
	p := examplePage()
	var b bytes.Buffer
	if err := p.WriteHTML(&b); err != nil {
		t.Fatal(err)
	}
	bars := rect.FindAllStringSubmatch(b.String(), -1)
	number := func(s string) float64 {
		x, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	perBit := 0.0
	for _, pair := range p.Pairs {
		end := math.NaN()
		for i, s := range append(pair.Steps, waterfall.Step{Feature: "weight", Bits: pair.Weight}) {
			m := bars[0]
			bars = bars[1:]
			start, x, width := number(m[1]), number(m[3]), number(m[4])
			if i == 0 {
				end = start
				if perBit == 0 {
					perBit = width / math.Abs(s.Bits)
				}
			}
			if s.Feature != "weight" && math.Abs(start-end) > 0.3 {
				t.Errorf("%s: %s begins at %v, the one before ended at %v", pair.Heading, s.Feature, start, end)
			}
			if math.Abs(width-max(1.5, perBit*math.Abs(s.Bits))) > 0.5 {
				t.Errorf("%s: %s has %v bits and is %v wide, at %v a bit", pair.Heading, s.Feature, s.Bits, width, perBit)
			}
			if against := m[2] == "against"; against != (s.Bits < 0) {
				t.Errorf("%s: %s of %v bits is drawn as %s", pair.Heading, s.Feature, s.Bits, m[2])
			}
			if end = x + width; s.Bits < 0 {
				end = x
			}
			if s.Bits == 0 {
				end = start
			}
		}
	}
	if len(bars) > 0 {
		t.Errorf("%d bars too many", len(bars))
	}
}

func TestValues(t *testing.T) {
	employer := []linkage.Value{
		{Role: schemas.Company, Text: "Acme"},
		{Role: schemas.CompanyKey, Text: "c1"},
		{Role: schemas.Website, Text: "acme.com"},
		{Role: schemas.Email, Text: "a@acme.com"},
		{Role: schemas.PastCompanies, Text: "Globex | Initech"},
	}
	for level, want := range map[string]string{
		"exact": "Acme", "linked": "Acme, id c1", "domain": "Acme, acme.com, a@acme.com", "former": "Acme, formerly Globex | Initech",
	} {
		if got := waterfall.Values(employer, level); got != want {
			t.Errorf("%s: %q, want %q", level, got, want)
		}
	}
	if got := waterfall.Values(employer[4:], "differs"); got != "formerly Globex | Initech" {
		t.Errorf("former employers alone: %q", got)
	}
	if got := waterfall.Values([]linkage.Value{{Role: schemas.City, Text: "Boise"}, {Role: schemas.State, Text: "Idaho"}, {Role: schemas.Lat, Text: "43.6"}}, "city"); got != "Boise, Idaho" {
		t.Errorf("place: %q", got)
	}
}

func TestNumbers(t *testing.T) {
	for bits, want := range map[float64]string{0: "+0.0", -0.04: "+0.0", 12.34: "+12.3", -4.06: "−4.1"} {
		if got := waterfall.Signed(bits); got != want {
			t.Errorf("%v bits: %s, want %s", bits, got, want)
		}
	}
	for weight, want := range map[float64]string{0: "0.50", 4.25: "0.950", 20.7: "0.99999941", -20.7: "0.00000059", 100: "1.000000000000"} {
		if got := waterfall.Chance(weight); got != want {
			t.Errorf("probability at %v bits: %s, want %s", weight, got, want)
		}
	}
}
