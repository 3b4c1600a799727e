package schemas

// The data sets of backfills: what a past run would have found by other rules or another model (R11).

// LinkChanges are the links that a backfill finds and the run did not publish, and the other way round.
var LinkChanges = &Dataset{
	Name: "link_changes", Source: FromStage, Key: []string{"object", "record_id"},
	Doc: "Links that differ between what a run published and what a backfill finds for it.",
	Fields: []Field{
		{"object", String, Repeats, NoRole, "Lead, Contact or Account."},
		{"record_id", String, 0, NoRole, "Salesforce id of the record."},
		{"change", String, Repeats, NoRole, "gained, lost, or changed: linked to another profile or company."},
		{"before_target_id", String, Nullable, NoRole, "Member or company id that was published; none when the record had no row."},
		{"before_decision", String, optRep, NoRole, "Decision that was published."},
		{"before_probability", Float64, Nullable, NoRole, "Match probability that was published, 0 to 1."},
		{"before_weight", Float64, Nullable, NoRole, "Match weight that was published, in bits."},
		{"after_target_id", String, Nullable, NoRole, "Member or company id of the backfill; none when the record has no row."},
		{"after_decision", String, optRep, NoRole, "Decision of the backfill."},
		{"after_probability", Float64, Nullable, NoRole, "Match probability of the backfill, 0 to 1."},
		{"after_weight", Float64, Nullable, NoRole, "Match weight of the backfill, in bits."},
	},
}

// Moves are the figures of a run before and after, those of match rates and ROI.
var Moves = &Dataset{
	Name: "moves", Source: FromStage, Key: []string{"subject", "segment", "currency", "measure"},
	Doc: "Figures of what a run published, and of what a backfill finds for it.",
	Fields: []Field{
		{"subject", String, Repeats, NoRole, "match, or roi."},
		{"segment", String, Repeats, NoRole, "Object for match, quarter for roi."},
		{"currency", String, Repeats, NoRole, "ISO code of an amount's currency; empty for counts, and in an org with one currency."},
		{"measure", String, Repeats, NoRole, "eligible, linked, review or rate; opportunities, influenced, sourced, won, won_influenced, won_sourced, open or open_influenced, the last five in revenue."},
		{"before", Float64, Nullable, NoRole, "As published; none when the run published nothing of the kind."},
		{"after", Float64, Nullable, NoRole, "By the backfill; none when it found nothing of the kind."},
	},
}
