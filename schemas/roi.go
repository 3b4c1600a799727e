package schemas

// The data sets of the ROI reports (R34-R36); docs/roi.md defines every term. All are published empty while the
// customer has not authorised the reports.

// currencyDoc says what a currency column holds in all of them.
const currencyDoc = "ISO code of the amounts' currency; empty in an org with one currency, whose amounts are in that one."

// OpportunityStages are the stages in which syncs saw each opportunity, oldest first: what the imported fields do not tell.
var OpportunityStages = &Dataset{
	Name: "opportunity_stages", Source: FromStage, Key: []string{"opportunity_id", "since_by", "stage"}, Chain: true,
	Doc: "Stages in which syncs saw each opportunity. A change lies between the two instants of its row.",
	Fields: []Field{
		{"opportunity_id", String, 0, NoRole, "Opportunity."},
		{"since_by", Timestamp, 0, NoRole, "The stage was entered at this instant at the latest."},
		{"stage", String, Repeats, NoRole, "Stage."},
		{"since_after", Timestamp, 0, NoRole, "The stage was entered after this instant, or at it."},
		{"is_closed", Bool, 0, NoRole, "Whether the stage is a closed one."},
		{"seen_first", Bool, 0, NoRole, "Whether no sync had seen the opportunity before, so that it may have gone through other stages unseen."},
	},
}

// CRMActivity are the days on which syncs saw that there had been activity on an account: what the imported fields tell of the latest only.
var CRMActivity = &Dataset{
	Name: "crm_activity", Source: FromStage, Key: []string{"account_id", "day"}, Chain: true,
	Doc: "Days on which a contact, a converted lead or an opportunity of an account had its latest activity, as syncs saw it.",
	Fields: []Field{
		{"account_id", String, 0, NoRole, "Account."},
		{"day", Date, 0, NoRole, "Day of an activity."},
	},
}

// ROITouches are uses of Sales Navigator that bear on an opportunity (R35).
var ROITouches = &Dataset{
	Name: "roi_touches", Source: FromStage, Key: []string{"opportunity_id", "touch_id"},
	Doc: "Touches: use of Sales Navigator on people and companies of an opportunity.",
	Fields: []Field{
		{"opportunity_id", String, 0, NoRole, "Opportunity."},
		{"touch_id", String, Personal, NoRole, "Usage or activity id, prefixed by its data set; one that was made of a touch's content can be traced to a profile."},
		{"kind", String, Repeats, NoRole, "Kind of usage or activity."},
		{"level", String, Repeats, NoRole, "a: a contact with a role on the opportunity; b: a contact or lead of its account; c: the account's company."},
		{"seat_id", String, Repeats, NoRole, "Seat."},
		{"member_id", String, optPers, NoRole, "Profile touched."},
		{"company_id", String, Nullable, NoRole, "Company touched."},
		{"touched_at", Timestamp, 0, NoRole, "When."},
		{"days_before_created", Float64, 0, NoRole, "Days from the touch to the opportunity's creation; negative after it."},
		{"counts_sourced", Bool, 0, NoRole, "Whether the touch counts for 'sourced'."},
		{"counts_influenced", Bool, 0, NoRole, "Whether the touch counts for 'influenced'."},
	},
}

// ROIOpportunities are the facts of each opportunity (R35, R36).
var ROIOpportunities = &Dataset{
	Name: "roi_opportunities", Source: FromStage, Key: []string{"opportunity_id"},
	Doc: "Opportunities with the influence of Sales Navigator on them.",
	Fields: []Field{
		{"opportunity_id", String, 0, NoRole, "Opportunity."},
		{"account_id", String, Nullable, NoRole, "Account."},
		{"owner_id", String, Repeats, NoRole, "Owner."},
		{"owner_has_seat", Bool, 0, NoRole, "Whether the owner holds a seat."},
		{"stage", String, Repeats, NoRole, "Stage."},
		{"is_closed", Bool, 0, NoRole, "Whether it is closed."},
		{"is_won", Bool, 0, NoRole, "Whether it is won."},
		{"revenue", Float64, Nullable, NoRole, "Value of the revenue field (R36), in the opportunity's currency."},
		{"created_at", Timestamp, 0, NoRole, "When it was created."},
		{"close_date", Date, 0, NoRole, "Day it closed or is expected to."},
		{"in_pipeline", Bool, 0, NoRole, "Whether it has entered the pipeline (R36)."},
		{"quarter", String, Repeats, NoRole, "Quarter of the close date, as 2026-Q3."},
		{"days_to_close", Int64, Nullable, NoRole, "Days from creation to close; none while open."},
		{"touches", Int64, 0, NoRole, "Touches within the windows."},
		{"first_touch_at", Timestamp, Nullable, NoRole, "First touch within the windows."},
		{"last_touch_at", Timestamp, Nullable, NoRole, "Last touch within the windows."},
		{"sourced", Bool, 0, NoRole, "First touch within N days (90) before creation, of any level, and not after the first known activity in the CRM."},
		{"sourced_strict", Bool, 0, NoRole, "The same with touches of level a only."},
		{"influenced", Bool, 0, NoRole, "Any touch from N days (90) before creation to the close, or to as_of while open."},
		{"influenced_strict", Bool, 0, NoRole, "The same with touches of level a only."},
		{"touched_earlier", Bool, 0, NoRole, "Any touch from 2 N to N days before creation: the placebo window, which counts for nothing else."},
		{"currency", String, Repeats, NoRole, currencyDoc},
		{"size_band", String, Repeats, NoRole, "Employees of the account: 1-50, 51-200, 201-1000, 1001-5000, 5001+ or unknown."},
		{"industry", String, Repeats, NoRole, "Industry of the account, or unknown."},
		{"region", String, Repeats, NoRole, "Region of the account's billing country: Africa, Americas, Asia, Europe, Oceania, other or unknown."},
		{"business", String, Repeats, NoRole, "existing when the account had won an opportunity before this one was created, else new."},
		{"entered_after", Timestamp, Nullable, NoRole, "It entered the pipeline at this instant at the earliest; none when it has not."},
		{"entered_by", Timestamp, Nullable, NoRole, "It entered the pipeline at this instant at the latest; none when it has not."},
		{"entry_basis", String, optRep, NoRole, "creation: both instants are that of creation; observed: two syncs saw it before and after; first_seen: it was there when first seen."},
		{"known_activity_on", Date, Nullable, NoRole, "First day in the N days before creation with activity of the account in the CRM, as far as syncs saw it; a touch after it does not count as sourcing."},
	},
}

// ROIAttribution splits each influenced opportunity among its touches, added up per seat, kind and level.
var ROIAttribution = &Dataset{
	Name: "roi_attribution", Source: FromStage, Key: []string{"opportunity_id", "seat_id", "kind", "level"},
	Doc: "Shares of influenced opportunities that six models give to touches, added up per seat, kind and level. Over an opportunity the parts of a model add up to 1,000,000,000, and the cents to the revenue.",
	Fields: []Field{
		{"opportunity_id", String, 0, NoRole, "Opportunity."},
		{"seat_id", String, Repeats, NoRole, "Seat."},
		{"kind", String, Repeats, NoRole, "Kind of usage or activity."},
		{"level", String, Repeats, NoRole, "a, b or c, as in roi_touches."},
		{"touches", Int64, 0, NoRole, "Touches."},
		{"currency", String, Repeats, NoRole, currencyDoc},
		{"first_parts", Int64, 0, NoRole, "First touch: all to the first. Parts of 1,000,000,000."},
		{"last_parts", Int64, 0, NoRole, "Last touch: all to the last. Parts of 1,000,000,000."},
		{"linear_parts", Int64, 0, NoRole, "Linear: the same to each. Parts of 1,000,000,000."},
		{"position_parts", Int64, 0, NoRole, "Position-based: 40 % first, 40 % last, 20 % between. Parts of 1,000,000,000."},
		{"decay_parts", Int64, 0, NoRole, "Time decay: half as much for each half-life (7 days) before the last. Parts of 1,000,000,000."},
		{"w_shaped_parts", Int64, 0, NoRole, "W-shaped: 30 % first, 30 % last before the creation, 30 % last, 10 % others. Parts of 1,000,000,000."},
		{"first_cents", Int64, Nullable, NoRole, "Revenue by first_parts in hundredths; none without revenue."},
		{"last_cents", Int64, Nullable, NoRole, "Revenue by last_parts in hundredths."},
		{"linear_cents", Int64, Nullable, NoRole, "Revenue by linear_parts in hundredths."},
		{"position_cents", Int64, Nullable, NoRole, "Revenue by position_parts in hundredths."},
		{"decay_cents", Int64, Nullable, NoRole, "Revenue by decay_parts in hundredths."},
		{"w_shaped_cents", Int64, Nullable, NoRole, "Revenue by w_shaped_parts in hundredths."},
	},
}

// ROIQuarters add up opportunities per quarter.
var ROIQuarters = &Dataset{
	Name: "roi_quarters", Source: FromStage, Key: []string{"quarter", "currency", "influenced"},
	Doc: "Opportunities in the pipeline, per quarter of their close date and currency, influenced and not.",
	Fields: []Field{
		{"quarter", String, 0, NoRole, "Quarter, as 2026-Q3."},
		{"currency", String, 0, NoRole, currencyDoc},
		{"influenced", Bool, 0, NoRole, "Whether Sales Navigator influenced them."},
		{"opportunities", Int64, 0, NoRole, "Opportunities."},
		{"won", Int64, 0, NoRole, "Won."},
		{"lost", Int64, 0, NoRole, "Lost."},
		{"open", Int64, 0, NoRole, "Open."},
		{"sourced", Int64, 0, NoRole, "Of these, sourced."},
		{"influenced_strict", Int64, 0, NoRole, "Of these, influenced by touches of level a."},
		{"sourced_strict", Int64, 0, NoRole, "Of these, sourced by touches of level a."},
		{"revenue_won", Float64, 0, NoRole, "Revenue of those won."},
		{"revenue_open", Float64, 0, NoRole, "Revenue of those open."},
		{"revenue_sourced", Float64, 0, NoRole, "Revenue of those sourced and won."},
	},
}

// ROIComparison compares influenced opportunities with the others.
var ROIComparison = &Dataset{
	Name: "roi_comparison", Source: FromStage, Key: []string{"comparison", "dimension", "segment", "measure", "currency"},
	Doc: "Influenced opportunities against the others. A comparison, not a proof of cause: sellers look up the people of deals that they believe in, and deals that live longer have more time to be touched.",
	Fields: []Field{
		{"comparison", String, Repeats, NoRole, "plain: all; matched: as many others as influenced, alike in size band, industry and owner; placebo: opportunities that were not influenced, touched earlier against not."},
		{"dimension", String, Repeats, NoRole, "all, or what the segments are: quarter, size_band, industry, region, owner, business."},
		{"segment", String, 0, NoRole, "Which quarter, size band and so on; all for all."},
		{"measure", String, Repeats, NoRole, "win_rate, median_revenue or median_days_to_close."},
		{"currency", String, Repeats, NoRole, "ISO code of median_revenue's currency; empty for other measures and in an org with one currency."},
		{"unit", String, Repeats, NoRole, "Unit of the values."},
		{"influenced_n", Int64, 0, NoRole, "Influenced opportunities in the comparison; those touched earlier in a placebo."},
		{"influenced_value", Float64, Nullable, NoRole, "Value for the influenced; none when too few."},
		{"other_n", Int64, 0, NoRole, "Other opportunities in the comparison."},
		{"other_value", Float64, Nullable, NoRole, "Value for the others; none when too few."},
		{"difference", Float64, Nullable, NoRole, "influenced_value - other_value."},
		{"difference_low", Float64, Nullable, NoRole, "Lower end of the difference's 95 % interval."},
		{"difference_high", Float64, Nullable, NoRole, "Upper end of the difference's 95 % interval."},
		{"method", String, Repeats, NoRole, "How the interval was computed, or why there is no number."},
	},
}

// ROISellers add up opportunities per seller: an owner, a seat, or both in one.
var ROISellers = &Dataset{
	Name: "roi_sellers", Source: FromStage, Key: []string{"seller_id", "currency"},
	Doc: "Sellers: CRM users who own opportunities in the pipeline, and seats that touched some. A seat and the user that it is tied to are one seller.",
	Fields: []Field{
		{"seller_id", String, 0, NoRole, "CRM user; seat: and the seat's id when the seat is tied to none."},
		{"currency", String, 0, NoRole, currencyDoc},
		{"user_id", String, Nullable, NoRole, "CRM user; none for a seat that is tied to none."},
		{"has_seat", Bool, 0, NoRole, "Whether the seller holds an active seat."},
		{"opportunities", Int64, 0, NoRole, "Opportunities in the pipeline that the seller owns."},
		{"influenced", Int64, 0, NoRole, "Of these, influenced, whoever touched them."},
		{"sourced", Int64, 0, NoRole, "Of these, sourced."},
		{"won", Int64, 0, NoRole, "Won."},
		{"lost", Int64, 0, NoRole, "Lost."},
		{"open", Int64, 0, NoRole, "Open."},
		{"revenue_won", Float64, 0, NoRole, "Revenue of those won."},
		{"revenue_open", Float64, 0, NoRole, "Revenue of those open."},
		{"win_rate", Float64, Nullable, NoRole, "Won of closed, 0 to 1; none below ten closed."},
		{"median_days_to_close", Float64, Nullable, NoRole, "Kaplan-Meier median of the days to close; none below ten, or while more than half are open."},
		{"touches", Int64, 0, NoRole, "Touches by the seller's seats on any opportunity in the pipeline, in its window."},
		{"touched_opportunities", Int64, 0, NoRole, "Opportunities in the pipeline that the seller's seats touched in their windows, once per seat."},
		{"linear_won_cents", Int64, 0, NoRole, "Revenue won that linear attribution gives to the seller's seats, in hundredths."},
	},
}
