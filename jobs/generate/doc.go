// Package generate makes a world to match: a Sales Navigator directory, a CRM that knows some of its people and companies with the
// errors that CRMs have, and the truth.
//
// Every person and every company is a function of the seed and its number, so that the same seed gives the same bytes whatever the
// number of goroutines, and nothing grows with the number of people. People work at companies whose sizes are Zipf distributed;
// names, places, telephone numbers and addresses are those of the person's country. CRM records are drawn from the same world: most
// are about somebody in the directory, the others about somebody who is not, but could be.
//
// Names and places come from the tables in data/ (made from the matcher's raw reference files: US Census 1990 and 2010, public domain;
// popular names by country, CC0; GeoNames, CC BY 4.0).
package generate

//go:generate go run ./gen
