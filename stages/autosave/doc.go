// Package autosave ties seats to CRM users (R24) and saves, for the owners of open opportunities, the companies and people tied to
// these (R22, R23).
//
// Nouns:
//   - A seat is a Sales Navigator licence; a seat user is the CRM user who holds it.
//   - A seller is a CRM user with a licensed, active seat who is enabled for auto-save (R40).
//   - A wish is one reason for a save: a CRM record tied to a seller's open opportunity.
//   - A save is a person or company kept in a seller's lists. Its key is seat and target, its reason the first opportunity.
//
// Invariants:
//   - Saves are only added. A save that an earlier run made is never changed and never removed, whatever becomes of its owner, stage
//     or link.
//   - Hand-made mappings of seats win over e-mail addresses.
//   - Every feature follows the record that holds the link: a duplicate's save names that record (R15).
//   - Notes never hold names or addresses.
//   - Memory grows with users, seats and the open opportunities of sellers, not with links or contacts.
package autosave
