// Package grant keeps what an administrator granted with `crmsync connect`: the refresh token of the web-server flow, at rest.
//
// Nouns:
//   - A Store is one file, encrypted with the contract's snapshot key (age), readable by its owner alone.
//   - An App is the app and the login address that the token was granted to; a token of another one is never sent.
//   - A token is in doubt from before it is sent until the org's answer is kept: an org that rotates refresh tokens may have replaced
//     it in an answer that nobody got.
//
// Invariants:
//   - One process at a time uses the token, across all processes of this machine; each reads the file again once it has its turn.
//     So a token that another process rotated is never sent twice.
//   - A rotated token is on disk, synced, before Exchange returns, hence before the session that came with it is used (R2).
//   - The file is replaced whole: a kill leaves the old content or the new.
//   - No error, however it arises, holds the token or the key.
package grant
