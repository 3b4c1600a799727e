// Package demodata makes the demonstration's two sides from a seed: a Salesforce org and a Sales Navigator export.
//
// Nouns:
//   - An Org is the content of a Salesforce org: real companies (headquarters of 2017) as Accounts and real chief executives (list of
//     2025) as Contacts and Leads, and around them users, roles, opportunities, contact roles, duplicates and converted leads.
//   - An Export is a folder as Sales Navigator's side gives it: the company list and chief executives of 2020, seats, usage, activities.
//   - Truth says which CRM record is which profile or company, in Salesforce ids.
//   - A Change is an edit that the demonstration makes in the org between two syncs.
//
// Invariants:
//   - The same seed and the same instant give the same bytes.
//   - What is invented is plainly invented: e-mail addresses at example.com, numbers 555-01xx, users with names such as Demofield,
//     texts that say that they are generated. Nothing is invented about a real person beyond such an address or number.
//   - The effect of Sales Navigator on opportunities is generated too, and small: touched ones close a little sooner and are won a
//     little more often (see touchedWin). It shows how the reports look, not what the product achieves.
package demodata
