package schemas

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// limit says which values of a setting's type make sense, in words and as a check. check gets what Setting.Parse made.
type limit struct {
	says  string
	check func(v any) error
}

var (
	distinct      = &limit{"texts, none of them empty or listed twice", checkDistinct}
	activityKinds = &limit{"any of " + strings.Join(activityTypes, ", "), checkKinds}
	revenueField  = &limit{"the API name of a number or currency field", checkRevenueField}
	salesforceID  = &limit{"a Salesforce id of 15 or 18 characters, or empty", matching(idPattern, "no Salesforce id of 15 or 18 characters")}
	sameDomains   = &limit{"groups of two or more domains joined by =, no domain in two of them", checkDomains}

	activityTypes = []string{"InMail", "Message", "Note", "Call", "PointDriveView"}

	fieldPattern  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,79}$`)
	idPattern     = regexp.MustCompile(`^(|[A-Za-z0-9]{15}|[A-Za-z0-9]{18})$`)
	domainPattern = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,}$`)
)

func checkDistinct(v any) error {
	list := v.([]string)
	for i, s := range list {
		if strings.TrimSpace(s) == "" {
			return errors.New("an entry is empty")
		}
		if slices.Contains(list[:i], s) {
			return fmt.Errorf("%q is listed twice", s)
		}
	}
	return nil
}

// checkRevenueField refuses what is no name, and another spelling of a field that is read anyway: the org would find it named twice.
func checkRevenueField(v any) error {
	name := v.(string)
	if !fieldPattern.MatchString(name) {
		return fmt.Errorf("%q is no API name of a field", name)
	}
	for _, f := range Opportunity.Fields {
		if f.Name != name && strings.EqualFold(f.Name, name) {
			return fmt.Errorf("the field is spelt %s", f.Name)
		}
	}
	return nil
}

func checkKinds(v any) error {
	for _, s := range v.([]string) {
		if !slices.Contains(activityTypes, s) {
			return fmt.Errorf("%q is none of %s", s, strings.Join(activityTypes, ", "))
		}
	}
	return checkDistinct(v)
}

func between(low, high int64) *limit {
	return &limit{fmt.Sprintf("%d to %d", low, high), func(v any) error {
		if n := v.(int64); n < low || n > high {
			return fmt.Errorf("%d is not between %d and %d", n, low, high)
		}
		return nil
	}}
}

func oneOf(allowed ...string) *limit {
	return &limit{strings.Join(allowed, " or "), func(v any) error {
		if s := v.(string); !slices.Contains(allowed, s) {
			return fmt.Errorf("%q is not %s", s, strings.Join(allowed, " or "))
		}
		return nil
	}}
}

func matching(pattern *regexp.Regexp, otherwise string) func(v any) error {
	return func(v any) error {
		if s := v.(string); !pattern.MatchString(s) {
			return fmt.Errorf("%q is %s", s, otherwise)
		}
		return nil
	}
}

func checkDomains(v any) error {
	seen := map[string]bool{}
	for _, entry := range v.([]string) {
		group := DomainGroup(entry)
		if len(group) < 2 {
			return fmt.Errorf("%q names no two domains, as in example.com=example.org", entry)
		}
		for _, d := range group {
			if !domainPattern.MatchString(d) {
				return fmt.Errorf("%q is no domain", d)
			}
			if seen[d] {
				return fmt.Errorf("%q is listed twice", d)
			}
			seen[d] = true
		}
	}
	return nil
}

// DomainGroup splits an entry of the setting seats.email_domains into its domains, in lower case.
func DomainGroup(entry string) []string {
	group := strings.Split(strings.ToLower(entry), "=")
	for i, d := range group {
		group[i] = strings.TrimSpace(d)
	}
	return group
}

// Check refuses values that do not go together.
func (v SettingValues) Check() error {
	if least := v.Text("autosave.min_stage"); least != "" && !slices.Contains(v.List("crm.stages"), least) {
		return fmt.Errorf("autosave.min_stage: %q is not listed in crm.stages: %w", least, ErrSettingValue)
	}
	return nil
}
