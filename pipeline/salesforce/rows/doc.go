// Package rows turns what Salesforce answers, CSV from the Bulk API and JSON from REST, into columns of a data set.
//
// Nouns:
//   - Reader takes CSV apart into records of byte slices, without an allocation per field or record.
//   - Decoder reads CSV records into a columnar.Builder by the types of a data set; DecodeJSON does so for a REST record.
//
// Invariants:
//   - Text arrives as it is: quoted line breaks (also \r\n), doubled quotes and NUL bytes are kept. An empty cell is null.
//   - Lines may end in LF or CRLF.
//   - A value that does not fit its field, a missing or unknown column, and text that ends within a record are errors that name
//     line, record, field and the record's Id. They show the value only of fields that are no personal data.
//   - Memory is one buffer as large as the longest record, at most MaxRecord.
package rows
