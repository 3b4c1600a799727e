// Package match is the stage that says which CRM records are which companies and people of the directory (R13 to R17).
//
// Accounts are matched to companies first. Contacts and leads are matched to people afterwards, together, since they compete for
// the same profiles (R15); the company that a contact's account is linked to is evidence for the profiles that work there.
//
// The stage is a thin adapter: it turns data sets into tables with roles (package record), lets package linkage decide, and
// publishes links, match rates and the distribution of scores. How records are normalised, blocked, compared, weighed and assigned
// is in the packages below; docs/matching.md tells it as a whole.
package match
