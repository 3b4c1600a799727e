// Package fortune embeds the small labelled pair of lists that README.md describes.
package fortune

import "embed"

// Files holds crm_accounts.csv, crm_contacts.csv, directory_companies.csv, directory_people.csv and the two truth files.
//
//go:embed *.csv
var Files embed.FS
