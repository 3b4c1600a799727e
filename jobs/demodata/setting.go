package demodata

// Setting is a setting of the contract (schemas.AllSettings) and the value that the demonstration gives it: what an administrator
// would set by hand.
type Setting struct {
	Key   string
	Value any
}

// Settings are set before the first sync: the customer authorises ROI, and sellers get auto-saves.
func Settings() []Setting {
	return []Setting{{"roi.authorised", true}, {"roi.revenue_field", "Amount"}, {"autosave.enabled", true}}
}

// TrialSettings are set before the first write-back: every kind, but only for the test contact (R26).
func TrialSettings(o *Org) []Setting {
	return []Setting{{"writeback.enabled", true}, {"writeback.kinds", activityTypes}, {"writeback.test_contact", o.TestContactID}}
}

// OpenSettings are set when the trial went well: activities of everybody are written.
func OpenSettings() []Setting { return []Setting{{"writeback.test_contact", ""}} }
