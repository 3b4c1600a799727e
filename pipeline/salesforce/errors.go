package salesforce

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// What callers decide by. Each text says what to do; APIError and the login wrap the one that applies.
var (
	ErrQuota = errors.New("the org's allowance of API calls or Bulk jobs is used up to the reserve; " +
		"it is counted over 24 hours: run again later, or lower the reserve")
	ErrRevoked = errors.New("access revoked: the integration user may no longer log in through this app; " +
		"ask a Salesforce administrator to approve the External Client App for that user again (or reactivate the user); with flow web_server, run `crmsync connect` then")
	ErrLogin       = errors.New("login refused; check login url, client id, user name and key of the External Client App")
	ErrSandbox     = errors.New("the org is a sandbox, which is not supported; point to a production org, or set salesforce.allow_sandbox")
	ErrEdition     = errors.New("the org's edition has no API access; Enterprise, Unlimited, Performance and Developer have it, Professional with the API add-on")
	ErrNotFound    = errors.New("it does not exist (any more), or the integration user can't see it")
	ErrPermission  = errors.New("the integration user lacks a permission: give it API Enabled, View All Data, and read access to the object and its fields")
	ErrNotBulk     = errors.New("the Bulk API does not serve this object")
	ErrJobFailed   = errors.New("the org gave the query job up; run again")
	ErrJobAborted  = errors.New("someone aborted the query job in Salesforce; run again")
	ErrJobStuck    = errors.New("the query job does not come to an end; look at Bulk Data Load Jobs in Salesforce Setup, then run again")
	ErrRowCount    = errors.New("the rows received are not as many as Salesforce says; run again")
	ErrUnavailable = errors.New("the org, or the network on the way to it, keeps failing; check the network and the login url, then run again")
	ErrUncertain   = errors.New("the answer was lost, so it is not known whether Salesforce took the records; look before writing them again")
)

// APIError is an error that the org answered with.
type APIError struct {
	Op, Object, JobID string
	Status            int
	Code              string
	Message           string
	Fields            []string
}

func (e *APIError) Error() string {
	var b strings.Builder
	b.WriteString(subject(e.Op, e.Object, e.JobID))
	fmt.Fprintf(&b, ": %d", e.Status)
	if e.Code != "" {
		b.WriteString(" " + e.Code)
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	if len(e.Fields) > 0 {
		fmt.Fprintf(&b, " (fields %s)", strings.Join(e.Fields, ", "))
	}
	if s := e.Unwrap(); s != nil {
		b.WriteString("; " + s.Error())
	}
	return b.String()
}

func subject(op, object, job string) string {
	if object != "" {
		op += " " + object
	}
	if job != "" {
		op += " (job " + job + ")"
	}
	return op
}

// HasCode reports whether the error has the code, in any of the spellings that Salesforce uses for it: ExceededQuota is
// EXCEEDED_QUOTA.
func (e *APIError) HasCode(code string) bool { return plainCode(e.Code) == plainCode(code) }

func plainCode(code string) string { return strings.ToUpper(strings.ReplaceAll(code, "_", "")) }

// Unwrap returns the decision that the error stands for, if it is a known one.
func (e *APIError) Unwrap() error {
	has := func(part string) bool { return strings.Contains(strings.ToLower(e.Message), part) }
	switch plainCode(e.Code) {
	case "REQUESTLIMITEXCEEDED", "LIMITEXCEEDED", "EXCEEDEDQUOTA":
		return ErrQuota
	case "APIDISABLEDFORORG":
		return ErrEdition
	case "INVALIDFIELD":
		return ErrNoField // hidden since it was described
	case "INVALIDENTITY":
		return ErrNotBulk
	case "APIERROR":
		switch {
		case has("implementation restriction"):
			return ErrPermission
		case has("compound data"), has("not supported by the bulk"):
			return ErrNotBulk
		}
	case "INSUFFICIENTACCESS", "INSUFFICIENTACCESSORREADONLY", "TXNSECURITYMETERINGERROR", "APICURRENTLYDISABLED":
		return ErrPermission
	case "INVALIDSESSIONID":
		return ErrRevoked
	case "NOTFOUND":
		return ErrNotFound
	}
	switch e.Status {
	case http.StatusNotFound:
		return ErrNotFound
	case http.StatusUnauthorized:
		return ErrRevoked
	}
	if has("compound data") {
		return ErrNotBulk
	}
	return nil
}

// sessionEnded reports whether a new login may help.
func (e *APIError) sessionEnded() bool {
	return e.Status == http.StatusUnauthorized || e.HasCode("INVALID_SESSION_ID")
}

// parseError reads the body of a refusal: an array of errors, one error, or what the OAuth resources say. False means that the
// body is no JSON, as when a gateway answered in the org's place.
func parseError(call *call, status int, body []byte) (*APIError, bool) {
	e := &APIError{Op: call.op, Object: call.object, JobID: call.job, Status: status}
	type one struct {
		Code        string   `json:"errorCode"`
		StatusCode  string   `json:"statusCode"`
		Message     string   `json:"message"`
		Fields      []string `json:"fields"`
		OAuth       string   `json:"error"`
		Description string   `json:"error_description"`
	}
	var list []one
	if err := json.Unmarshal(body, &list); err != nil {
		var single one
		if err := json.Unmarshal(body, &single); err != nil {
			return e, len(body) == 0 && status < 500
		}
		list = []one{single}
	}
	for i, o := range list {
		code, message := firstText(o.Code, o.StatusCode, o.OAuth), firstText(o.Message, o.Description)
		if i == 0 {
			e.Code, e.Message, e.Fields = code, message, o.Fields
			continue
		}
		e.Message += "; " + code + ": " + message
	}
	return e, true
}

func firstText(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
