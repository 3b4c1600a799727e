// Package control keeps what people decide for a contract: settings (R40-R42), hand-made links and refusals (R16), and seats tied to
// CRM users by hand (R24).
//
// Nouns: a Value is a setting in force with who set it; a Change is an entry of the audit; a Decision links a record to a target or
// refuses the pair; a SeatMapping ties a seat to a user.
//
// Invariants: decisions live in Postgres, and a run sees them as they stood when its control stage published them; every change is
// audited by the tables' triggers, with who made it; a key or value that no setting knows is never stored.
package control
