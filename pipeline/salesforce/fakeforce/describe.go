package fakeforce

import (
	"net/http"
	"strconv"
	"strings"
)

func (o *Org) serveVersions(q *request) *apiError {
	type entry struct {
		Label   string `json:"label"`
		URL     string `json:"url"`
		Version string `json:"version"`
	}
	seasons := []string{"Winter", "Spring", "Summer"}
	var list []entry
	for v := minVersion; v <= maxVersion; v++ {
		// Three releases a year; version 66 is Spring '26.
		year := 26 - (maxVersion-v+2)/3
		season := seasons[((v-66+1)%3+3)%3]
		if season == "Winter" {
			year = 26 - (maxVersion-v)/3
		}
		s := strconv.Itoa(v) + ".0"
		list = append(list, entry{season + " '" + strconv.Itoa(year), "/services/data/v" + s, s})
	}
	writeJSON(q.w, http.StatusOK, list)
	return nil
}

func dataPath(version int) string { return "/services/data/v" + strconv.Itoa(version) + ".0" }

func (o *Org) serveResources(q *request) *apiError {
	base := dataPath(q.version)
	resources := map[string]string{"identity": baseURL(q.r) + "/id/" + o.orgID + "/" + o.userID}
	for _, r := range []string{"sobjects", "query", "queryAll", "limits", "composite", "jobs"} {
		resources[r] = base + "/" + r
	}
	writeJSON(q.w, http.StatusOK, resources)
	return nil
}

func (o *Org) serveLimits(q *request) *apiError {
	writeJSON(q.w, http.StatusOK, o.usage.limits(o.now()))
	return nil
}

// summary is the head of a describe.
func summary(obj *Object, version int) map[string]any {
	url := dataPath(version) + "/sobjects/" + obj.Name
	return map[string]any{
		"name": obj.Name, "label": obj.Label, "labelPlural": obj.Plural, "keyPrefix": obj.Prefix, "custom": false, "customSetting": false,
		"queryable": true, "retrieveable": true, "searchable": true, "replicateable": true, "layoutable": true, "activateable": false,
		"createable": !obj.ReadOnly, "updateable": !obj.ReadOnly, "deletable": !obj.ReadOnly && obj.Recycles, "undeletable": obj.Recycles,
		"mergeable": false, "triggerable": !obj.ReadOnly, "deprecatedAndHidden": false, "feedEnabled": false,
		"urls": map[string]string{"sobject": url, "describe": url + "/describe", "rowTemplate": url + "/{ID}"},
	}
}

func (o *Org) serveGlobal(q *request) *apiError {
	list := []map[string]any{}
	for _, t := range o.order {
		list = append(list, summary(t.obj, q.version))
	}
	writeJSON(q.w, http.StatusOK, map[string]any{"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": list})
	return nil
}

// object finds the object that a path names.
func (o *Org) pathTable(q *request) (*table, *apiError) {
	t, err := o.table(q.args[0])
	if err != nil {
		return nil, errNotFound
	}
	return t, nil
}

func (o *Org) serveBasic(q *request) *apiError {
	t, aerr := o.pathTable(q)
	if aerr != nil {
		return aerr
	}
	writeJSON(q.w, http.StatusOK, map[string]any{"objectDescribe": summary(t.obj, q.version), "recentItems": []any{}})
	return nil
}

func (o *Org) serveDescribe(q *request) *apiError {
	t, aerr := o.pathTable(q)
	if aerr != nil {
		return aerr
	}
	o.mu.RLock()
	fields := []map[string]any{}
	for i := range t.obj.Fields {
		if o.visible(t.obj, i) {
			fields = append(fields, describeField(t.obj, &t.obj.Fields[i]))
		}
	}
	types := o.recordTypeInfos(t.obj, q.version)
	o.mu.RUnlock()
	d := summary(t.obj, q.version)
	d["fields"], d["recordTypeInfos"] = fields, types
	d["childRelationships"] = []any{}
	writeJSON(q.w, http.StatusOK, d)
	return nil
}

// soapTypes are the types of values, as describe names them, where that is not plain text.
var soapTypes = map[FieldType]string{
	TypeID: "tns:ID", TypeReference: "tns:ID", TypeBoolean: "xsd:boolean", TypeInt: "xsd:int", TypeDouble: "xsd:double",
	TypeCurrency: "xsd:double", TypeDate: "xsd:date", TypeDateTime: "xsd:dateTime", TypeAddress: "urn:address",
}

func describeField(obj *Object, f *Field) map[string]any {
	soap, ok := soapTypes[f.Type]
	if !ok {
		soap = "xsd:string"
	}
	writable := !obj.ReadOnly && !f.ReadOnly
	var relationship any
	if r := f.relationship(); r != "" {
		relationship = r
	}
	values := []map[string]any{}
	for _, v := range f.Values {
		values = append(values, map[string]any{"active": true, "defaultValue": v == f.Default, "label": v, "validFor": nil, "value": v})
	}
	var def any
	if f.Default != "" {
		def = f.Default
	}
	if f.Type == TypeBoolean {
		def = f.Default == "true"
	}
	references := append([]string{}, f.References...)
	sortable := !f.longText() && f.Type != TypeAddress
	return map[string]any{
		"name": f.Name, "label": f.Label, "type": f.Type, "soapType": soap, "length": f.Length, "byteLength": f.Length * 3,
		"nillable": !f.Required && f.Type != TypeBoolean && f.Type != TypeID && !isSystemField(f.Name), "unique": f.Unique, "externalId": f.ExternalID,
		"idLookup": f.Type == TypeID || f.ExternalID || f.Unique, "createable": writable, "updateable": writable && !f.InsertOnly,
		"filterable": f.Filterable(), "sortable": sortable, "groupable": sortable && f.Type != TypeDateTime && f.Type != TypeCurrency && f.Type != TypeDouble,
		"custom": f.Custom(), "calculated": false, "caseSensitive": false, "nameField": f.Name == "Name" || f.Name == "Subject" || obj.Name == "Note" && f.Name == "Title",
		"defaultedOnCreate": f.Default != "" || f.Type == TypeBoolean || f.Name == "OwnerId" || f.Type == TypeID || isSystemField(f.Name),
		"defaultValue":      def, "referenceTo": references, "relationshipName": relationship, "picklistValues": values, "restrictedPicklist": false,
		"precision": precision(f), "scale": scale(f), "digits": digits(f), "permissionable": !f.Required && writable,
		"deprecatedAndHidden": false, "autoNumber": false, "encrypted": false, "polymorphicForeignKey": len(f.References) > 1,
		"compoundFieldName": nil, "inlineHelpText": nil, "calculatedFormula": nil,
	}
}

func isSystemField(name string) bool {
	switch name {
	case "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp":
		return true
	}
	return false
}

func precision(f *Field) int {
	if f.Type == TypeDouble || f.Type == TypeCurrency {
		return 18
	}
	return 0
}

func scale(f *Field) int {
	if f.Type == TypeCurrency {
		return 2
	}
	return 0
}

func digits(f *Field) int {
	if f.Type == TypeInt {
		return 8
	}
	return 0
}

// recordTypeInfos lists the object's record types, the master one last as Salesforce does. The org's lock is held.
func (o *Org) recordTypeInfos(obj *Object, version int) []map[string]any {
	infos := []map[string]any{}
	entry := func(id, name, developer string, active, master bool) map[string]any {
		return map[string]any{
			"active": active, "available": active, "defaultRecordTypeMapping": master, "developerName": developer, "master": master, "name": name,
			"recordTypeId": id, "urls": map[string]string{"layout": dataPath(version) + "/sobjects/" + obj.Name + "/describe/layouts/" + id},
		}
	}
	t := o.tables["recordtype"]
	col := func(name string) int { return t.obj.Index(name) }
	cells := make([]string, len(t.obj.Fields))
	for p := range t.len() {
		if t.read(p, cells) && strings.EqualFold(cells[col("SobjectType")], obj.Name) {
			infos = append(infos, entry(cells[0], cells[col("Name")], cells[col("DeveloperName")], cells[col("IsActive")] == "true", false))
		}
	}
	return append(infos, entry("012000000000000AAA", "Master", "Master", true, true))
}
