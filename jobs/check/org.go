package check

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/dustin/go-humanize"

	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/schemas"
)

func (c Check) login(ctx context.Context, r *Report) error {
	instance, err := c.Client.Instance(ctx)
	if err != nil {
		r.Fail("login", err, "")
		return errStop
	}
	r.Org.Instance = instance
	r.Add(Green, "login", fmt.Sprintf("flow %s, at %s", c.Flow, instance), "")
	return nil
}

// version compares the version that every call uses with those that the org speaks.
func (c Check) version(ctx context.Context, r *Report) error {
	const check = "API version"
	offered, err := c.Client.Versions(ctx)
	if err != nil {
		return c.failed(r, check, err, "")
	}
	configured := c.Client.APIVersion()
	if len(offered) == 0 {
		r.Add(Yellow, check, fmt.Sprintf("the org does not say whether it offers %s", configured), "")
		return nil
	}
	first, last := offered[0].Version, offered[len(offered)-1].Version
	says := fmt.Sprintf("%s is used, %s to %s are offered", configured, first, last)
	if !slices.ContainsFunc(offered, func(v salesforce.Version) bool { return v.Version == configured }) {
		r.Add(Red, check, says, fmt.Sprintf("set salesforce.api_version to %s", last))
		return errStop // every further call would be refused for it
	}
	// Three releases come a year, and one is kept for three years at least.
	if number(last)-number(configured) >= 9 {
		r.Add(Yellow, check, says, fmt.Sprintf("the version is three years old and may be retired; set salesforce.api_version to %s", last))
		return nil
	}
	r.Add(Green, check, says, "")
	return nil
}

func number(version string) float64 {
	f, err := strconv.ParseFloat(version, 64)
	if err != nil {
		return 0
	}
	return f
}

// callsPerObject is what a run asks of the org for an object at most, the pages of a first read aside.
const callsPerObject = 6

// limits compares what the org still allows with what a run takes (R10).
func (c Check) limits(ctx context.Context, r *Report) error {
	const check = "API calls"
	l, err := c.Client.Limits(ctx)
	if err != nil {
		if errors.Is(err, salesforce.ErrEdition) {
			return c.failed(r, "edition", err, "")
		}
		return c.failed(r, check, err, "")
	}
	objects := int64(len(schemas.CRMObjects))
	need := callsPerObject * objects
	if l.APIRequests.Max == 0 {
		r.Add(Yellow, check, "the org does not tell its allowance", "")
	} else {
		left := l.APIRequests.Remaining - c.Reserve
		says := fmt.Sprintf("%s of %s remain, %s are kept in reserve; a run takes up to %d, a first one besides one for every %s rows",
			humanize.Comma(l.APIRequests.Remaining), humanize.Comma(l.APIRequests.Max), humanize.Comma(c.Reserve), need, humanize.Comma(int64(c.PageRows)))
		switch {
		case c.Reserve >= l.APIRequests.Max:
			r.Add(Red, check, says, "the reserve is the whole allowance: set a lower salesforce.reserve")
		case left < need:
			r.Add(Red, check, says, "the allowance is counted over 24 hours: run later, buy more, or set a lower salesforce.reserve")
		case left < 2*need:
			r.Add(Yellow, check, says, "there is room for one run only; see who uses the rest (Setup, Company Information, API Requests), or set a lower salesforce.reserve")
		default:
			r.Add(Green, check, says, "")
		}
	}
	if l.QueryJobs.Max > 0 {
		says := fmt.Sprintf("%s of %s remain; a first run takes %d", humanize.Comma(l.QueryJobs.Remaining), humanize.Comma(l.QueryJobs.Max), objects)
		if l.QueryJobs.Remaining < objects {
			r.Add(Red, "Bulk query jobs", says, "they are counted over 24 hours: run later")
		} else {
			r.Add(Green, "Bulk query jobs", says, "")
		}
	}
	return nil
}

// org looks at the edition (R4) and for a sandbox (R5).
func (c Check) org(ctx context.Context, r *Report) error {
	o, err := c.Client.Organization(ctx)
	if err != nil {
		return c.failed(r, "edition", err, "")
	}
	r.Org.ID, r.Org.Name, r.Org.Edition, r.Org.Sandbox = o.ID, o.Name, o.OrganizationType, o.IsSandbox
	if err := c.Client.Guard(salesforce.Organization{ID: o.ID, OrganizationType: o.OrganizationType}); err != nil {
		r.Fail("edition", err, "")
	} else {
		r.Add(Green, "edition", fmt.Sprintf("%s, with API access", o.OrganizationType), "")
	}
	switch {
	case !o.IsSandbox:
		r.Add(Green, "sandbox", "no, a production org", "")
	case c.AllowSandbox:
		r.Add(Yellow, "sandbox", "yes, and salesforce.allow_sandbox permits it; the tables say that their rows come from a sandbox", "")
	default:
		r.Add(Red, "sandbox", "yes, and sandboxes are not supported", "set salesforce.login_url to a production org, or, to try things out, salesforce.allow_sandbox to true")
	}
	return nil
}

// user says as whom the org is read, and which interface that user prefers. Record links work in either.
func (c Check) user(ctx context.Context, r *Report) error {
	who, err := c.Client.WhoAmI(ctx)
	if err != nil {
		if final(err) {
			return c.failed(r, "user", err, "")
		}
		r.Add(Yellow, "user", err.Error(), "let the integration user read User")
		return nil
	}
	r.Org.User = who.Username
	r.Add(Green, "user", fmt.Sprintf("%s (%s) acts for everyone", who.Username, who.Name), "")
	const check = "interface"
	switch {
	case who.Lightning == nil:
		r.Add(Green, check, "unknown: the org does not tell what the integration user prefers; record links work in Lightning and Classic", "")
	case *who.Lightning:
		r.Add(Green, check, "Lightning Experience, as far as the integration user's preference tells; record links work in Classic too", "")
	default:
		r.Add(Green, check, "Classic, as far as the integration user's preference tells; record links work in Lightning too", "")
	}
	return nil
}

// Clock differences that are remarked on. Salesforce takes login assertions of three minutes.
const (
	skewSeen  = time.Minute
	skewFatal = 2 * time.Minute
)

// about writes a duration of a minute or more.
func about(d time.Duration) string {
	if d < 2*time.Hour {
		return plural(int(d.Round(time.Minute)/time.Minute), "minute", "minutes")
	}
	return plural(int(d.Round(time.Hour)/time.Hour), "hour", "hours")
}

// clock compares the org's clock with this machine's. It needs an answer of any kind, a refusal too.
func (c Check) clock(r *Report) {
	const check = "clock"
	skew, known := c.Client.Skew()
	if !known {
		return
	}
	size := skew.Abs()
	if size < skewSeen {
		r.Add(Green, check, "within a minute of the org's", "")
		return
	}
	side := "behind"
	if skew < 0 {
		side = "ahead of"
	}
	says := fmt.Sprintf("this machine's clock is %s %s the org's", about(size), side)
	switch {
	case c.SignsTime && r.Org.Instance == "" && size >= skewFatal:
		r.Add(Red, check, says+"; logins are stamped with it, so Salesforce refuses them", "set this machine's clock (NTP)")
		return
	case c.SignsTime:
		r.Add(Yellow, check, says+"; logins are stamped with it, and Salesforce refuses them when it is wrong by minutes", "set this machine's clock (NTP)")
		return
	}
	r.Add(Yellow, check, says+"; what is read goes by the org's clock, so nothing is lost, but logs tell another time", "set this machine's clock (NTP)")
}
