package directory

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

// put sets field i of the builder from its text; an empty one is left out. It returns why the text cannot be taken, or "".
func (l *layout) put(b *columnar.Builder, i int, text string) string {
	if text == "" {
		return ""
	}
	switch l.ds.Fields[i].Type {
	case schemas.Bool:
		v, ok := truth(text)
		if !ok {
			return "is neither true nor false"
		}
		b.Bool(i, v)
	case schemas.Int64:
		v, ok := whole(text)
		if !ok {
			return "is no whole number"
		}
		b.Int(i, v)
	case schemas.Timestamp:
		v, ok := l.time(text)
		if !ok {
			return "is no time; write it as 2006-01-02T15:04:05Z"
		}
		if v.Year() < 1990 || v.Year() > 2200 {
			return "lies before 1990 or after 2200"
		}
		b.Time(i, v)
	default:
		b.Text(i, text)
	}
	return ""
}

// clean trims a text and returns why it cannot be taken, or "".
func clean(text string) (string, string) {
	text = strings.TrimSpace(text)
	switch {
	case !utf8.ValidString(text):
		return "", errNotUTF8.reason
	case strings.IndexByte(text, 0) >= 0:
		return "", "text holds a NUL character"
	}
	return text, ""
}

func truth(text string) (v, ok bool) {
	switch strings.ToLower(text) {
	case "true", "t", "yes", "y", "1":
		return true, true
	case "false", "f", "no", "n", "0":
		return false, true
	}
	return false, false
}

var grouped = regexp.MustCompile(`^[+-]?\d{1,3}(,\d{3})+$`)

// whole reads 1234, 1,234 and 1234.0.
func whole(text string) (int64, bool) {
	if grouped.MatchString(text) {
		text = strings.ReplaceAll(text, ",", "")
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, true
	}
	const exact = 1 << 53
	if x, err := strconv.ParseFloat(text, 64); err == nil && x == math.Trunc(x) && math.Abs(x) <= exact {
		return int64(x), true
	}
	return 0, false
}

// Times come in these forms; those without a zone are UTC.
var timeForms = []string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999Z0700", "2006-01-02 15:04:05 MST", "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly}

// analyticsTime is how the Analytics export writes times, in UTC.
const analyticsTime = "01-02-2006 15:04:05"

func (l *layout) time(text string) (time.Time, bool) {
	if l.analytics {
		if t, err := time.Parse(analyticsTime, text); err == nil {
			return t, true
		}
	}
	if len(text) == 13 { // milliseconds since 1970
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return time.UnixMilli(n).UTC(), true
		}
	}
	for _, form := range timeForms {
		t, err := time.Parse(form, text)
		if err != nil {
			continue
		}
		if name, offset := t.Zone(); form == "2006-01-02 15:04:05 MST" && (offset != 0 || name != "UTC" && name != "GMT") {
			return time.Time{}, false // abbreviations other than UTC say nothing certain
		}
		return t.UTC(), true
	}
	return time.Time{}, false
}
