package report

import (
	"fmt"
	"math"
	"time"
)

func ptr(x float64) *float64 { return &x }

// fixture is a whole report; its names are those of companies and people who do not exist.
func fixture() *Data {
	objects := func(rows ...int64) []ObjectRows {
		var out []ObjectRows
		for i, name := range []string{"UserRole", "User", "Account", "Contact", "Lead", "Opportunity", "OpportunityContactRole"} {
			out = append(out, ObjectRows{Object: name, Read: rows[i], Rows: []int64{9, 42, 530, 612, 377, 1204, 2230}[i]})
		}
		return out
	}
	second := objects(0, 1, 12, 9, 4, 17, 3)
	second[4].Deleted = 2
	d := &Data{Summary: Summary{
		Contract: "demo", AsOf: time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC),
		Runs: []Run{
			{ID: "r000001-20260701T000000Z-sync", Job: "sync", State: "succeeded", Seconds: 21.37, APICalls: 48, Objects: objects(9, 42, 530, 612, 379, 1204, 2230)},
			{ID: "r000002-20260701T120000Z-sync", Job: "sync", State: "succeeded", Seconds: 3.94, APICalls: 23, Objects: second},
			{ID: "r000003-20260701T120100Z-writeback", Job: "writeback", State: "succeeded", Seconds: 0.61, APICalls: 7},
		},
		MatchRates: []MatchRate{
			{Object: "Account", Records: 530, Eligible: 505, Linked: 487, LinkedByHand: 1, Review: 6, Rate: 487.0 / 505},
			{Object: "Contact", Records: 612, Eligible: 580, Linked: 431, Review: 22, Rate: 431.0 / 580},
			{Object: "Lead", Records: 377, Eligible: 290, Linked: 175, Review: 18, Rate: 175.0 / 290},
		},
		Examples: []Example{
			{
				Object: "Account", Record: "Nordwind Freight Inc", RecordID: "001000000000001AAA", Target: "Nordwind Freight", TargetID: "c-17", Probability: 0.99998, Weight: 24.13,
				Reasons: Reasons([]Evidence{{"prior", "", -9}, {"name", "exact", 14.2}, {"website", "same", 12.9}, {"postal_code", "same", 7.4}, {"phone", "differs", -1.3}}, 3),
			},
			{
				Object: "Contact", Record: "Jon Example (Nordwind Freight)", RecordID: "003000000000004AAA", Target: "Jonathan Example, CEO at Nordwind Freight", TargetID: "m-5", Probability: 0.9971, Weight: 17.4,
				Reasons: Reasons([]Evidence{{"surname", "exact", 9.8}, {"given_name", "nickname", 5.1}, {"company", "linked", 7.7}, {"place", "city", 4.4}}, 3),
			},
			{
				Object: "Lead", Record: "Ana Muster (Alpenglas AG)", RecordID: "00Q000000000009AAA", Target: "Ana Muster, Chief Executive at Alpenglas", TargetID: "m-9", Probability: 0.981, Weight: 14.2,
				Reasons: Reasons([]Evidence{{"email", "same", 18.5}, {"city", "differs", -2.25}}, 3),
			},
		},
		Saves:     Saves{Seats: 24, SeatsTied: 21, People: 188, Companies: 143, Sellers: 17, New: 5},
		Writeback: []StateRows{{"written", 38}, {"unassigned", 3}, {"refused", 1}, {"waiting", 0}},
		Cases: []Case{
			{Unassigned, "act-000017", "InMail act-000017 was written as Task 00T000000000001AAA without a person: the person is linked to no record of the CRM"},
			{Refused, "act-000031", "Call act-000031 was not taken: INACTIVE_OWNER_OR_USER: operation performed with inactive user [005000000000004AAA] as owner of record"},
			{SaveKept, "m-9", "Ana Muster, Alpenglas was saved for Kim Sampleton because of Deal 12; the deal went to Lee Demofield, who has the save too, and Kim Sampleton keeps it"},
		},
		Paths: []Path{{"Report", "/var/lib/crmsync/demo/report.html"}, {"Summary", "/var/lib/crmsync/demo/summary.json"}, {"Snapshots", "/var/lib/crmsync/demo/contracts/demo/data"}},
		SQL:   "psql -h /var/lib/crmsync/demo/postgres -U crmsync crmsync",
	}}
	for bin := int64(-30); bin <= 44; bin += 2 {
		x := float64(bin)
		bump := func(at, wide, high float64) int64 { return int64(high * math.Exp(-(x-at)*(x-at)/(2*wide*wide))) }
		high, low := bump(28, 7, 130), bump(-9, 8, 40)
		s := ScoreBin{Object: "Contact", Bin: bin, Records: high + low}
		switch {
		case bin >= 6:
			s.Linked = high
		case bin >= 0:
			s.Linked, s.Review = high/3, (high+low)/2
		}
		d.Scores = append(d.Scores, s)
	}
	for i, q := range []string{"2024-Q3", "2024-Q4", "2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"} {
		n := int64(i)
		won, open := float64(18+4*n), float64(0)
		if i > 7 {
			won, open = 0, 30
		}
		d.Quarters = append(d.Quarters,
			Quarter{Quarter: q, Influenced: true, Opportunities: 40 + 6*n, Won: int64(won), Lost: 9, Open: int64(open), Sourced: 5 + n, InfluencedStrict: 20 + n, SourcedStrict: 2 + n, RevenueWon: won * 61_000, RevenueOpen: open * 55_000, RevenueSourced: won * 9_000},
			Quarter{Quarter: q, Opportunities: 62 - n, Won: int64(won / 2), Lost: 18, Open: int64(open / 2), RevenueWon: won * 24_000, RevenueOpen: open * 30_000})
	}
	d.ROI = ROIFrom(true, d.Quarters)
	all := func(kind, measure, unit string, n, others int64, value, other, difference, low, high *float64, method string) {
		d.Comparisons = append(d.Comparisons, Comparison{kind, "all", "all", "all", measure, "", unit, n, others, value, other, difference, low, high, method})
	}
	all("plain", "median_revenue", "org currency, won opportunities", 259, 185, ptr(61_250), ptr(48_900), ptr(12_350), ptr(-2_100), ptr(24_600), "median; bootstrap percentile interval, 1999 samples")
	all("plain", "win_rate", "share of closed opportunities", 431, 380, ptr(0.6012), ptr(0.4871), ptr(0.1141), ptr(0.0452), ptr(0.1819), "Newcombe (1998), method 10")
	all("plain", "median_days_to_close", "days from creation, open ones censored", 9, 402, nil, ptr(88), nil, nil, nil, "too few influenced: 9 of at least 10")
	all("matched", "win_rate", "share of closed opportunities", 212, 212, ptr(0.571), ptr(0.514), ptr(0.057), ptr(-0.038), ptr(0.151), "matched one to one within size band, industry and owner; Newcombe (1998), method 10")
	all("placebo", "win_rate", "share of closed opportunities", 77, 303, ptr(0.494), ptr(0.485), ptr(0.009), ptr(-0.115), ptr(0.133), "Newcombe (1998), method 10")
	for i, x := range []struct{ dimension, segment, name string }{
		{"size_band", "1-50", "1-50"},
		{"size_band", "1001-5000", "1001-5000"},
		{"industry", "Manufacturing", "Manufacturing"},
		{"region", "Europe", "Europe"},
		{"business", "existing", "existing"},
		{"quarter", "2026-Q1", "2026-Q1"},
		{"owner", "005000000000001AAA", "Ada Seller"},
	} {
		n := int64(20 + 10*i)
		d.Comparisons = append(d.Comparisons, Comparison{"plain", x.dimension, x.segment, x.name, "win_rate", "", "share of closed opportunities", n, 2 * n, ptr(0.6), ptr(0.5), ptr(0.1), ptr(-0.02), ptr(0.2), "Newcombe (1998), method 10"})
	}
	d.Comparisons = append(d.Comparisons, Comparison{"plain", "region", "Asia", "Asia", "win_rate", "", "share of closed opportunities", 3, 50, nil, ptr(0.5), nil, nil, nil, "too few influenced: 3 of at least 10"})
	for i, from := range TouchBins {
		d.Touches = append(d.Touches, TouchBin{from, int64(90 - 14*i), int64(80 - 12*i)})
	}
	for i, name := range []string{"Nordwind Freight – fleet", "Alpenglas – renewal", "Kestrel & Finch – pilot"} {
		d.OpenDeals = append(d.OpenDeals, OpenDeal{fmt.Sprintf("00600000000000%dAAA", i), name, "Negotiation/Review", "2026-09-1" + fmt.Sprint(i), "", 480_000 - 90_000*float64(i), int64(14 - 3*i), i != 1})
	}
	for i := range 30 {
		for k, o := range []string{"Account", "Contact", "Lead"} {
			d.RateHistory = append(d.RateHistory, RateAt{time.Date(2026, 6, 1+i, 0, 0, 0, 0, time.UTC), o, 0.9 - 0.15*float64(k) + 0.002*float64(i)})
		}
	}
	return d
}
