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
	OpportunityStages, CRMActivity,
	ROITouches, ROIOpportunities, ROIAttribution, ROIQuarters, ROIComparison, ROISellers,
	LinkChanges, Moves,
}
