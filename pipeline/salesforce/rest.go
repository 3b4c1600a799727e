package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Organization is the org itself.
type Organization struct {
	ID               string `json:"Id"`
	Name             string
	OrganizationType string
	InstanceName     string
	IsSandbox        bool
}

// Organization reads the org's own record.
func (c *Client) Organization(ctx context.Context) (Organization, error) {
	cur, err := c.Query(ctx, "SELECT Id, Name, OrganizationType, IsSandbox, InstanceName FROM Organization")
	if err != nil {
		return Organization{}, err
	}
	if len(cur.Records) != 1 {
		return Organization{}, fmt.Errorf("query Organization: %d rows: %w", len(cur.Records), ErrPermission)
	}
	var o Organization
	if err := json.Unmarshal(cur.Records[0], &o); err != nil {
		return Organization{}, fmt.Errorf("query Organization: %w", err)
	}
	return o, nil
}

// editions with API access (R4). A Professional org that answers at all has the API add-on.
var editions = []string{"Enterprise", "Unlimited", "Developer", "Performance", "Professional"}

// Guard refuses orgs that the system does not support (R4, R5).
func (c *Client) Guard(o Organization) error {
	if o.IsSandbox && !c.cfg.AllowSandbox {
		return fmt.Errorf("org %s: %w", o.ID, ErrSandbox)
	}
	for _, e := range editions {
		if strings.Contains(o.OrganizationType, e) {
			return nil
		}
	}
	return fmt.Errorf("org %s is of type %q: %w", o.ID, o.OrganizationType, ErrEdition)
}

// Limit is one of the org's limits.
type Limit struct{ Max, Remaining int64 }

// Limits are the org's limits that this system lives within. A limit that the org does not tell has a Max of zero.
type Limits struct {
	APIRequests, QueryJobs, QueryStorageMB Limit
}

// Limits reads what the org still allows.
func (c *Client) Limits(ctx context.Context) (Limits, error) {
	var all map[string]Limit
	if err := c.json(ctx, &call{op: "limits", kind: KindLimits, method: http.MethodGet, url: c.data("/limits")}, &all); err != nil {
		return Limits{}, err
	}
	return Limits{all["DailyApiRequests"], all["DailyBulkV2QueryJobs"], all["DailyBulkV2QueryFileStorageMB"]}, nil
}

// Afford checks that the limits leave room for so many calls and query jobs without eating into the reserve (R10).
func (c *Client) Afford(l Limits, calls, jobs int64) error {
	if l.APIRequests.Max > 0 && l.APIRequests.Remaining-calls < c.cfg.Reserve {
		return fmt.Errorf("%d of %d API calls remain, %d are kept in reserve, about %d are needed: %w",
			l.APIRequests.Remaining, l.APIRequests.Max, c.cfg.Reserve, calls, ErrQuota)
	}
	if l.QueryJobs.Max > 0 && l.QueryJobs.Remaining < jobs {
		return fmt.Errorf("%d of %d Bulk query jobs remain, %d are needed: %w", l.QueryJobs.Remaining, l.QueryJobs.Max, jobs, ErrQuota)
	}
	return nil
}

// Version is an API version that the org speaks.
type Version struct{ Label, URL, Version string }

// Versions lists the API versions that the org speaks, oldest first. It costs no API call.
func (c *Client) Versions(ctx context.Context) ([]Version, error) {
	var v []Version
	err := c.json(ctx, &call{op: "versions", kind: KindVersions, method: http.MethodGet, url: "/services/data"}, &v)
	return v, err
}

// ErrNoField says that describe does not show a field that is needed.
var ErrNoField = errors.New("the field does not exist, or field-level security hides it from the integration user: grant that user read access to it")

// Object is what describe tells of an sObject.
type Object struct {
	Name       string
	Queryable  bool
	Createable bool
	// Replicateable objects have a log of what was deleted.
	Replicateable bool
	Fields        []Field
	RecordTypes   []RecordType `json:"recordTypeInfos"`
}

// Field is a field of an sObject that the integration user may see.
type Field struct {
	Name, Type string
	Length     int
	Nillable   bool
	Createable bool
	Unique     bool
	ExternalID bool `json:"externalId"`
	IDLookup   bool `json:"idLookup"`
}

// RecordType is a record type of an sObject.
type RecordType struct {
	ID            string `json:"recordTypeId"`
	Name          string
	DeveloperName string
	Active        bool
	Available     bool
	Master        bool
}

// Field returns the named field; false if describe does not show it.
func (o *Object) Field(name string) (Field, bool) {
	for _, f := range o.Fields {
		if strings.EqualFold(f.Name, name) {
			return f, true
		}
	}
	return Field{}, false
}

// Describe tells the fields and record types of an object, as far as the integration user may see them.
func (c *Client) Describe(ctx context.Context, object string) (*Object, error) {
	var o Object
	err := c.json(ctx, &call{
		op: "describe", object: object, kind: KindDescribe, method: http.MethodGet, url: c.data("/sobjects/" + object + "/describe"),
	}, &o)
	if err != nil {
		return nil, err
	}
	return &o, nil
}
