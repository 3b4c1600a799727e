package schemas

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// SettingType is the type of a setting's value. In the data set Settings a value is JSON of that type.
type SettingType string

// The types of settings and the Go values that Parse makes of them.
const (
	BoolSetting SettingType = "bool" // bool
	IntSetting  SettingType = "int"  // int64
	TextSetting SettingType = "text" // string
	ListSetting SettingType = "list" // []string
)

// Setting is one thing that an administrator decides for the contract (R26, R34, R36, R40, R41).
type Setting struct {
	Key     string
	Type    SettingType
	Default any
	Doc     string
	// limit says which values of the type make sense; nil accepts all.
	limit *limit
}

// Allowed says in words which values the setting takes.
func (s Setting) Allowed() string {
	if s.limit != nil {
		return s.limit.says
	}
	return map[SettingType]string{BoolSetting: "true or false", IntSetting: "a whole number", TextSetting: "any text", ListSetting: "any texts"}[s.Type]
}

var (
	// ErrUnknownSetting says that no setting has the key.
	ErrUnknownSetting = errors.New("unknown setting")
	// ErrSettingValue says that a value does not fit its setting.
	ErrSettingValue = errors.New("value does not fit the setting")
)

// AllSettings are the settings, in the order in which they are shown.
var AllSettings = []Setting{
	{"crm.stages", ListSetting, []string{
		"Prospecting", "Qualification", "Needs Analysis", "Value Proposition", "Id. Decision Makers", "Perception Analysis",
		"Proposal/Price Quote", "Negotiation/Review", "Closed Won", "Closed Lost",
	}, "Stages of opportunities, first to last. The API fields that are imported do not say the order; Salesforce's own stages are the default.", distinct},

	{"badge.style", TextSetting, "lightning", "Style of the links that open a matched record in Salesforce (R19): that of Lightning Experience or of Salesforce Classic.", oneOf("lightning", "classic")},

	{"seats.email_domains", ListSetting, []string{}, "Domains of e-mail addresses that stand for one another when seats are tied to CRM users (R24), each entry as example.com=example.org.", sameDomains},

	{"autosave.enabled", BoolSetting, true, "Whether accounts and contacts of open opportunities are saved for their owners (R22).", nil},
	{"autosave.users", ListSetting, []string{}, "CRM users who get auto-saves, by Salesforce id or e-mail address. With autosave.roles also empty, everyone with a seat.", distinct},
	{"autosave.roles", ListSetting, []string{}, "CRM roles whose users get auto-saves, by Salesforce id or name; roles below are not included. Adds to autosave.users.", distinct},
	{"autosave.min_stage", TextSetting, "", "Stage of crm.stages from which on opportunities lead to auto-saves; empty means every open one.", nil},

	{"writeback.enabled", BoolSetting, false, "Whether activities are written to the CRM (R26).", nil},
	{"writeback.test_contact", TextSetting, "", "Salesforce id of the one contact whose activities are written while testing; empty means all (R26).", salesforceID},
	{"writeback.kinds", ListSetting, []string{}, "Kinds of activities that are written: InMail, Message, Note, Call, PointDriveView (R26, R41).", activityKinds},
	{"writeback.users", ListSetting, []string{}, "CRM users whose activities are written, by Salesforce id or e-mail address. With writeback.roles also empty, everyone with a seat (R40).", distinct},
	{"writeback.roles", ListSetting, []string{}, "CRM roles whose users' activities are written, by Salesforce id or name. Adds to writeback.users (R40).", distinct},
	{"writeback.bulk_above", IntSetting, int64(2000), "Waiting activities of one object above which they are written by a Bulk job instead of call by call, up to 1,000,000; 0 means never.", between(0, 1_000_000)},

	{"roi.authorised", BoolSetting, false, "Whether the customer authorised the ROI reports (R34); false removes them.", nil},
	{"roi.window_days", IntSetting, int64(90), "Days before an opportunity's creation from which on touches count, 1 to 3650.", between(1, 3650)},
	{"roi.half_life_days", IntSetting, int64(7), "Days after which a touch weighs half as much in the time-decay attribution, 1 to 3650.", between(1, 3650)},
	{"roi.pipeline_stages", ListSetting, []string{}, "Stages in which an open opportunity has entered the pipeline (R36); empty means at creation.", distinct},
	{"roi.revenue_field", TextSetting, "Amount", "API name of the number or currency field of Opportunity that holds the revenue (R36).", revenueField},
	{"roi.keep_days", IntSetting, int64(400), "Days for which quarters, comparisons and sellers of earlier runs stay in their tables, 0 to 3650.", between(0, 3650)},
}

// SettingByKey finds a setting, or returns an error that wraps ErrUnknownSetting.
func SettingByKey(key string) (Setting, error) {
	for _, s := range AllSettings {
		if s.Key == key {
			return s, nil
		}
	}
	return Setting{}, fmt.Errorf("%q: %w", key, ErrUnknownSetting)
}

// Parse reads and checks a JSON value; the result is a bool, int64, string or []string (never nil) by the setting's type.
func (s Setting) Parse(value string) (any, error) {
	var v any
	var err error
	switch s.Type {
	case BoolSetting:
		v, err = decode[bool](value)
	case IntSetting:
		v, err = decode[int64](value)
	case TextSetting:
		v, err = decode[string](value)
	case ListSetting:
		v, err = decode[[]string](value)
	default:
		err = fmt.Errorf("type %q", s.Type)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: not JSON of type %s: %w", s.Key, s.Type, ErrSettingValue)
	}
	return s.checked(v)
}

// decode refuses null, which encoding/json would take for the zero value.
func decode[T any](value string) (T, error) {
	var v *T
	if err := json.Unmarshal([]byte(value), &v); err != nil || v == nil {
		var zero T
		return zero, ErrSettingValue
	}
	return *v, nil
}

// ParseText reads and checks a value as people type it: true, 90, Amount, or "A, B, C" for a list (JSON for values with commas).
func (s Setting) ParseText(text string) (any, error) {
	text = strings.TrimSpace(text)
	switch s.Type {
	case BoolSetting:
		switch strings.ToLower(text) {
		case "true", "yes", "on":
			return s.checked(true)
		case "false", "no", "off":
			return s.checked(false)
		}
		return nil, fmt.Errorf("%s: %q is not true or false: %w", s.Key, text, ErrSettingValue)
	case IntSetting:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s: %q is no whole number: %w", s.Key, text, ErrSettingValue)
		}
		return s.checked(n)
	case ListSetting:
		if strings.HasPrefix(text, "[") {
			return s.Parse(text)
		}
		list := []string{}
		for _, part := range strings.Split(text, ",") {
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, part)
			}
		}
		return s.checked(list)
	default:
		return s.checked(text)
	}
}

func (s Setting) checked(v any) (any, error) {
	texts, _ := v.([]string)
	if text, ok := v.(string); ok {
		texts = []string{text}
	}
	for _, text := range texts {
		if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
			return nil, fmt.Errorf("%s: %q holds characters that are no text: %w", s.Key, text, ErrSettingValue)
		}
	}
	if s.limit != nil {
		if err := s.limit.check(v); err != nil {
			return nil, fmt.Errorf("%s: %w: %w", s.Key, err, ErrSettingValue)
		}
	}
	return v, nil
}

// Format writes a value that Parse made as JSON, the same for equal values.
func (s Setting) Format(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("%s: %w", s.Key, err)
	}
	return string(b), nil
}

// SettingValues are settings in force: those that were set, and defaults for the rest.
type SettingValues map[string]any

// Set parses and sets one value.
func (v SettingValues) Set(key, value string) error {
	s, err := SettingByKey(key)
	if err != nil {
		return err
	}
	parsed, err := s.Parse(value)
	if err != nil {
		return err
	}
	v[key] = parsed
	return nil
}

// Bool returns a BoolSetting; asking for an unknown key or another type is a mistake in the program and panics.
func (v SettingValues) Bool(key string) bool { return setting[bool](v, key) }

// Int returns an IntSetting.
func (v SettingValues) Int(key string) int64 { return setting[int64](v, key) }

// Text returns a TextSetting.
func (v SettingValues) Text(key string) string { return setting[string](v, key) }

// List returns a ListSetting.
func (v SettingValues) List(key string) []string { return setting[[]string](v, key) }

func setting[T any](v SettingValues, key string) T {
	value, ok := v[key]
	if !ok {
		s, err := SettingByKey(key)
		if err != nil {
			panic("schemas: " + err.Error())
		}
		value = s.Default
	}
	typed, ok := value.(T)
	if !ok {
		panic(fmt.Sprintf("schemas: setting %s holds %T", key, value))
	}
	return typed
}
