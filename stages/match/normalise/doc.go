// Package normalise turns what people type into forms that can be compared: names without titles and suffixes, companies without
// legal forms, registrable domains, E.164 numbers, places with coordinates.
//
// Every function is pure and total: any text gives a value, a text that says nothing gives the empty value, which means missing.
package normalise
