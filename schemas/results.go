package schemas

// The data sets that stages compute.

// Links say which CRM record is which profile or company, or why it is none (R14-R16). One row per CRM record that has a link,
// a candidate worth a review, or that gave way to another record; records without any have no row.
var Links = &Dataset{
	Name: "links", Source: FromStage, Key: []string{"object", "record_id"},
	Doc: "Links between CRM records and the directory.",
	Fields: []Field{
		{"object", String, Repeats, NoRole, "Lead, Contact or Account."},
		{"record_id", String, 0, NoRole, "Salesforce id of the record."},
		{"target_kind", String, Repeats, NoRole, "person or company."},
		{"target_id", String, 0, NoRole, "Member or company id."},
		{"decision", String, Repeats, NoRole, "link, review, duplicate (another record of the CRM holds the link) or converted (the contact it became holds it)."},
		{"origin", String, Repeats, NoRole, "model or manual."},
		{"probability", Float64, 0, NoRole, "Match probability, 0 to 1."},
		{"weight", Float64, 0, NoRole, "Match weight in bits: the prior's and every feature's."},
		{"runner_up_id", String, Nullable, NoRole, "Next best member or company id for the record."},
		{"runner_up_weight", Float64, Nullable, NoRole, "Match weight of the runner-up, in bits."},
		{"duplicate_of", String, Nullable, NoRole, "Record that holds the link, for duplicate and converted."},
		{"model", String, Repeats, NoRole, "Fingerprint of the model's parameters."},
		{"evidence", JSON, 0, NoRole, "Why: an array of {feature, level, bits}, the prior first."},
	},
}

// MatchRates count, per object, what became of the records (R17).
var MatchRates = &Dataset{
	Name: "match_rates", Source: FromStage, Key: []string{"object"},
	Doc: "Match rates of one run, per object.",
	Fields: []Field{
		{"object", String, 0, NoRole, "Lead, Contact or Account."},
		{"records", Int64, 0, NoRole, "Records in the snapshot."},
		{"eligible", Int64, 0, NoRole, "Records that could be linked: not duplicates, not converted leads."},
		{"linked", Int64, 0, NoRole, "Records with a link."},
		{"linked_by_hand", Int64, 0, NoRole, "Of these, made by hand."},
		{"review", Int64, 0, NoRole, "Records waiting for a review."},
		{"duplicates", Int64, 0, NoRole, "Records that gave way to a duplicate."},
		{"converted", Int64, 0, NoRole, "Leads that gave way to their contact."},
		{"pairs_compared", Int64, 0, NoRole, "Candidate pairs compared."},
		{"pairs_uncompared", Int64, 0, NoRole, "Candidate pairs left out because no refinement made their block small enough."},
		{"rate", Float64, 0, NoRole, "linked / eligible, 0 to 1; 0 when nothing is eligible."},
	},
}

// MatchScores is the distribution of the best candidate's match weight.
var MatchScores = &Dataset{
	Name: "match_scores", Source: FromStage, Key: []string{"object", "bin"},
	Doc: "Histogram of each record's best match weight.",
	Fields: []Field{
		{"object", String, Repeats, NoRole, "Lead, Contact or Account."},
		{"bin", Int64, 0, NoRole, "Lower edge of the bin in bits; bins are 2 bits wide."},
		{"records", Int64, 0, NoRole, "Records whose best candidate falls into the bin."},
		{"linked", Int64, 0, NoRole, "Of these, linked."},
	},
}

// SeatUsers tie seats to CRM users (R24).
var SeatUsers = &Dataset{
	Name: "seat_users", Source: FromStage, Key: []string{"seat_id"},
	Doc: "Seats and the CRM users that hold them.",
	Fields: []Field{
		{"seat_id", String, 0, NoRole, "Seat id."},
		{"user_id", String, Nullable, NoRole, "Salesforce id of the user; none when no user fits."},
		{"method", String, Repeats, NoRole, "email, manual or none."},
		{"licensed", Bool, 0, NoRole, "Whether the seat's licence includes the sync (R7)."},
		{"active", Bool, 0, NoRole, "Whether the seat is active."},
		{"note", String, Nullable, NoRole, "Why no user fits, or why the seat is skipped."},
	},
}

// Saves are leads and accounts saved for sellers because of an opportunity (R22). Append-only (R23): a chain that only grows.
var Saves = &Dataset{
	Name: "saves", Source: FromStage, Key: []string{"seat_id", "target_kind", "target_id"}, Chain: true,
	Doc: "Auto-saves: profiles and companies saved for the owners of open opportunities.",
	Fields: []Field{
		{"seat_id", String, 0, NoRole, "Seat that the save is for."},
		{"target_kind", String, Repeats, NoRole, "person or company."},
		{"target_id", String, 0, NoRole, "Member or company id."},
		{"user_id", String, Repeats, NoRole, "CRM user who owned the opportunity."},
		{"object", String, Repeats, NoRole, "Contact, Account, or Lead when a lead holds the contact's link."},
		{"record_id", String, 0, NoRole, "CRM record whose link led to the save."},
		{"opportunity_id", String, 0, NoRole, "Opportunity that is the reason."},
		{"saved_at", Timestamp, 0, NoRole, "Instant (as_of) of the run that made the save."},
	},
}

// ROITouches are uses of Sales Navigator that bear on an opportunity (R35).
var ROITouches = &Dataset{
	Name: "roi_touches", Source: FromStage, Key: []string{"opportunity_id", "touch_id"},
	Doc: "Touches: use of Sales Navigator on people and companies of an opportunity.",
	Fields: []Field{
		{"opportunity_id", String, 0, NoRole, "Opportunity."},
		{"touch_id", String, 0, NoRole, "Usage or activity id, prefixed by its data set."},
		{"kind", String, Repeats, NoRole, "Kind of usage or activity."},
		{"level", String, Repeats, NoRole, "a: a contact with a role on the opportunity; b: a contact or lead of its account; c: the account's company."},
		{"seat_id", String, Repeats, NoRole, "Seat."},
		{"member_id", String, optPers, NoRole, "Profile touched."},
		{"company_id", String, Nullable, NoRole, "Company touched."},
		{"touched_at", Timestamp, 0, NoRole, "When."},
		{"days_before_created", Float64, 0, NoRole, "Days from the touch to the opportunity's creation; negative after it."},
		{"counts_sourced", Bool, 0, NoRole, "Whether the touch lies in the window of 'sourced'."},
		{"counts_influenced", Bool, 0, NoRole, "Whether the touch lies in the window of 'influenced'."},
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
		{"revenue", Float64, Nullable, NoRole, "Value of the revenue field (R36), in the org's currency."},
		{"created_at", Timestamp, 0, NoRole, "When it was created."},
		{"close_date", Date, 0, NoRole, "Day it closed or is expected to."},
		{"in_pipeline", Bool, 0, NoRole, "Whether it has entered the pipeline (R36)."},
		{"quarter", String, Repeats, NoRole, "Quarter of the close date, as 2026-Q3."},
		{"days_to_close", Int64, Nullable, NoRole, "Days from creation to close; none while open."},
		{"touches", Int64, 0, NoRole, "Touches within the windows."},
		{"first_touch_at", Timestamp, Nullable, NoRole, "First touch within the windows."},
		{"last_touch_at", Timestamp, Nullable, NoRole, "Last touch within the windows."},
		{"sourced", Bool, 0, NoRole, "First touch within N days (90) before creation, of any level."},
		{"sourced_strict", Bool, 0, NoRole, "The same with touches of level a only."},
		{"influenced", Bool, 0, NoRole, "Any touch from N days (90) before creation to the close, or to as_of while open."},
		{"influenced_strict", Bool, 0, NoRole, "The same with touches of level a only."},
	},
}

// ROIQuarters add up opportunities per quarter.
var ROIQuarters = &Dataset{
	Name: "roi_quarters", Source: FromStage, Key: []string{"quarter", "influenced"},
	Doc: "Opportunities in the pipeline, per quarter of their close date, influenced and not.",
	Fields: []Field{
		{"quarter", String, 0, NoRole, "Quarter, as 2026-Q3."},
		{"influenced", Bool, 0, NoRole, "Whether Sales Navigator influenced them."},
		{"opportunities", Int64, 0, NoRole, "Opportunities."},
		{"won", Int64, 0, NoRole, "Won."},
		{"lost", Int64, 0, NoRole, "Lost."},
		{"open", Int64, 0, NoRole, "Open."},
		{"sourced", Int64, 0, NoRole, "Of these, sourced."},
		{"revenue_won", Float64, 0, NoRole, "Revenue of those won."},
		{"revenue_open", Float64, 0, NoRole, "Revenue of those open."},
		{"revenue_sourced", Float64, 0, NoRole, "Revenue of those sourced and won."},
	},
}

// ROIComparison compares influenced opportunities with the others.
var ROIComparison = &Dataset{
	Name: "roi_comparison", Source: FromStage, Key: []string{"measure"},
	Doc: "Influenced opportunities against the others; a comparison, not a proof of cause.",
	Fields: []Field{
		{"measure", String, 0, NoRole, "win_rate, median_revenue or median_days_to_close."},
		{"unit", String, 0, NoRole, "Unit of the values."},
		{"influenced_n", Int64, 0, NoRole, "Influenced opportunities in the comparison."},
		{"influenced_value", Float64, Nullable, NoRole, "Value for the influenced; none when too few."},
		{"other_n", Int64, 0, NoRole, "Other opportunities in the comparison."},
		{"other_value", Float64, Nullable, NoRole, "Value for the others; none when too few."},
		{"difference", Float64, Nullable, NoRole, "influenced_value - other_value."},
		{"difference_low", Float64, Nullable, NoRole, "Lower end of the difference's 95 % interval."},
		{"difference_high", Float64, Nullable, NoRole, "Upper end of the difference's 95 % interval."},
		{"method", String, 0, NoRole, "How the interval was computed."},
	},
}

// Rejects are input rows that could not be taken, counted and kept with the reason.
var Rejects = &Dataset{
	Name: "nav_rejects", Source: FromStage, Key: []string{"dataset", "file", "line"},
	Doc: "Rows of the export folder that were refused, with the reason.",
	Fields: []Field{
		{"dataset", String, Repeats, NoRole, "Data set that the row was for."},
		{"file", String, Repeats, NoRole, "File name."},
		{"line", Int64, 0, NoRole, "Line, or row number in a Parquet file, from 1."},
		{"field", String, optRep, NoRole, "Field at fault."},
		{"reason", String, Repeats, NoRole, "What is wrong; never the value itself when personal."},
	},
}

// All are all data sets, in the order of the dictionary.
var All = []*Dataset{
	UserRole, User, Account, Contact, Lead, Opportunity, OpportunityContactRole, Org,
	People, Companies, Seats, Activities, Usage, Rejects,
	Settings, Decisions, SeatMappings,
	Links, MatchRates, MatchScores, SeatUsers, Saves,
	ROITouches, ROIOpportunities, ROIQuarters, ROIComparison,
}
