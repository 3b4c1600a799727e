package rows

import (
	"fmt"
	"math"
	"strconv"
	"testing"
	"time"
)

func TestParseInt(t *testing.T) {
	for in, want := range map[string]int64{
		"0": 0, "-12": -12, "+7": 7, "0.0": 0, "12.0": 12, "1.2E7": 12_000_000, "9.12260031E8": 912_260_031, "-3e2": -300,
		"9223372036854775807": math.MaxInt64,
	} {
		if got, err := parseInt([]byte(in)); err != nil || got != want {
			t.Errorf("%s: %d, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "1.5", "x", "1e300", "0x10", "NaN", "Inf", "1_0", "9223372036854775808", "--1"} {
		if got, err := parseInt([]byte(in)); err == nil {
			t.Errorf("%q: %d", in, got)
		}
	}
}

func TestParseFloat(t *testing.T) {
	for in, want := range map[string]float64{"0.0": 0, "9.12260031E8": 912260031, "-1.5e-3": -0.0015, "12": 12, ".5": .5} {
		if got, err := parseFloat([]byte(in)); err != nil || got != want {
			t.Errorf("%s: %v, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "NaN", "Infinity", "0x1p3", "1_000", "1,5", "e", "1e999"} {
		if got, err := parseFloat([]byte(in)); err == nil {
			t.Errorf("%q: %v", in, got)
		}
	}
}

func TestParseBool(t *testing.T) {
	for in, want := range map[string]bool{"true": true, "TRUE": true, "False": false, "false": false} {
		if got, err := parseBool([]byte(in)); err != nil || got != want {
			t.Errorf("%s: %v, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "1", "yes", "tru", "falsy"} {
		if _, err := parseBool([]byte(in)); err == nil {
			t.Errorf("%q is taken", in)
		}
	}
}

func TestParseTime(t *testing.T) {
	want := time.Date(2026, 1, 2, 3, 4, 5, 120e6, time.UTC)
	for _, in := range []string{
		"2026-01-02T03:04:05.120Z", "2026-01-02T03:04:05.120+0000", "2026-01-02T03:04:05.12Z", "2026-01-02T03:04:05.120999Z",
		"2026-01-02T05:34:05.120+0230", "2026-01-02T05:34:05.120+02:30", "2026-01-01T22:04:05.120-0500",
	} {
		if got, err := parseTime([]byte(in)); err != nil || !got.Equal(want) {
			t.Errorf("%s: %s, %v", in, got, err)
		}
	}
	if got, err := parseTime([]byte("1700-02-28T23:59:59Z")); err != nil || !got.Equal(time.Date(1700, 2, 28, 23, 59, 59, 0, time.UTC)) {
		t.Errorf("%s, %v", got, err)
	}
	for _, in := range []string{
		"", "2026-01-02", "2026-01-02T03:04:05", "2026-01-02T03:04:05.Z", "2026-02-29T00:00:00Z", "2026-01-02T24:00:00Z", "2026-01-02 03:04:05Z",
		"2026-01-02T03:04:05+2", "2026-13-02T03:04:05Z", "2026-01-02T03:04:05.000Zx", "2026-01-02T0x:04:05.000Z", "2026-01-02T03:04:05.000+0a00",
	} {
		if got, err := parseTime([]byte(in)); err == nil {
			t.Errorf("%q: %s", in, got)
		}
	}
}

// TestParseDateAgreesWithTime goes over every day of eight centuries.
func TestParseDateAgreesWithTime(t *testing.T) {
	for d := time.Date(1600, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() < 2400; d = d.AddDate(0, 0, 1) {
		if got, err := parseDate([]byte(d.Format(time.DateOnly))); err != nil || !got.Equal(d) {
			t.Fatalf("%s: %s, %v", d.Format(time.DateOnly), got, err)
		}
	}
	for _, in := range []string{"2023-02-29", "1900-02-29", "2024-02-30", "2024-00-01", "2024-1-01", "2024-01-32", "0x24-01-01"} {
		if _, err := parseDate([]byte(in)); err == nil {
			t.Errorf("%s is a day", in)
		}
	}
}

// FuzzValues compares with the standard library's slower parsers.
func FuzzValues(f *testing.F) {
	for _, s := range []string{"12.0", "1.2E7", "2026-01-02T03:04:05.000Z", "2026-01-02T03:04:05.000+0000", "2024-02-29", "0000-01-01"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		if got, err := parseDate([]byte(in)); err == nil {
			if want, err := time.Parse(time.DateOnly, in); err != nil || !got.Equal(want) {
				t.Errorf("date %q: %s, time.Parse says %s, %v", in, got, want, err)
			}
		} else if _, err := time.Parse(time.DateOnly, in); err == nil {
			t.Errorf("date %q is refused", in)
		}
		if got, err := parseTime([]byte(in)); err == nil {
			var want time.Time
			ref := fmt.Errorf("no layout")
			for _, layout := range []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700"} {
				if want, ref = time.Parse(layout, in); ref == nil {
					break
				}
			}
			if ref != nil || !got.Equal(want.Truncate(time.Millisecond)) {
				t.Errorf("time %q: %s, time.Parse says %s, %v", in, got, want, ref)
			}
		}
		if got, err := parseInt([]byte(in)); err == nil {
			if want, err := strconv.ParseFloat(in, 64); err != nil || float64(got) != want {
				t.Errorf("integer %q: %d, strconv says %v, %v", in, got, want, err)
			}
		}
	})
}
