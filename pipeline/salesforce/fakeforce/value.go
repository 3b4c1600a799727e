package fakeforce

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Values are kept as text in one spelling for each type, which compares as text wherever the type's order allows it:
// booleans true and false, dates 2006-01-02, datetimes 2006-01-02T15:04:05.000Z, numbers in the shortest form that reads
// back the same.

const (
	dateLayout     = "2006-01-02"
	dateTimeLayout = "2006-01-02T15:04:05.000Z"
	restLayout     = "2006-01-02T15:04:05.000+0000"
)

// stamp spells a time as the org keeps it, without a fraction of a second as Salesforce does for system times.
func stamp(t time.Time) string { return t.UTC().Truncate(time.Second).Format(dateTimeLayout) }

var dateTimeLayouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999Z0700", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04:05", dateLayout,
}

// parseDateTime reads the spellings that the API accepts.
func parseDateTime(s string) (time.Time, error) {
	for _, layout := range dateTimeLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			if t.Year() < 1700 || t.Year() > 4000 {
				return time.Time{}, fmt.Errorf("datetime %q is out of range", s)
			}
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no datetime", s)
}

// Canonical returns the org's spelling of a value for a field. Empty text is null and always accepted. It checks the type,
// not the length.
func Canonical(f *Field, s string) (string, error) {
	if s == "" {
		return "", nil
	}
	switch f.Type {
	case TypeBoolean:
		switch strings.ToLower(s) {
		case "true", "1":
			return "true", nil
		case "false", "0":
			return "false", nil
		}
		return "", fmt.Errorf("%q is no boolean", s)
	case TypeInt:
		n, err := strconv.ParseFloat(s, 64)
		if err != nil || n != math.Trunc(n) || math.Abs(n) > math.MaxInt32 {
			return "", fmt.Errorf("%q is no int", s)
		}
		return strconv.FormatInt(int64(n), 10), nil
	case TypeDouble, TypeCurrency:
		n, err := strconv.ParseFloat(s, 64)
		if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
			return "", fmt.Errorf("%q is no number", s)
		}
		return strconv.FormatFloat(n, 'g', -1, 64), nil
	case TypeDate:
		if len(s) > len(dateLayout) {
			t, err := parseDateTime(s)
			if err != nil {
				return "", fmt.Errorf("%q is no date", s)
			}
			return t.Format(dateLayout), nil
		}
		t, err := time.Parse(dateLayout, s)
		if err != nil {
			return "", fmt.Errorf("%q is no date", s)
		}
		return t.Format(dateLayout), nil
	case TypeDateTime:
		t, err := parseDateTime(s)
		if err != nil {
			return "", err
		}
		return t.Format(dateTimeLayout), nil
	case TypeID, TypeReference:
		k, err := parseID(s)
		if err != nil {
			return "", err
		}
		return ID18(string(k[:])), nil
	case TypeAddress:
		return "", fmt.Errorf("compound fields have no value of their own")
	default:
		return s, nil
	}
}

// canonicalAny is Canonical for a value as JSON or a Go program gives it.
func canonicalAny(f *Field, v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		if f.text() {
			// Salesforce trims text at both ends and treats what is left of blanks as null.
			return strings.TrimSpace(v), nil
		}
		return Canonical(f, strings.TrimSpace(v))
	case bool:
		if f.Type != TypeBoolean && !f.text() {
			return "", fmt.Errorf("a boolean does not fit type %s", f.Type)
		}
		return strconv.FormatBool(v), nil
	case json.Number:
		return canonicalNumber(f, v.String())
	case float64:
		return canonicalNumber(f, strconv.FormatFloat(v, 'f', -1, 64))
	case int:
		return canonicalNumber(f, strconv.Itoa(v))
	case int64:
		return canonicalNumber(f, strconv.FormatInt(v, 10))
	case time.Time:
		switch f.Type {
		case TypeDate:
			return v.UTC().Format(dateLayout), nil
		case TypeDateTime:
			return v.UTC().Format(dateTimeLayout), nil
		}
	}
	return "", fmt.Errorf("a value of Go type %T does not fit type %s", v, f.Type)
}

func canonicalNumber(f *Field, s string) (string, error) {
	switch f.Type {
	case TypeInt, TypeDouble, TypeCurrency:
		return Canonical(f, s)
	}
	if f.text() {
		return s, nil
	}
	return "", fmt.Errorf("the number %s does not fit type %s", s, f.Type)
}

// appendDouble spells a number as Salesforce's servers do: a fraction always, an exponent from ten million on and below a
// thousandth (50000.0, 9.12260031E8, 5.0E-4).
func appendDouble(dst []byte, canonical string) []byte {
	v, err := strconv.ParseFloat(canonical, 64)
	if err != nil {
		return append(dst, canonical...)
	}
	abs := math.Abs(v)
	start := len(dst)
	if abs == 0 || abs >= 1e-3 && abs < 1e7 {
		dst = strconv.AppendFloat(dst, v, 'f', -1, 64)
		if !strings.Contains(string(dst[start:]), ".") {
			dst = append(dst, ".0"...)
		}
		return dst
	}
	mantissa, exp, _ := strings.Cut(strconv.FormatFloat(v, 'E', -1, 64), "E")
	dst = append(dst, mantissa...)
	if !strings.Contains(mantissa, ".") {
		dst = append(dst, ".0"...)
	}
	dst = append(dst, 'E')
	if strings.HasPrefix(exp, "-") {
		dst = append(dst, '-')
	}
	return append(dst, strings.TrimLeft(exp, "+-0")...)
}

// appendJSON writes a value as the REST API shows it.
func appendJSON(dst []byte, f *Field, v string) []byte {
	if v == "" {
		return append(dst, "null"...)
	}
	switch f.Type {
	case TypeBoolean, TypeInt:
		return append(dst, v...)
	case TypeDouble, TypeCurrency:
		return appendDouble(dst, v)
	case TypeDateTime:
		dst = append(dst, '"')
		dst = append(dst, strings.TrimSuffix(v, "Z")...)
		return append(dst, `+0000"`...)
	default:
		return appendJSONString(dst, v)
	}
}

func appendJSONString(dst []byte, s string) []byte {
	b, err := json.Marshal(s)
	if err != nil {
		// Marshalling a string cannot fail: invalid UTF-8 is replaced.
		return append(dst, "null"...)
	}
	return append(dst, b...)
}
