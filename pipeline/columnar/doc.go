// Package columnar is the only place where Arrow and Parquet meet.
//
// In memory a data set is a stream of Arrow records (RecordReader); on disk it is Parquet. Both follow from schemas.Dataset.
//
// Nouns:
//   - Builder makes records row by row; Strings, Bools, Ints, Floats and Times read them by field name.
//   - Writer and Reader are Parquet files, written and read column by column and page by page.
//   - Sorter sorts more rows than fit into memory; Merge joins sorted streams, newest wins.
//
// Invariants:
//   - Columns keep the registry's order, in records and in files. Fields that repeat are dictionary<int32, utf8> in memory.
//   - The order of keys is that of their values: text by bytes, numbers and times by size, false before true, nulls first.
//   - The same rows written in the same batches give the same bytes: files carry no run ids, times or host names.
//   - Memory is bounded by byte budgets, never by the number of rows; one row must fit.
//   - Who receives a record from Next owns it and releases it. Text read from a record is valid until its release.
//   - A damaged file gives an error that wraps ErrCorrupt, never a panic.
package columnar
