package demodata

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"

	"github.com/crmsync/crmsync/testdata/fortune"
)

// lists are the real inputs, as rows by column name.
type lists struct {
	accounts, contacts, companies, members []fields
	truthAccounts, truthPeople             []fields
}

// fields are the values of one row by column or API name.
type fields map[string]string

func readLists() (lists, error) {
	var l lists
	for _, in := range []struct {
		name string
		rows *[]fields
	}{
		{"crm_accounts", &l.accounts},
		{"crm_contacts", &l.contacts},
		{"directory_companies", &l.companies},
		{"directory_people", &l.members},
		{"truth_accounts", &l.truthAccounts},
		{"truth_people", &l.truthPeople},
	} {
		f, err := fortune.Files.Open(in.name + ".csv")
		if err != nil {
			return l, err
		}
		records, err := csv.NewReader(f).ReadAll()
		if err != nil {
			return l, fmt.Errorf("%s: %w", in.name, err)
		}
		for _, r := range records[1:] {
			row := fields{}
			for i, column := range records[0] {
				row[column] = r[i]
			}
			*in.rows = append(*in.rows, row)
		}
	}
	return l, nil
}

// words that say nothing about which company it is.
var legalWords = []string{"INC", "CO", "COS", "CORP", "COMPANY", "COMPANIES", "CORPORATION", "INCORPORATED", "LTD", "PLC", "LLC", "THE", "GROUP", "HOLDING", "HOLDINGS"}

// companyKey reduces a company's name so that the lists' spellings of one name meet.
func companyKey(name string) string {
	name = strings.NewReplacer("&", " AND ", "-", " ").Replace(strings.ToUpper(name))
	name = strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == ' ' {
			return r
		}
		return -1
	}, name)
	words := slices.DeleteFunc(strings.Fields(name), func(w string) bool { return slices.Contains(legalWords, w) })
	return strings.Join(words, " ")
}
