package fakeforce

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sort"
	"strings"
	"sync"
	"time"
)

// Options describe an org. The zero value is an Enterprise production org with one client "client" and one user
// "integration@example.com", without a secret or key, which nobody can log in to.
type Options struct {
	// ClientID and ClientSecret are the consumer key and secret of the app that logs in.
	ClientID, ClientSecret string
	// PublicKey verifies the JWT bearer flow's assertions. Nil refuses the flow.
	PublicKey *rsa.PublicKey
	// Username is the integration user's; the user is made when the org is.
	Username string
	// RedirectURIs are the callback addresses that the web-server flow accepts; none accepts every loopback address.
	RedirectURIs []string
	// RotateRefreshTokens gives a new refresh token at each use and ends the old one.
	RotateRefreshTokens bool
	// SessionTimeout ends a session that was idle for so long by the org's clock. Default 2 h.
	SessionTimeout time.Duration

	// OrgName, Edition (Organization.OrganizationType), InstanceName and Sandbox describe the org. Defaults: "Fakeforce",
	// "Enterprise Edition", "KF1", false.
	OrgName, Edition, InstanceName string
	Sandbox                        bool
	// APIDisabled makes every data request fail, as in an edition without API.
	APIDisabled bool
	// RecordTypes of Task. Default: those of the LinkedIn package. WithoutManagedPackage: none.
	RecordTypes           []RecordType
	WithoutManagedPackage bool
	// CustomFields are added to the named objects.
	CustomFields map[string][]Field
	// HiddenFields are hidden from the integration user by field-level security, by object.
	HiddenFields map[string][]string

	// NoBulk names objects that the Bulk API refuses, as it does some of the standard ones.
	NoBulk []string

	// Clock is the org's time; default RealClock. AuthClock judges the expiry of assertions and of authorization codes,
	// which clients stamp with their own clock; default real time, however the org's clock is set.
	Clock     *Clock
	AuthClock func() time.Time

	// JobPolls is how many status requests a job answers before it is complete; default 1, negative for none. JobLatency is
	// how long it takes at least by the org's clock.
	JobPolls   int
	JobLatency time.Duration
	// PageSize is the greatest number of rows of a Bulk result page; default 50,000. QueryBatchSize is that of a REST query;
	// default 2,000.
	PageSize, QueryBatchSize int
	// DailyAPIRequests is the org's allowance of API calls in 24 hours, default 100,000. DailyQueryJobs is that of query
	// jobs, default 10,000.
	DailyAPIRequests, DailyQueryJobs int
	// Seed decides the order of Bulk results.
	Seed uint64
	// AdminToken, when set, is asked of requests to /fakeforce/ as a bearer token. They must come from loopback in any case.
	AdminToken string
	// Log takes what the org has to say; nil discards it.
	Log *slog.Logger
}

// RecordType is a record type of an object.
type RecordType struct {
	Object        string `json:"object,omitempty"` // default Task
	DeveloperName string `json:"developerName"`
	Name          string `json:"name,omitempty"`      // default the developer name with blanks
	Namespace     string `json:"namespace,omitempty"` // LID for the managed package
}

// LinkedInRecordTypes are the Task record types of the managed package, in the newer spelling.
var LinkedInRecordTypes = []RecordType{
	{DeveloperName: "LinkedIn_InMail", Name: "LinkedIn InMail", Namespace: "LID"},
	{DeveloperName: "LinkedIn_Message", Name: "LinkedIn Message", Namespace: "LID"},
	{DeveloperName: "LinkedIn_Call", Name: "LinkedIn Call", Namespace: "LID"},
	{DeveloperName: "Smart_Links_Viewed", Name: "Smart Links Viewed", Namespace: "LID"},
}

// Org is a Salesforce org. It serves HTTP; its other methods change and read it in the same process.
type Org struct {
	opts Options
	log  *slog.Logger

	// mu guards the tables and hidden. Result sets hold immutable rows and need no lock once made.
	mu     sync.RWMutex
	tables map[string]*table // lower-case object name
	order  []*table
	hidden map[string]map[int]bool
	userID string
	orgID  string

	auth    sessions
	jobs    jobStore
	cursors cursorStore
	usage   usage
	hooks   hookList
	faults  faultList
	rules   []*Rule // guarded by mu
	routes  []route
}

func (o Options) withDefaults() Options {
	def := func(s *string, v string) {
		if *s == "" {
			*s = v
		}
	}
	defInt := func(n *int, v int) {
		if *n == 0 {
			*n = v
		}
	}
	def(&o.ClientID, "client")
	def(&o.Username, "integration@example.com")
	def(&o.OrgName, "Fakeforce")
	def(&o.Edition, "Enterprise Edition")
	def(&o.InstanceName, "KF1")
	defInt(&o.JobPolls, 1)
	defInt(&o.PageSize, 50_000)
	defInt(&o.QueryBatchSize, 2_000)
	defInt(&o.DailyAPIRequests, 100_000)
	defInt(&o.DailyQueryJobs, 10_000)
	if o.SessionTimeout == 0 {
		o.SessionTimeout = 2 * time.Hour
	}
	if o.Clock == nil {
		o.Clock = RealClock()
	}
	if o.AuthClock == nil {
		o.AuthClock = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.RecordTypes == nil {
		o.RecordTypes = LinkedInRecordTypes
	}
	if o.WithoutManagedPackage {
		kept := []RecordType{}
		for _, rt := range o.RecordTypes {
			if rt.Namespace != "LID" {
				kept = append(kept, rt)
			}
		}
		o.RecordTypes = kept
	}
	return o
}

// New makes an org with its Organization, its integration user and its record types, and no other rows.
func New(opts Options) (*Org, error) {
	opts = opts.withDefaults()
	if opts.PageSize < 1 || opts.QueryBatchSize < 1 {
		return nil, errors.New("fakeforce: page sizes must be positive")
	}
	o := &Org{opts: opts, log: opts.Log, tables: map[string]*table{}, hidden: map[string]map[int]bool{}}
	custom := map[string][]Field{}
	for name, fields := range opts.CustomFields {
		custom[strings.ToLower(name)] = append(custom[strings.ToLower(name)], fields...)
	}
	for _, obj := range standardObjects() {
		name := strings.ToLower(obj.Name)
		if fields := custom[name]; len(fields) > 0 {
			extended, err := obj.extend(fields)
			if err != nil {
				return nil, fmt.Errorf("fakeforce: custom fields: %w", err)
			}
			obj = extended
			delete(custom, name)
		}
		t := newTable(obj)
		o.tables[name] = t
		o.order = append(o.order, t)
	}
	for name := range custom {
		return nil, fmt.Errorf("fakeforce: custom fields: %w %q", ErrNoObject, name)
	}
	sort.Slice(o.order, func(i, j int) bool { return o.order[i].obj.Name < o.order[j].obj.Name })
	for object, fields := range opts.HiddenFields {
		for _, f := range fields {
			if err := o.HideField(object, f); err != nil {
				return nil, err
			}
		}
	}
	o.auth.init()
	o.jobs.init()
	o.cursors.init()
	o.usage.init(opts)
	o.routes = o.routeTable()
	if err := o.furnish(); err != nil {
		return nil, fmt.Errorf("fakeforce: new org: %w", err)
	}
	return o, nil
}

// furnish inserts the rows that every org has.
func (o *Org) furnish() error {
	var err error
	o.userID = MakeID("005", 1)
	if o.orgID, err = o.Insert("Organization", map[string]any{
		"Name": o.opts.OrgName, "OrganizationType": o.opts.Edition, "IsSandbox": o.opts.Sandbox, "InstanceName": o.opts.InstanceName,
	}); err != nil {
		return err
	}
	if err = o.InsertWithID("User", o.userID, map[string]any{
		"Username": o.opts.Username, "FirstName": "Integration", "LastName": "User", "Alias": "integ", "Email": "integration@example.com", "IsActive": true,
	}); err != nil {
		return err
	}
	for _, rt := range o.opts.RecordTypes {
		object, name := rt.Object, rt.Name
		if object == "" {
			object = "Task"
		}
		if name == "" {
			name = strings.ReplaceAll(rt.DeveloperName, "_", " ")
		}
		if _, err = o.Insert("RecordType", map[string]any{
			"SobjectType": object, "DeveloperName": rt.DeveloperName, "Name": name, "NamespacePrefix": rt.Namespace, "IsActive": true,
		}); err != nil {
			return err
		}
	}
	return nil
}

// UserID is the id of the integration user, who creates whatever comes through the API.
func (o *Org) UserID() string { return o.userID }

// OrgID is the id of the org.
func (o *Org) OrgID() string { return o.orgID }

// Clock is the org's clock.
func (o *Org) Clock() *Clock { return o.opts.Clock }

func (o *Org) now() time.Time { return o.opts.Clock.Now() }

// ErrNoObject marks an object that the org does not have.
var ErrNoObject = errors.New("no such object")

// table returns the object's table; the caller holds the lock or uses only its object.
func (o *Org) table(object string) (*table, error) {
	t, ok := o.tables[strings.ToLower(object)]
	if !ok {
		return nil, fmt.Errorf("%w %q", ErrNoObject, object)
	}
	return t, nil
}

// Object describes an object of the org.
func (o *Org) Object(name string) (*Object, error) {
	t, err := o.table(name)
	if err != nil {
		return nil, fmt.Errorf("fakeforce: %w", err)
	}
	return t.obj, nil
}

// tableOf returns the table whose ids have the key's prefix.
func (o *Org) tableOf(k idKey) (*table, bool) {
	for _, t := range o.order {
		if t.obj.Prefix == string(k[:3]) {
			return t, true
		}
	}
	return nil, false
}

// HideField hides a field from the integration user, as field-level security does: describe leaves it out, queries and
// writes that name it fail.
func (o *Org) HideField(object, field string) error { return o.setHidden(object, field, true) }

// ShowField undoes HideField.
func (o *Org) ShowField(object, field string) error { return o.setHidden(object, field, false) }

func (o *Org) setHidden(object, field string, hide bool) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	t, err := o.table(object)
	if err != nil {
		return fmt.Errorf("fakeforce: hide %s.%s: %w", object, field, err)
	}
	col := t.obj.Index(field)
	if col < 0 {
		return fmt.Errorf("fakeforce: hide %s.%s: no such field", object, field)
	}
	if o.hidden[t.obj.Name] == nil {
		o.hidden[t.obj.Name] = map[int]bool{}
	}
	o.hidden[t.obj.Name][col] = hide
	return nil
}

// visible reports whether the API shows the column. The caller holds the lock.
func (o *Org) visible(obj *Object, col int) bool { return !o.hidden[obj.Name][col] }

// visibleIndex is obj.Index for fields that the API shows.
func (o *Org) visibleIndex(obj *Object, name string) int {
	col := obj.Index(name)
	if col >= 0 && !o.visible(obj, col) {
		return -1
	}
	return col
}

var _ http.Handler = (*Org)(nil)
