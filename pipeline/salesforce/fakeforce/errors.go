package fakeforce

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// apiError is an answer of the REST and Bulk APIs: an array of messages with codes, under an HTTP status.
type apiError struct {
	status  int
	Message string   `json:"message"`
	Code    string   `json:"errorCode"`
	Fields  []string `json:"fields,omitempty"`
}

func (e *apiError) Error() string { return e.Code + ": " + e.Message }

func failf(status int, code, format string, args ...any) *apiError {
	return &apiError{status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

var (
	errNotFound = failf(http.StatusNotFound, "NOT_FOUND", "The requested resource does not exist")
	errSession  = failf(http.StatusUnauthorized, "INVALID_SESSION_ID", "Session expired or invalid")
)

func noColumn(field, object string) *apiError {
	return failf(http.StatusBadRequest, "INVALID_FIELD", "No such column '%s' on entity '%s'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.", field, object)
}

func noType(object string) *apiError {
	return failf(http.StatusBadRequest, "INVALID_TYPE", "sObject type '%s' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.", object)
}

// fieldError is what is wrong with one record of a write: the shape of a Collections answer.
type fieldError struct {
	Code    string   `json:"statusCode"`
	Message string   `json:"message"`
	Fields  []string `json:"fields"`
}

func (e *fieldError) Error() string { return e.Code + ": " + e.Message }

// bulk renders the error as Bulk's failedResults do: CODE:message:fields --
func (e *fieldError) bulk() string {
	return e.Code + ":" + e.Message + ":" + strings.Join(e.Fields, ",") + " --"
}

// api turns the error into the answer of a request about a single record.
func (e *fieldError) api() *apiError {
	status := http.StatusBadRequest
	if e.Code == "ENTITY_IS_DELETED" || e.Code == "NOT_FOUND" {
		status = http.StatusNotFound
	}
	return &apiError{status: status, Code: e.Code, Message: e.Message, Fields: e.Fields}
}

func fieldFault(code string, fields []string, format string, args ...any) *fieldError {
	if fields == nil {
		fields = []string{}
	}
	return &fieldError{Code: code, Message: fmt.Sprintf(format, args...), Fields: fields}
}

func writeError(w http.ResponseWriter, e *apiError) {
	writeJSON(w, e.status, []*apiError{e})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	writeRaw(w, status, body)
}

// writeRaw sends a JSON body. That the client has gone away is no news for a server.
func writeRaw(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
