// Package salesforce is the client of one Salesforce org: OAuth, REST and Bulk API 2.0. It knows HTTP and Salesforce's answers; it
// knows nothing of matching, snapshots or runs.
//
// Nouns:
//   - Client talks to one org as one integration user. It is safe for concurrent use.
//   - A session is an access token with the instance that it belongs to. It ends when the org says so, never by a clock.
//   - A Job is a Bulk query job; its result is read in pages, each named by a PageRef that may be read again while the job exists.
//   - A Cursor is the result of a REST query, read in batches.
//   - Secret is a text that never prints itself.
//
// Invariants:
//   - Nothing is sent in clear text except to a loopback host (R3).
//   - Every call has a deadline. Calls that may be repeated are, with growing pauses, when the failure is a passing one; a call that
//     writes only when it is certain that the org did not take it. Else its error is ErrUncertain.
//   - One login serves all callers that found their session ended, and each replays its call once.
//   - A refresh token that the org gives in place of another is kept before its session is used, and the store's users take turns (R2).
//   - Time is the org's, as its answers tell it. The local clock only stamps login assertions.
//   - The reserve of API calls is never eaten into: calls are refused with ErrQuota before that (R10).
//   - An error names the operation, the object, the job, and what to do. It never holds a token, a key or a record's values.
package salesforce
