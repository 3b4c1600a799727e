package generate

// Errors are how often a CRM record differs from what the directory says, each between 0 and 1.
type Errors struct {
	Absent       float64 // the record is about nobody in the directory
	Duplicate    float64 // the record is a second one of the same person or company
	Moved        float64 // the CRM knows a former employer
	Nickname     float64 // Bob for Robert, where there is one
	Initial      float64 // J. for John
	GivenTypo    float64
	SurnameTypo  float64
	Married      float64 // another surname, or one added
	Swapped      float64 // given name and surname in each other's field
	OneField     float64 // the whole name in the field of the surname
	Romanised    float64 // another spelling: Mueller for Müller, Ivanov for Иванов
	NoCompany    float64
	CompanyForm  float64 // the legal form is left out
	CompanyShort float64 // abbreviated, or initials
	CompanyTypo  float64
	NoPlace      float64
	OtherPlace   float64 // another city: moved, or another office
	PlaceTypo    float64
	NoEmail      float64
	OtherEmail   float64 // a private address
	NoPhone      float64
	Switchboard  float64 // the company's number in the place of the person's
	NoTitle      float64
	OtherTitle   float64
}

// Usual are the errors of an ordinary CRM.
var Usual = Errors{
	Absent: 0.2, Duplicate: 0.03, Moved: 0.07, Nickname: 0.08, Initial: 0.02, GivenTypo: 0.03, SurnameTypo: 0.04, Married: 0.015, Swapped: 0.015,
	OneField: 0.02, Romanised: 0.5, NoCompany: 0.04, CompanyForm: 0.35, CompanyShort: 0.06, CompanyTypo: 0.04, NoPlace: 0.12, OtherPlace: 0.08,
	PlaceTypo: 0.03, NoEmail: 0.3, OtherEmail: 0.1, NoPhone: 0.45, Switchboard: 0.25, NoTitle: 0.2, OtherTitle: 0.2,
}
