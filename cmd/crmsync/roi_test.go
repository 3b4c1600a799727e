package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/crmsync/crmsync/jobs/report"
)

// TestROINumbers prints amounts that a cut would show too small, shares of a total below zero, and a difference without an interval.
func TestROINumbers(t *testing.T) {
	var out bytes.Buffer
	days := 12.0
	d := &report.Data{Influence: report.Influence{
		Quarters: []report.Quarter{
			{Quarter: "2026-Q1", Currency: "EUR", Influenced: true, Opportunities: 1, Won: 1, RevenueWon: 1999.99},
			{Quarter: "2026-Q1", Currency: "USD", Influenced: true, Opportunities: 1, Won: 1, RevenueWon: 500},
			{Quarter: "2026-Q1", Currency: "USD", Opportunities: 1, Won: 1, RevenueWon: -700},
		},
		Comparisons: []report.Comparison{{
			Comparison: "plain", Dimension: "all", Segment: "all", Measure: "median_days_to_close", InfluencedN: 40, OtherN: 40,
			InfluencedValue: &days, OtherValue: &days, Difference: &days, Method: "no interval: too many samples leave more than half open",
		}},
		OpenDeals: []report.OpenDeal{{ID: "o1", Name: "Deal", Revenue: 0.6}},
	}}
	d.ROI = report.ROIFrom(true, d.Quarters)
	(&app{stdout: &out}).printROI(d)
	for _, want := range []string{"EUR revenue won 2,000: influenced 100.0 %", "USD revenue won -200: influenced -,", "too many samples leave more than half open"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the text lacks %q:\n%s", want, out.String())
		}
	}
	for _, bad := range []string{"1,999", "- to -", "-250"} {
		if strings.Contains(out.String(), bad) {
			t.Errorf("the text has %q:\n%s", bad, out.String())
		}
	}
}
