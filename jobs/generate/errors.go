package generate

import (
	"fmt"
	"reflect"
)

// Errors are how often a CRM record differs from the world, and what a profile does not tell: each a probability, 0 to 1. Those of one
// group exclude each other, so that their sum must not be above 1.
type Errors struct {
	// Whom the record is about.
	Absent    float64 `group:"subject"` // nobody in the directory
	Duplicate float64 `group:"subject"` // the same as an earlier record
	Namesake  float64 // of those absent: bears the name of somebody in the directory

	// The employer of a person that the record names.
	Moved      float64 // a former one
	PastListed float64 // of those: the profile lists it among past positions, when it lists any

	// Given name.
	Nickname  float64 `group:"given"` // Bob for Robert, where there is one
	Initial   float64 `group:"given"` // J. for John
	GivenTypo float64 `group:"given"` // by the keyboard or by ear
	Middle    float64 `group:"given"` // an initial is added

	// Surname.
	SurnameTypo  float64 `group:"surname"`
	Married      float64 `group:"surname"` // of women: another one
	DoubleBarrel float64 `group:"surname"` // of women: another one is added

	// The whole name.
	Romanised float64 // Latin letters without marks: Mueller for Müller, Ivanov for Иванов
	OtherWay  float64 // of those: romanised in another way, Muller or Iwanow
	Swapped   float64 `group:"fields"` // given name and surname in each other's field
	OneField  float64 `group:"fields"` // all of it in the field of the surname
	Honorific float64 // Dr. or the like before the given name
	Upper     float64 // in capitals, or in small letters

	// The company's name.
	NoCompany      float64 // of a person's record
	CompanyForm    float64 `group:"form"`    // the legal form is left out
	OtherForm      float64 `group:"form"`    // the legal form is spelled otherwise
	CompanyShort   float64 `group:"company"` // words are abbreviated: Intl.
	CompanyAcronym float64 `group:"company"` // initials, where there are three or more
	CompanyOther   float64 `group:"company"` // another name that it goes by, where there is one
	CompanyTypo    float64 `group:"company"`

	// Place.
	NoPlace    float64 `group:"place"`
	OtherPlace float64 `group:"place"` // another city: moved, or another office
	PlaceTypo  float64 `group:"place"`
	NoStreet   float64 // no street and no postal code
	OtherLand  float64 // the country in another language, or its code

	// Ways to reach.
	NoEmail     float64 `group:"email"`
	OtherEmail  float64 `group:"email"` // a private address
	EmailTypo   float64 `group:"email"`
	NoPhone     float64 `group:"phone"`
	Switchboard float64 `group:"phone"` // the company's number in the place of the person's
	PhoneTypo   float64 `group:"phone"` // one digit is another
	PhoneLocal  float64 // without the country's code
	NoWebsite   float64

	// What is said of a person's work, and of a company.
	NoTitle     float64 `group:"title"`
	OtherTitle  float64 `group:"title"` // another job
	ShortTitle  float64 // VP for Vice President
	NoEmployees float64
	NoIndustry  float64

	// What the profile tells.
	ShowEmail     float64 // it shows an e-mail address
	ShowPrivate   float64 // of those: a private one
	ShowPhone     float64
	ShowPostal    float64
	HidePlace     float64
	NoEmployer    float64 // neither company nor company id
	ShortEmployer float64 // the employer without legal form
	ProfileNick   float64 // a nickname, where there is one
}

// Usual are the errors of an ordinary CRM.
var Usual = Errors{
	Absent: 0.2, Duplicate: 0.03, Namesake: 0.1,
	Moved: 0.07, PastListed: 0.7,
	Nickname: 0.10, Initial: 0.02, GivenTypo: 0.03, Middle: 0.02,
	SurnameTypo: 0.04, Married: 0.015, DoubleBarrel: 0.01,
	Romanised: 0.5, OtherWay: 0.25, Swapped: 0.015, OneField: 0.02, Honorific: 0.01, Upper: 0.03,
	NoCompany: 0.04, CompanyForm: 0.35, OtherForm: 0.1, CompanyShort: 0.04, CompanyAcronym: 0.03, CompanyOther: 0.03, CompanyTypo: 0.04,
	NoPlace: 0.12, OtherPlace: 0.08, PlaceTypo: 0.03, NoStreet: 0.3, OtherLand: 0.25,
	NoEmail: 0.3, OtherEmail: 0.1, EmailTypo: 0.01, NoPhone: 0.4, Switchboard: 0.25, PhoneTypo: 0.01, PhoneLocal: 0.4, NoWebsite: 0.3,
	NoTitle: 0.2, OtherTitle: 0.15, ShortTitle: 0.3, NoEmployees: 0.4, NoIndustry: 0.4,
	ShowEmail: 0.3, ShowPrivate: 0.3, ShowPhone: 0.15, ShowPostal: 0.3, HidePlace: 0.05, NoEmployer: 0.03, ShortEmployer: 0.3, ProfileNick: 0.04,
}

// Validate reports the first probability, or sum of a group, that is none.
func (e Errors) Validate() error {
	v := reflect.ValueOf(e)
	sums := map[string]float64{}
	for i := range v.NumField() {
		f, p := v.Type().Field(i), v.Field(i).Float()
		if !(p >= 0 && p <= 1) {
			return fmt.Errorf("%w: the probability of %s is %v", ErrOptions, f.Name, p)
		}
		group := f.Tag.Get("group")
		if sums[group] += p; group != "" && sums[group] > 1 {
			return fmt.Errorf("%w: the probabilities up to %s of the group %s are more than 1 in sum", ErrOptions, f.Name, group)
		}
	}
	return nil
}
