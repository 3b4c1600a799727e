package report

import (
	"bytes"
	"encoding/xml"
	"flag"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
)

var pageFile = flag.String("page", "", "also write the page of the fixture to this file")

func writePage(t *testing.T, d *Data) string {
	t.Helper()
	var b bytes.Buffer
	if err := d.WriteHTML(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPage(t *testing.T) {
	html := writePage(t, fixture())
	if *pageFile != "" {
		if err := os.WriteFile(*pageFile, []byte(html), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	wellFormed(t, html)
	if got := strings.Count(html, "<svg "); got != 14 {
		t.Errorf("%d drawings, want 7 at 2 sizes", got)
	}
	for _, want := range []string{
		"Match rates per object", "share of eligible records, %", "match weight, bits", "95 % interval", "opportunities", "revenue won, org currency",
		"too few influenced: 9 of at least 10", "not a proof of cause", "psql -h", "Match rates over time", "Touches before a win",
		"Largest open opportunities", "placebo", "Manufacturing", "too few influenced: 3 of at least 10", "Ada Seller", "−2.1\u00a0k to &#43;24.6\u00a0k",
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if again := writePage(t, fixture()); again != html {
		t.Error("the same data gave another page")
	}
}

// TestPageFetchesNothing looks for whatever would make a browser ask a network.
func TestPageFetchesNothing(t *testing.T) {
	html := writePage(t, fixture())
	for _, name := range []string{"<script", "<link", "<img", "<iframe", "@import", "url(", "src=", "href=", "srcset", "<base", "<object", "<embed"} {
		if strings.Contains(html, name) {
			t.Errorf("the page holds %s", name)
		}
	}
	for _, url := range regexp.MustCompile(`[a-z]+://[^"'\s<]*`).FindAllString(html, -1) {
		if url != "http://www.w3.org/2000/svg" { // the name of SVG's namespace, never fetched
			t.Errorf("the page holds the address %s", url)
		}
	}
}

func TestPageEscapes(t *testing.T) {
	d := fixture()
	d.Contract = `<script>alert("x")</script>`
	d.Examples[0].Record = `"><img src=x>`
	d.MatchRates[0].Object = `</text><script>x</script>`
	html := writePage(t, d)
	if strings.Contains(html, "<script") || strings.Contains(html, "<img") {
		t.Error("text became markup")
	}
	wellFormed(t, html)
}

func TestPageWithoutROI(t *testing.T) {
	d := fixture()
	d.ROI, d.Influence = ROI{}, Influence{}
	html := writePage(t, d)
	wellFormed(t, html)
	if !strings.Contains(html, "not authorised") || strings.Contains(html, "revenue won") {
		t.Error("a report without authorisation shows ROI")
	}
	wellFormed(t, writePage(t, &Data{}))
}

// TestCurrenciesStayApart: two currencies give two headlines and two trends, and no sum of both.
func TestCurrenciesStayApart(t *testing.T) {
	d := fixture()
	d.Quarters = []Quarter{
		{Quarter: "2026-Q1", Currency: "EUR", Influenced: true, Opportunities: 3, Won: 2, RevenueWon: 200_000, RevenueSourced: 100_000},
		{Quarter: "2026-Q1", Currency: "USD", Influenced: true, Opportunities: 2, Won: 1, RevenueWon: 30_000},
		{Quarter: "2026-Q1", Currency: "USD", Opportunities: 2, Won: 1, RevenueWon: 30_000},
	}
	d.ROI = ROIFrom(true, d.Quarters)
	if d.ROI.Opportunities != 7 || d.ROI.Influenced != 5 || len(d.ROI.Amounts) != 2 || d.ROI.Amounts[0] != (Amounts{Currency: "USD", Opportunities: 4, Won: 60_000, WonInfluenced: 30_000}) {
		t.Errorf("headline %+v", d.ROI)
	}
	html := writePage(t, d)
	wellFormed(t, html)
	for want, n := range map[string]int{"EUR\u00a0200 k": 2, "USD\u00a060 k": 1, "260 k": 0, "230 k": 0, "Revenue won per quarter of the close date, EUR": 3} {
		if got := strings.Count(html, want); got != n {
			t.Errorf("the page has %q %d times, want %d", want, got, n)
		}
	}
}

// TestDifferenceWithoutInterval: where there is a difference and no interval, the page says why in the interval's place.
func TestDifferenceWithoutInterval(t *testing.T) {
	d := fixture()
	value, why := 12.0, "too many samples leave more than half open"
	d.Comparisons = []Comparison{{
		Comparison: "matched", Dimension: "all", Segment: "all", Measure: "median_days_to_close", InfluencedN: 40, OtherN: 40,
		InfluencedValue: &value, OtherValue: &value, Difference: &value, Method: why,
	}}
	if html := writePage(t, d); !strings.Contains(html, why) {
		t.Error("the page does not say why there is no interval")
	}
}

// wellFormed checks that every element is closed in order, and that each table row has as many cells as its header.
func wellFormed(t *testing.T, html string) {
	t.Helper()
	if !strings.HasPrefix(html, "<!DOCTYPE html>") || !strings.HasSuffix(strings.TrimSpace(html), "</html>") {
		t.Error("the page is no whole document")
	}
	d := xml.NewDecoder(strings.NewReader(html))
	d.Entity = xml.HTMLEntity
	header, cells := 0, 0
	for {
		token, err := d.Token()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "thead":
				header = 0
			case "th":
				header++
			case "td":
				cells++
			}
		case xml.EndElement:
			if e.Name.Local == "tr" && cells > 0 {
				if cells != header {
					t.Errorf("a row has %d cells, its table %d columns", cells, header)
				}
				cells = 0
			}
		}
	}
}

func TestWeightsAreBounded(t *testing.T) {
	bins := weights([]ScoreBin{
		{Object: "Lead", Bin: -90, Records: 3}, {Object: "Lead", Bin: -40, Records: 2}, {Object: "Contact", Bin: 0, Records: 5, Linked: 1, Review: 3}, {Object: "Lead", Bin: 70, Records: 4, Linked: 4},
	})
	if len(bins) != 51 {
		t.Fatalf("%d bins, want 51 from -40 to 60", len(bins))
	}
	first, middle, last := bins[0], bins[20], bins[50]
	if first.Name != "−40 and below" || first.Not != 5 || middle.Name != "0" || middle.Linked != 1 || middle.Review != 3 || middle.Not != 1 || last.Name != "60 and above" || last.Linked != 4 {
		t.Errorf("bins %+v, %+v, %+v", first, middle, last)
	}
	if got := weights([]ScoreBin{{Bin: 8, Records: 1}}); len(got) != 1 || got[0].Name != "8" {
		t.Errorf("one bin: %+v", got)
	}
}
