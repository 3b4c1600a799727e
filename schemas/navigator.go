package schemas

// The data sets of a Sales Navigator export folder. Field names are the canonical column names; other exports' names are
// mapped to them in the configuration.

// People are directory profiles.
var People = &Dataset{
	Name: "nav_people", Source: FromNavigator, Key: []string{"member_id"},
	Doc: "Profiles of the Sales Navigator directory.",
	Fields: []Field{
		{"member_id", String, 0, NoRole, "Member id."},
		{"profile_url", String, optPers, NoRole, "Address of the profile."},
		{"first_name", String, optPers, GivenName, "Given name."},
		{"last_name", String, optPers, Surname, "Surname."},
		{"full_name", String, optPers, FullName, "Full name as shown."},
		{"headline", String, optPers, NoRole, "Headline of the profile."},
		{"title", String, optPers, Title, "Current title."},
		{"company_id", String, opt, CompanyKey, "Company id of the current employer."},
		{"company", String, opt, Company, "Name of the current employer."},
		{"past_companies", String, optPers, PastCompanies, "Former employers, separated by ' | '."},
		{"city", String, optRep, City, "City."},
		{"state", String, optRep, State, "State or region."},
		{"country", String, optRep, Country, "Country."},
		{"postal_code", String, opt, PostalCode, "Postal code."},
		{"email", String, optPers, Email, "E-mail addresses, separated by ' | '."},
		{"phone", String, optPers, Phone, "Telephone numbers, separated by ' | '."},
	},
}

// Companies are directory companies.
var Companies = &Dataset{
	Name: "nav_companies", Source: FromNavigator, Key: []string{"company_id"},
	Doc: "Companies of the Sales Navigator directory.",
	Fields: []Field{
		{"company_id", String, 0, NoRole, "Company id."},
		{"page_url", String, opt, NoRole, "Address of the company page."},
		{"name", String, 0, Company, "Name."},
		{"other_names", String, opt, OtherNames, "Other names, separated by ' | '."},
		{"website", String, opt, Website, "Web site or domain."},
		{"industry", String, optRep, Industry, "Industry."},
		{"employee_count", Int64, opt, Employees, "Number of employees."},
		{"phone", String, opt, Phone, "Telephone number."},
		{"ticker", String, opt, Ticker, "Stock ticker."},
		{"street", String, opt, Street, "Street of the headquarters."},
		{"city", String, optRep, City, "City of the headquarters."},
		{"state", String, optRep, State, "State or region of the headquarters."},
		{"country", String, optRep, Country, "Country of the headquarters."},
		{"postal_code", String, opt, PostalCode, "Postal code of the headquarters."},
		{"parent_company_id", String, opt, NoRole, "Company id of the parent."},
	},
}

// Seats are the contract's Sales Navigator licences.
var Seats = &Dataset{
	Name: "nav_seats", Source: FromNavigator, Key: []string{"seat_id"},
	Doc: "Seats (licences) of the contract.",
	Fields: []Field{
		{"seat_id", String, 0, NoRole, "Seat id."},
		{"member_id", String, optPers, NoRole, "Member id of the seat's holder."},
		{"name", String, optPers, NoRole, "Name of the seat's holder."},
		{"email", String, optPers, NoRole, "E-mail address of the seat's holder."},
		{"active", Bool, 0, NoRole, "Whether the seat is in use."},
		{"team", String, optRep, NoRole, "Team."},
		{"licence_type", String, Repeats, NoRole, "Licence type; only Team and Enterprise get the sync (R7)."},
		{"is_admin", Bool, opt, NoRole, "Whether the holder administers the contract."},
	},
}

// Activities are what sellers did and may have marked for logging (R27, R28).
var Activities = &Dataset{
	Name: "nav_activities", Source: FromNavigator, Key: []string{"activity_id"},
	Doc: "Sellers' activities: InMail, Message, Note, Call, PointDriveView.",
	Fields: []Field{
		{"activity_id", String, 0, NoRole, "Activity id."},
		{"type", String, Repeats, NoRole, "InMail, Message, Note, Call or PointDriveView."},
		{"seat_id", String, 0, NoRole, "Seat of the seller."},
		{"member_id", String, optPers, NoRole, "Profile that the activity is about."},
		{"company_id", String, opt, NoRole, "Company that the activity is about."},
		{"occurred_at", Timestamp, 0, NoRole, "When it happened."},
		{"subject", String, optPers, NoRole, "Subject."},
		{"body", String, optPers, NoRole, "Body."},
		{"log_to_crm", Bool, 0, NoRole, "Whether the seller marked it for logging."},
	},
}

// Usage are the touches that ROI needs.
var Usage = &Dataset{
	Name: "nav_usage", Source: FromNavigator, Key: []string{"usage_id"},
	Doc: "Use of Sales Navigator: views, saves, searches, alerts.",
	Fields: []Field{
		{"usage_id", String, 0, NoRole, "Id of the event; made from its content when the export has none."},
		{"seat_id", String, 0, NoRole, "Seat."},
		{"kind", String, Repeats, NoRole, "profile_view, save, search, alert, inmail, message, connection."},
		{"member_id", String, optPers, NoRole, "Profile touched."},
		{"company_id", String, opt, NoRole, "Company touched."},
		{"occurred_at", Timestamp, 0, NoRole, "When it happened."},
	},
}

// NavigatorDatasets are the data sets of an export folder.
var NavigatorDatasets = []*Dataset{People, Companies, Seats, Activities, Usage}
