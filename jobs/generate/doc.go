// Package generate makes a world to match: a Sales Navigator directory, a CRM that knows some of its people and companies with the
// errors that CRMs have, and the truth.
//
// Nouns:
//   - A company has a brand and a legal form; companies are numbered by size, the largest first, and sizes follow a power law.
//     Those beyond the directory's number exist, and have accounts and employees, but no page.
//   - A person has a country, a name in that country's script and in Latin letters, a career (current and former employers) and ways
//     to be reached. Those beyond the directory's number exist, but have no profile.
//   - A record is a contact, a lead or an account. The plan says whom it is about; Errors say how often it differs from the world.
//
// Every company, person and record is a function of the seed and its number, so that the same seed gives the same bytes whatever the
// number of goroutines. What is held grows with companies (about 150 bytes each) and records (4 bytes each), not with people.
//
// Names and places come from the tables in data/, whose sources and licences are in data/LICENCES.md. Nobody and no company is meant.
package generate

//go:generate go run ./gen
