// Package config reads crmsync's configuration: one YAML file, environment variables over it, flags last.
//
// A key is written with dots (salesforce.login_url); its environment variable is the same in capitals with underscores, after
// CRMSYNC_ (CRMSYNC_SALESFORCE_LOGIN_URL). Unknown keys are errors that name the nearest known key.
package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
)

// Config is everything that a job needs to know. Secrets are never written here: they come from files or the environment.
type Config struct {
	Contract   string     `koanf:"contract"`
	WorkDir    string     `koanf:"work_dir"`
	Salesforce Salesforce `koanf:"salesforce"`
	Navigator  Navigator  `koanf:"navigator"`
	Database   Database   `koanf:"database"`
	Snapshots  Snapshots  `koanf:"snapshots"`
	Run        Run        `koanf:"run"`
	Match      Match      `koanf:"match"`
	Writeback  Writeback  `koanf:"writeback"`
	Log        Log        `koanf:"log"`
}

// Salesforce says which org to read and as whom.
type Salesforce struct {
	LoginURL         string `koanf:"login_url"`
	APIVersion       string `koanf:"api_version"`
	Flow             string `koanf:"flow"`
	ClientID         string `koanf:"client_id"`
	Username         string `koanf:"username"`
	PrivateKeyFile   string `koanf:"private_key_file"`
	ClientSecretFile string `koanf:"client_secret_file"`
	// CallbackPort is where `crmsync connect` listens for the browser; the app's callback address names it.
	CallbackPort int           `koanf:"callback_port"`
	AllowSandbox bool          `koanf:"allow_sandbox"`
	Reserve      int64         `koanf:"reserve"`
	PageRows     int           `koanf:"page_rows"`
	Overlap      time.Duration `koanf:"overlap"`
	Lag          time.Duration `koanf:"lag"`
	Timeout      time.Duration `koanf:"timeout"`
	// ObjectsAtOnce is how many objects are read side by side; zero: one per worker.
	ObjectsAtOnce int `koanf:"objects_at_once"`
	// SweepEvery is how often all ids are compared with the org's; zero: only when the org says that records were deleted for good.
	SweepEvery time.Duration `koanf:"sweep_every"`
	// MaxVanished is the share of an object's records that may be gone without a trace before a sync stops, 0 to 1.
	MaxVanished float64 `koanf:"max_vanished"`
}

// The flows by which the integration user logs in (R1); see docs/connect.md.
const (
	FlowJWT               = "jwt"
	FlowClientCredentials = "client_credentials"
	FlowWebServer         = "web_server"
)

// Navigator says where the export folder is and how its columns are called.
type Navigator struct {
	Dir string `koanf:"dir"`
	// Mapping gives, per data set, the export's column for each canonical one.
	Mapping map[string]map[string]string `koanf:"mapping"`
	// MaxRejected is the share of a data set's rows that may be refused before the run fails, 0 to 1.
	MaxRejected float64 `koanf:"max_rejected"`
}

// Database says which Postgres to use; without a URL a private server is run under the work directory.
type Database struct {
	URL    Secret `koanf:"url"`
	BinDir string `koanf:"bin_dir"`
}

// Snapshots says how data sets are kept.
type Snapshots struct {
	KeyFile     string `koanf:"key_file"`
	Unencrypted bool   `koanf:"unencrypted"`
	// KeepFor is how long past states can be read; zero keeps them for ever.
	KeepFor time.Duration `koanf:"keep_for"`
}

// Run bounds a run.
type Run struct {
	Memory       ByteSize      `koanf:"memory"`
	Workers      int           `koanf:"workers"`
	ResumeWithin time.Duration `koanf:"resume_within"`
	Schedule     Schedule      `koanf:"schedule"`
}

// Schedule says how often each job is meant to run, so that `crmsync status` can tell when one is late; zero: by hand, never late. It starts
// nothing.
type Schedule struct {
	Sync      time.Duration `koanf:"sync"`
	Writeback time.Duration `koanf:"writeback"`
}

// Match sets the matcher's thresholds, and the model that it weighs by.
type Match struct {
	// Model is a model file that every run uses; without one models are trained on the contract's data.
	Model string `koanf:"model"`
	// RetrainShare is the share of records scored anew after which a model is trained again and every record with it.
	RetrainShare      float64 `koanf:"retrain_share"`
	LinkProbability   float64 `koanf:"link_probability"`
	ReviewProbability float64 `koanf:"review_probability"`
	MarginBits        float64 `koanf:"margin_bits"`
}

// Writeback sets how activities are written; whether they are is a setting of the contract (R26).
type Writeback struct {
	// ExternalIDField is a unique text field of Activity, used where the org has it.
	ExternalIDField string `koanf:"external_id_field"`
}

// Log sets what is logged and how.
type Log struct {
	Level  string `koanf:"level"`
	Format string `koanf:"format"`
}

// Default returns the configuration before file, environment and flags.
func Default() Config {
	return Config{
		Contract: "main",
		Salesforce: Salesforce{
			LoginURL: "https://login.salesforce.com", APIVersion: "66.0", Flow: FlowJWT, CallbackPort: 8917, Reserve: 5000, PageRows: 50_000,
			Overlap: 10 * time.Minute, Lag: 5 * time.Minute, Timeout: 2 * time.Minute, SweepEvery: 7 * 24 * time.Hour, MaxVanished: 0.5,
		},
		Navigator: Navigator{MaxRejected: 0.05},
		Run:       Run{Memory: 256 << 20, ResumeWithin: 24 * time.Hour, Schedule: Schedule{Sync: 12 * time.Hour, Writeback: 5 * time.Minute}},
		Match:     Match{LinkProbability: 0.95, ReviewProbability: 0.5, MarginBits: 3, RetrainShare: 0.1},
		Writeback: Writeback{ExternalIDField: "crmsync_activity_id__c"},
		Log:       Log{Level: "info", Format: "auto"},
	}
}

var contractName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)

// Validate reports every mistake at once, each with the key, what is wrong and what would be right.
func (c *Config) Validate() error {
	var errs []error
	bad := func(key, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s: %s", key, fmt.Sprintf(format, args...)))
	}
	if !contractName.MatchString(c.Contract) {
		bad("contract", "%q is no contract name; use lower-case letters, digits, - and _", c.Contract)
	}
	if c.WorkDir != "" && !filepath.IsAbs(c.WorkDir) {
		bad("work_dir", "%q is not absolute", c.WorkDir)
	}
	if u, err := url.Parse(c.Salesforce.LoginURL); err != nil || u.Host == "" {
		bad("salesforce.login_url", "%q is no URL; use https://login.salesforce.com or your My Domain", c.Salesforce.LoginURL)
	}
	switch c.Salesforce.Flow {
	case FlowJWT, FlowClientCredentials:
	case FlowWebServer:
		if c.Snapshots.Unencrypted {
			bad("snapshots.unencrypted", "flow %s keeps a token, which is kept encrypted only; set snapshots.key_file instead", FlowWebServer)
		}
	default:
		bad("salesforce.flow", "%q is not known; use %s, %s or %s", c.Salesforce.Flow, FlowJWT, FlowClientCredentials, FlowWebServer)
	}
	if p := c.Salesforce.CallbackPort; p < 1 || p > 65535 {
		bad("salesforce.callback_port", "%d is no port; use 1 to 65535", p)
	}
	if c.Salesforce.PageRows < 1 {
		bad("salesforce.page_rows", "%d rows is too few; use 1 or more", c.Salesforce.PageRows)
	}
	if n := c.Salesforce.ObjectsAtOnce; n < 0 {
		bad("salesforce.objects_at_once", "%d is negative; use 0 for one per worker", n)
	}
	if d := c.Salesforce.SweepEvery; d < 0 {
		bad("salesforce.sweep_every", "%s is negative; use 0 to compare ids only when records were deleted for good", d)
	}
	if x := c.Salesforce.MaxVanished; x <= 0 || x > 1 {
		bad("salesforce.max_vanished", "%v is no share above 0; use 0.5, or 1 to let any number of records vanish", x)
	}
	if c.Navigator.MaxRejected < 0 || c.Navigator.MaxRejected > 1 {
		bad("navigator.max_rejected", "%v is no share; use 0 to 1", c.Navigator.MaxRejected)
	}
	if c.Run.Memory < 64<<20 {
		bad("run.memory", "%s is too little; use 64MiB or more", c.Run.Memory)
	}
	if c.Run.Workers < 0 {
		bad("run.workers", "%d is negative; use 0 for one per core", c.Run.Workers)
	}
	if d := c.Run.Schedule.Sync; d < 0 {
		bad("run.schedule.sync", "%s is negative; use 0 when it has no schedule", d)
	}
	if d := c.Run.Schedule.Writeback; d < 0 {
		bad("run.schedule.writeback", "%s is negative; use 0 when it has no schedule", d)
	}
	if p := c.Match.LinkProbability; p <= 0 || p >= 1 {
		bad("match.link_probability", "%v is no probability between 0 and 1", p)
	}
	if p := c.Match.ReviewProbability; p <= 0 || p > c.Match.LinkProbability {
		bad("match.review_probability", "%v must lie between 0 and match.link_probability", p)
	}
	if p := c.Match.RetrainShare; p < 0 || p > 1 {
		bad("match.retrain_share", "%v is no share; use 0 (every run) to 1", p)
	}
	if c.Snapshots.KeepFor < 0 {
		bad("snapshots.keep_for", "%s is negative; use 0 to keep every state", c.Snapshots.KeepFor)
	}
	if c.Snapshots.KeyFile != "" && c.Snapshots.Unencrypted {
		bad("snapshots.unencrypted", "a key file is set as well; choose one")
	}
	if _, err := ParseLevel(c.Log.Level); err != nil {
		bad("log.level", "%q is not known; use debug, info, warn or error", c.Log.Level)
	}
	switch c.Log.Format {
	case "auto", "text", "json":
	default:
		bad("log.format", "%q is not known; use auto, text or json", c.Log.Format)
	}
	return errors.Join(errs...)
}

// ParseLevel reads a log level.
func ParseLevel(s string) (slog.Level, error) {
	var l slog.Level
	err := l.UnmarshalText([]byte(s))
	return l, err
}

// ByteSize is a number of bytes, written as 512MiB or 2GB.
type ByteSize int64

// UnmarshalText implements encoding.TextUnmarshaler.
func (b *ByteSize) UnmarshalText(text []byte) error {
	n, err := humanize.ParseBytes(strings.TrimSpace(string(text)))
	if err != nil || n > 1<<50 {
		return fmt.Errorf("%q is no size; write it as 512MiB or 2GB", text)
	}
	*b = ByteSize(n)
	return nil
}

func (b ByteSize) String() string { return humanize.IBytes(uint64(b)) }

// Secret is text that must never be shown (R39).
type Secret string

const redacted = "[redacted]"

func (Secret) String() string   { return redacted }
func (Secret) GoString() string { return redacted }

// LogValue implements slog.LogValuer.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON implements json.Marshaler.
func (Secret) MarshalJSON() ([]byte, error) { return json.Marshal(redacted) }

// Reveal returns the text itself, for the one place that needs it.
func (s Secret) Reveal() string { return string(s) }
