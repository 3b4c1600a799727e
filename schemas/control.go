package schemas

// Control data sets freeze what people decided, as it stood when the run began, so that a run can be repeated.

// Settings are the contract's settings in force (R40, R41).
var Settings = &Dataset{
	Name: "ctl_settings", Source: FromControl, Key: []string{"key"},
	Doc: "Settings in force when the run began.",
	Fields: []Field{
		{"key", String, 0, NoRole, "Name of the setting."},
		{"value", JSON, 0, NoRole, "Its value."},
	},
}

// Decisions are links that people made or refused (R16); the model never overrides them.
var Decisions = &Dataset{
	Name: "ctl_decisions", Source: FromControl, Key: []string{"object", "record_id", "target_id"},
	Doc: "Hand-made links and refusals in force when the run began.",
	Fields: []Field{
		{"object", String, Repeats, NoRole, "Lead, Contact or Account."},
		{"record_id", String, 0, NoRole, "Salesforce id of the record."},
		{"target_id", String, 0, NoRole, "Member or company id."},
		{"verdict", String, Repeats, NoRole, "link or reject."},
		{"decided_by", String, Personal, NoRole, "Who decided."},
		{"decided_at", Timestamp, 0, NoRole, "When."},
		{"reason", String, Nullable, NoRole, "Why."},
	},
}

// SeatMappings tie seats to CRM users by hand (R24).
var SeatMappings = &Dataset{
	Name: "ctl_seat_mappings", Source: FromControl, Key: []string{"seat_id"},
	Doc: "Seats tied to CRM users by hand when the run began.",
	Fields: []Field{
		{"seat_id", String, 0, NoRole, "Seat id."},
		{"user_id", String, 0, NoRole, "Salesforce id of the user."},
		{"decided_by", String, Personal, NoRole, "Who decided."},
		{"decided_at", Timestamp, 0, NoRole, "When."},
	},
}
