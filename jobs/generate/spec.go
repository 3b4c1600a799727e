package generate

import (
	"fmt"
	"os"
	"path/filepath"
)

// specs are specifications for `crmsync link-files`, ready to use on the files.
var specs = map[string]string{
	"accounts": `entity: company
left:  {id: Id, columns: {company: Name, website: Website, phone: Phone, industry: Industry, employees: NumberOfEmployees, ticker: TickerSymbol, street: BillingStreet, city: BillingCity, state: BillingState, postal_code: BillingPostalCode, country: BillingCountry}}
right: {id: company_id, columns: {company: name, other_names: other_names, website: website, phone: phone, industry: industry, employees: employee_count, ticker: ticker, street: street, city: city, state: state, postal_code: postal_code, country: country}}
`,
	"contacts": `entity: person
left:  {id: Id, columns: {given_name: FirstName, surname: LastName, company: AccountName, title: Title, email: Email, phone: Phone, city: MailingCity, state: MailingState, postal_code: MailingPostalCode, country: MailingCountry}}
right: {id: member_id, columns: {given_name: first_name, surname: last_name, company: company, past_companies: past_companies, title: title, email: email, phone: phone, city: city, state: state, postal_code: postal_code, country: country}}
`,
	"leads": `entity: person
left:  {id: Id, columns: {given_name: FirstName, surname: LastName, company: Company, title: Title, email: Email, phone: Phone, website: Website, city: City, state: State, postal_code: PostalCode, country: Country}}
right: {id: member_id, columns: {given_name: first_name, surname: last_name, company: company, past_companies: past_companies, title: title, email: email, phone: phone, city: city, state: state, postal_code: postal_code, country: country}}
`,
}

func (g *generator) writeSpecs() error {
	for name, text := range specs {
		if err := os.WriteFile(filepath.Join(g.Out, "spec", name+".yaml"), []byte(text), 0o644); err != nil {
			return fmt.Errorf("write specification: %w", err)
		}
	}
	return nil
}
