package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/cmd/crmsync/config"
	"github.com/crmsync/crmsync/jobs/check"
	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
	"github.com/crmsync/crmsync/schemas"
)

// hide answers every request for the object as an org does whose user may not see it.
func hide(object string) fakeforce.Hook {
	return func(w http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) {
		if call.Object != object {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]`)
	}
}

// TestCheckOfOrgs keeps what check says of orgs of every kind, as a table and as JSON.
func TestCheckOfOrgs(t *testing.T) {
	on := map[string]string{"writeback.enabled": "true", "writeback.kinds": `["InMail","Call","Note"]`}
	ahead := func(d time.Duration) func() time.Time { return func() time.Time { return time.Now().Add(d) } }
	tests := []struct {
		name     string
		opts     fakeforce.Options
		set      func(*config.Config)
		settings map[string]string
		change   func(t *testing.T, o *fakeforce.Org)
	}{
		{name: "developer", opts: fakeforce.Options{Edition: "Developer Edition", DailyAPIRequests: 15_000}},
		{name: "enterprise", opts: fakeforce.Options{Edition: "Enterprise Edition"}},
		{name: "unlimited", opts: fakeforce.Options{Edition: "Unlimited Edition"}, settings: on},
		{name: "performance", opts: fakeforce.Options{Edition: "Performance Edition"}},
		{name: "professional", opts: fakeforce.Options{Edition: "Professional Edition"}},
		{name: "professional-without-api", opts: fakeforce.Options{Edition: "Professional Edition", APIDisabled: true}},
		{name: "group", opts: fakeforce.Options{Edition: "Group Edition"}},
		{name: "essentials-without-api", opts: fakeforce.Options{Edition: "Essentials Edition", APIDisabled: true}},
		{name: "sandbox", opts: fakeforce.Options{Sandbox: true}},
		{name: "sandbox-allowed", opts: fakeforce.Options{Sandbox: true}, set: func(c *config.Config) { c.Salesforce.AllowSandbox = true }},
		{name: "hidden-fields", opts: fakeforce.Options{HiddenFields: map[string][]string{
			"Contact": {"Email", "Phone"}, "Account": {"Website"}, "Lead": {"Company", "Email"}, "Opportunity": {"Amount"},
			"User": {"UserPreferencesLightningExperiencePreferred"},
		}}},
		{name: "needed-field-hidden", opts: fakeforce.Options{HiddenFields: map[string][]string{"Contact": {"LastName", "Title"}}}},
		{name: "unreadable-object", change: func(_ *testing.T, o *fakeforce.Org) { o.AddHook(hide("Lead")) }},
		{name: "nearly-out-of-calls", change: func(_ *testing.T, o *fakeforce.Org) { o.SetDailyAPIRequests(100_000, 94_960) }},
		{name: "out-of-calls", change: func(_ *testing.T, o *fakeforce.Org) { o.SetDailyAPIRequests(100_000, 95_000) }},
		{name: "reserve-too-large", opts: fakeforce.Options{DailyAPIRequests: 5_000}},
		{name: "clock-skew", opts: fakeforce.Options{Clock: fakeforce.RealClock()}, set: func(c *config.Config) {
			c.Salesforce.Flow = config.FlowClientCredentials
		}, change: func(_ *testing.T, o *fakeforce.Org) { o.Clock().Advance(-10 * time.Minute) }},
		{
			name: "clock-skew-jwt", opts: fakeforce.Options{Clock: fakeforce.RealClock(), AuthClock: ahead(10 * time.Minute)},
			change: func(_ *testing.T, o *fakeforce.Org) { o.Clock().Advance(10 * time.Minute) },
		},
		{name: "access-withdrawn", change: func(_ *testing.T, o *fakeforce.Org) { o.RevokeAccess() }},
		{name: "without-package", opts: fakeforce.Options{WithoutManagedPackage: true}},
		{name: "without-package-write-back-on", opts: fakeforce.Options{WithoutManagedPackage: true}, settings: on},
		{name: "older-package", opts: fakeforce.Options{RecordTypes: []fakeforce.RecordType{
			{DeveloperName: "inMail", Namespace: "LID"}, {DeveloperName: "Messages", Namespace: "LID"},
		}}, settings: on, change: func(_ *testing.T, o *fakeforce.Org) { o.AddHook(hide("Note")) }},
		{name: "unique-field-and-classic", opts: fakeforce.Options{CustomFields: map[string][]fakeforce.Field{"Task": {
			{Name: "crmsync_activity_id__c", Type: fakeforce.TypeString, Length: 64, Unique: true},
		}}}, change: func(t *testing.T, o *fakeforce.Org) {
			if err := o.Update("User", o.UserID(), map[string]any{"UserPreferencesLightningExperiencePreferred": false}); err != nil {
				t.Fatal(err)
			}
		}},
		{name: "version-not-offered", set: func(c *config.Config) { c.Salesforce.APIVersion = "67.0" }},
		{name: "version-old", set: func(c *config.Config) { c.Salesforce.APIVersion = "57.0" }},
		{name: "revenue-field", settings: map[string]string{"roi.revenue_field": `"Margin__c"`}},
		{name: "revenue-field-is-text", settings: map[string]string{"roi.revenue_field": `"NextStep"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			key, public := newRSAKey(t)
			opts := tt.opts
			opts.ClientID, opts.ClientSecret, opts.PublicKey, opts.OrgName = "consumer-key", "consumer-secret", public, "Example Ltd"
			org, err := fakeforce.New(opts)
			if err != nil {
				t.Fatal(err)
			}
			if tt.change != nil {
				tt.change(t, org)
			}
			server := httptest.NewServer(org)
			defer server.Close()
			t.Setenv(config.PrivateKeyVariable, key)
			t.Setenv(config.ClientSecretVariable, "consumer-secret")
			s := &session{cfg: config.Default()}
			s.cfg.Salesforce.LoginURL, s.cfg.Salesforce.ClientID, s.cfg.Salesforce.Username = server.URL, "consumer-key", "integration@example.com"
			if tt.set != nil {
				tt.set(&s.cfg)
			}
			client, err := s.client()
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			var values schemas.SettingValues
			for k, v := range tt.settings {
				if values == nil {
					values = schemas.SettingValues{}
				}
				if err := values.Set(k, v); err != nil {
					t.Fatal(err)
				}
			}
			r, err := s.checkOf(client, values).Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if used := client.Usage().Total; used > 13 {
				t.Errorf("the check took %d API calls", used)
			}
			var text, machine bytes.Buffer
			if err := printCheck(&text, r); err != nil {
				t.Fatal(err)
			}
			if err := (&app{stdout: &machine}).printJSON(r); err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join("check", tt.name+".txt"), scrub(text.String(), server.URL))
			golden(t, filepath.Join("check", tt.name+".json"), scrub(machine.String(), server.URL))
		})
	}
}

// scrub replaces the address of the test's server by one of the same length, so that tables keep their shape.
func scrub(text, address string) string {
	return strings.ReplaceAll(text, address, "https://acme.example/"+strings.Repeat("x", len(address)-len("https://acme.example/")))
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs; look at it and run with -update (-want +got):\n%s", path, diff)
	}
}

// TestCheckEndsWhenInterrupted leaves no report that looks complete.
func TestCheckEndsWhenInterrupted(t *testing.T) {
	w := newWorld(t)
	s := newSite(t, w)

	ctx, cancel := context.WithCancel(t.Context())
	remove := w.Org.AddHook(func(rw http.ResponseWriter, r *http.Request, call fakeforce.Call, next http.Handler) {
		if call.Kind == fakeforce.KindLimits {
			cancel()
		}
		next.ServeHTTP(rw, r)
	})
	defer remove()
	var out, problems bytes.Buffer
	for _, e := range s.env {
		name, value, _ := strings.Cut(e, "=")
		t.Setenv(name, value)
	}
	if code := run(ctx, append([]string{"check", "--json"}, s.args...), &out, &problems); code != exitStopped || out.Len() > 0 {
		t.Errorf("exit code %d, printed %s\n%s", code, &out, &problems)
	}
}

// TestCheckVerb runs the verb itself: exit codes, JSON on standard output, and a database that can't be reached.
func TestCheckVerb(t *testing.T) {
	w := newWorld(t)
	s := newSite(t, w)
	c, out := s.run(t.Context(), t, "check")
	if err := c.Run(); err != nil {
		t.Fatalf("check: %v\n%s", err, out)
	}
	if !strings.Contains(out.String(), w.Org.OrgID()) || !strings.Contains(out.String(), ", 0 red") {
		t.Errorf("printed\n%s", out)
	}
	for _, e := range s.env {
		name, value, _ := strings.Cut(e, "=")
		t.Setenv(name, value)
	}
	t.Setenv("CRMSYNC_DATABASE_URL", "postgres://nobody:hush@127.0.0.1:1/none?connect_timeout=1")
	var machine, problems bytes.Buffer
	if code := run(t.Context(), append([]string{"check", "--json"}, s.args...), &machine, &problems); code != exitFailed {
		t.Errorf("exit code %d\n%s", code, &problems)
	}
	var r check.Report
	if err := json.Unmarshal(machine.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if last := r.Findings[len(r.Findings)-1]; last.Check != "database" || last.Level != check.Red || r.Red != 1 {
		t.Errorf("findings %+v", r.Findings)
	}
	if strings.Contains(machine.String()+problems.String(), "hush") {
		t.Error("the database's password shows")
	}
}
