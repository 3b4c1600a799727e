// Package licence says who holds a seat and who could get one: the CRM users of a role, with or without the roles below (R25), and the seats
// with their users, those that fit no user with the likeliest ones (R24).
//
// Nouns: a Role is a node of the CRM's role tree; a Person is an active CRM user to whom a licence can be given; a Seat is a Sales Navigator
// licence that exists; a Candidate is a user who might hold a seat that is tied to nobody.
//
// Invariants:
//   - Nothing is changed here; everything is as the latest loaded run has it.
//   - Inactive users are left out.
//   - A role tree that is broken (a cycle, a parent that does not exist) is reported. Nothing is followed around a cycle.
package licence
