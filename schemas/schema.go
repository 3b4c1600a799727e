// Package schemas is the one definition of every data set that crmsync reads or publishes.
//
// A Dataset names its fields in order; everything else follows from it: the SOQL that reads a Salesforce object, the
// decoding of CSV, the Arrow and Parquet schemas (pipeline/columnar), the Postgres staging columns (stages/load) and the data
// dictionary in docs/. Adding a field is adding one line here.
//
// The package imports nothing of crmsync's own, so every layer may import it.
package schemas

import (
	"fmt"
	"slices"
)

// Type is the neutral type of a field. Each format maps it once.
type Type string

// The types. Timestamps are UTC with millisecond resolution; dates are calendar days without a zone; JSON is a string that
// holds one JSON value.
const (
	String    Type = "string"
	Bool      Type = "bool"
	Int64     Type = "int64"
	Float64   Type = "float64"
	Date      Type = "date"
	Timestamp Type = "timestamp"
	JSON      Type = "json"
)

// Flag marks a property of a field; flags are combined with |.
type Flag uint8

// The flags.
const (
	// Nullable fields may be missing. A field without it is required: a row that lacks it is rejected.
	Nullable Flag = 1 << iota
	// Personal marks data about an identifiable person: never logged, never visible to the analyst role.
	Personal
	// Repeats says that few distinct values occur, so columns are dictionary-encoded.
	Repeats
)

// Role is what a field means to record linkage, whatever its name.
type Role string

// The roles of the matcher.
const (
	NoRole     Role = ""
	GivenName  Role = "given_name"
	Surname    Role = "surname"
	FullName   Role = "full_name"
	Company    Role = "company"
	OtherNames Role = "other_names"
	Email      Role = "email"
	Phone      Role = "phone"
	Website    Role = "website"
	Ticker     Role = "ticker"
	Street     Role = "street"
	City       Role = "city"
	State      Role = "state"
	PostalCode Role = "postal_code"
	Country    Role = "country"
	Title      Role = "title"
	Industry   Role = "industry"
	Employees  Role = "employees"
	// CompanyKey refers to a company on the same side: a contact's account, a profile's current company.
	CompanyKey Role = "company_key"
	// PastCompanies holds former employers, separated by ListSeparator.
	PastCompanies Role = "past_companies"
	// Lat and Lng are degrees. Day is a date, such as a birthday; Code identifies a record, such as a number given by an office;
	// Text is anything else worth comparing.
	Lat  Role = "lat"
	Lng  Role = "lng"
	Day  Role = "date"
	Code Role = "code"
	Text Role = "text"
)

// ListSeparator separates the values of a field that holds several (other names, past positions, e-mails, phones).
const ListSeparator = " | "

// Field is one column of a data set.
type Field struct {
	Name  string
	Type  Type
	Flags Flag
	Role  Role
	Doc   string
}

// Nullable reports whether the field may be missing.
func (f Field) Nullable() bool { return f.Flags&Nullable != 0 }

// Personal reports whether the field holds data about an identifiable person.
func (f Field) Personal() bool { return f.Flags&Personal != 0 }

// Repeats reports whether the field's values repeat enough for dictionary encoding.
func (f Field) Repeats() bool { return f.Flags&Repeats != 0 }

// Source says where a data set comes from.
type Source string

// The sources.
const (
	FromCRM       Source = "crm"       // read from the Salesforce org
	FromNavigator Source = "navigator" // read from the Sales Navigator export folder
	FromControl   Source = "control"   // settings and hand-made decisions, read from Postgres
	FromStage     Source = "stage"     // computed by a stage
)

// Dataset is the definition of one data set: rows with the same columns, unique by Key.
type Dataset struct {
	// Name is the data set's name in manifests and on disk, in snake case.
	Name string
	// Object is the Salesforce object's API name, for data sets read from the CRM.
	Object string
	Source Source
	// Key names the fields that identify a row; rows are sorted by them.
	Key []string
	// Chain says that runs publish changes (base, deltas, tombstones); otherwise each run publishes the whole.
	Chain  bool
	Fields []Field
	Doc    string
}

// Index returns the position of the named field, or -1.
func (d *Dataset) Index(name string) int {
	return slices.IndexFunc(d.Fields, func(f Field) bool { return f.Name == name })
}

// Field returns the named field; it panics when the data set has no such field, which is a mistake in the program.
func (d *Dataset) Field(name string) Field {
	i := d.Index(name)
	if i < 0 {
		panic(fmt.Sprintf("schemas: data set %s has no field %s", d.Name, name))
	}
	return d.Fields[i]
}

// Names returns the field names in order.
func (d *Dataset) Names() []string {
	names := make([]string, len(d.Fields))
	for i, f := range d.Fields {
		names[i] = f.Name
	}
	return names
}

// KeyIndexes returns the positions of the key's fields, in the key's order.
func (d *Dataset) KeyIndexes() []int {
	at := make([]int, len(d.Key))
	for i, name := range d.Key {
		at[i] = d.Index(name)
	}
	return at
}

// WithRole returns the first field that has the role.
func (d *Dataset) WithRole(r Role) (Field, bool) {
	for _, f := range d.Fields {
		if f.Role == r {
			return f, true
		}
	}
	return Field{}, false
}

// Extend returns a copy of the data set with further fields, such as the revenue field that an administrator named (R41).
// Fields that the data set already has are not added twice.
func (d *Dataset) Extend(more ...Field) *Dataset {
	c := *d
	c.Fields = slices.Clone(d.Fields)
	for _, f := range more {
		if c.Index(f.Name) < 0 {
			c.Fields = append(c.Fields, f)
		}
	}
	return &c
}
