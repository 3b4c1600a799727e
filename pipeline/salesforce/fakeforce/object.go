package fakeforce

import (
	"fmt"
	"strings"
)

// FieldType is the type of a field as describe names it.
type FieldType string

// The field types that the org knows.
const (
	TypeID        FieldType = "id"
	TypeReference FieldType = "reference"
	TypeString    FieldType = "string"
	TypePicklist  FieldType = "picklist"
	TypeTextarea  FieldType = "textarea"
	TypeEmail     FieldType = "email"
	TypePhone     FieldType = "phone"
	TypeURL       FieldType = "url"
	TypeBoolean   FieldType = "boolean"
	TypeInt       FieldType = "int"
	TypeDouble    FieldType = "double"
	TypeCurrency  FieldType = "currency"
	TypeDate      FieldType = "date"
	TypeDateTime  FieldType = "datetime"
	TypeAddress   FieldType = "address"
)

// Field describes one field of an object.
type Field struct {
	Name  string    `json:"name"`
	Label string    `json:"label,omitempty"`
	Type  FieldType `json:"type"`
	// Length is the greatest length of text, in characters; 0 is no limit.
	Length int `json:"length,omitempty"`
	// Required fields must have a value on insert, unless they have a default.
	Required   bool `json:"required,omitempty"`
	Unique     bool `json:"unique,omitempty"`
	ExternalID bool `json:"externalId,omitempty"`
	// Default is given to a field that an insert leaves out.
	Default string `json:"default,omitempty"`
	// ReadOnly fields cannot be set through the API.
	ReadOnly bool `json:"readOnly,omitempty"`
	// InsertOnly fields can be set by an insert and not by an update.
	InsertOnly bool `json:"insertOnly,omitempty"`
	// References names the objects that a reference may point to.
	References []string `json:"references,omitempty"`
	// Values are a picklist's values.
	Values []string `json:"values,omitempty"`
}

// Filterable reports whether WHERE may use the field: all but long text areas and compound fields.
func (f *Field) Filterable() bool { return !f.longText() && f.Type != TypeAddress }

// Custom reports whether the field is a custom one, by its name.
func (f *Field) Custom() bool { return strings.HasSuffix(f.Name, "__c") }

func (f *Field) longText() bool { return f.Type == TypeTextarea && f.Length > 255 }

// relationship is the name by which SOQL walks the reference: AccountId is walked as Account.
func (f *Field) relationship() string {
	if f.Type != TypeReference {
		return ""
	}
	if base, ok := strings.CutSuffix(f.Name, "__c"); ok {
		return base + "__r"
	}
	return strings.TrimSuffix(f.Name, "Id")
}

// text reports whether values are free text, compared without case.
func (f *Field) text() bool {
	switch f.Type {
	case TypeString, TypePicklist, TypeTextarea, TypeEmail, TypePhone, TypeURL:
		return true
	}
	return false
}

// Object describes an sObject.
type Object struct {
	Name   string
	Prefix string
	Label  string
	Plural string
	// Recycles says that deleted rows stay in the recycle bin with IsDeleted set.
	Recycles bool
	// ReadOnly objects take no writes through the API.
	ReadOnly bool
	Fields   []Field

	byName map[string]int // lower-case name -> position
}

// Index returns the position of the named field, in any case, or -1.
func (o *Object) Index(name string) int {
	if i, ok := o.byName[strings.ToLower(name)]; ok {
		return i
	}
	return -1
}

// newObject checks and indexes an object with the given fields after the system fields that every object has.
func newObject(o Object, fields ...Field) *Object {
	head := []Field{{Name: "Id", Label: o.Label + " ID", Type: TypeID, Length: 18, ReadOnly: true}}
	if o.Recycles {
		head = append(head, Field{Name: "IsDeleted", Label: "Deleted", Type: TypeBoolean, ReadOnly: true})
	}
	tail := []Field{
		{Name: "CreatedDate", Type: TypeDateTime, ReadOnly: true},
		ref("CreatedById", "User").readOnly(),
		{Name: "LastModifiedDate", Type: TypeDateTime, ReadOnly: true},
		ref("LastModifiedById", "User").readOnly(),
		{Name: "SystemModstamp", Label: "System Modstamp", Type: TypeDateTime, ReadOnly: true},
	}
	o.Fields = append(append(head, fields...), tail...)
	o.index()
	return &o
}

func (o *Object) index() {
	o.byName = make(map[string]int, len(o.Fields))
	for i := range o.Fields {
		f := &o.Fields[i]
		if f.Label == "" {
			f.Label = labelOf(f.Name)
		}
		o.byName[strings.ToLower(f.Name)] = i
	}
}

// extend returns a copy of the object with further fields.
func (o *Object) extend(fields []Field) (*Object, error) {
	c := *o
	c.Fields = append([]Field(nil), o.Fields...)
	for _, f := range fields {
		if o.Index(f.Name) >= 0 {
			return nil, fmt.Errorf("field %s.%s exists already", o.Name, f.Name)
		}
		switch f.Type {
		case TypeID, TypeAddress, "":
			return nil, fmt.Errorf("field %s.%s cannot have type %q", o.Name, f.Name, f.Type)
		case TypeString, TypePicklist, TypeEmail, TypePhone, TypeURL, TypeTextarea:
			if f.Length == 0 {
				f.Length = 255
			}
		}
		c.Fields = append(c.Fields, f)
	}
	c.index()
	if len(c.byName) != len(c.Fields) {
		return nil, fmt.Errorf("object %s: a custom field is named twice", o.Name)
	}
	return &c, nil
}

// labelOf makes a label of an API name: MailingCity -> Mailing City, OwnerId -> Owner ID.
func labelOf(name string) string {
	name = strings.TrimSuffix(name, "__c")
	if i := strings.LastIndex(name, "__"); i >= 0 {
		name = name[i+2:]
	}
	name = strings.ReplaceAll(name, "_", " ")
	var b strings.Builder
	for i, c := range name {
		if i > 0 && c >= 'A' && c <= 'Z' && name[i-1] != ' ' {
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	label := b.String()
	if base, ok := strings.CutSuffix(label, " Id"); ok {
		return base + " ID"
	}
	return label
}

// The builders below keep the table of standard objects readable.

func text(name string, length int) Field { return Field{Name: name, Type: TypeString, Length: length} }

func area(name string, length int) Field {
	return Field{Name: name, Type: TypeTextarea, Length: length}
}
func email(name string) Field { return Field{Name: name, Type: TypeEmail, Length: 80} }
func phone(name string) Field { return Field{Name: name, Type: TypePhone, Length: 40} }
func webURL(name string) Field {
	return Field{Name: name, Type: TypeURL, Length: 255}
}

func pick(name string, values ...string) Field {
	return Field{Name: name, Type: TypePicklist, Length: 255, Values: values}
}

func flag(name string) Field               { return Field{Name: name, Type: TypeBoolean} }
func typed(name string, t FieldType) Field { return Field{Name: name, Type: t} }

func ref(name string, objects ...string) Field {
	return Field{Name: name, Type: TypeReference, Length: 18, References: objects}
}

func (f Field) required() Field          { f.Required = true; return f }
func (f Field) readOnly() Field          { f.ReadOnly = true; return f }
func (f Field) insertOnly() Field        { f.InsertOnly = true; return f }
func (f Field) otherwise(v string) Field { f.Default = v; return f }
