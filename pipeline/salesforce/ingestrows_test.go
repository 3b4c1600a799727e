package salesforce

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParseIngestError(t *testing.T) {
	for text, want := range map[string]SaveError{
		"REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --": {"REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", []string{"LastName"}},
		"DUPLICATE_VALUE:duplicate value found: X:A,B --":                            {"DUPLICATE_VALUE", "duplicate value found: X", []string{"A", "B"}},
		"UNABLE_TO_LOCK_ROW:unable to obtain exclusive access:--":                    {"UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access", nil},
		"UNABLE_TO_LOCK_ROW:no fields at all":                                        {"UNABLE_TO_LOCK_ROW", "no fields at all", nil},
		"InvalidBatch : Field name not found : X":                                    {"UNKNOWN_ERROR", "InvalidBatch : Field name not found : X", nil},
		"": {"UNKNOWN_ERROR", "", nil},
	} {
		if got := parseIngestError(text); got.Code != want.Code || got.Message != want.Message || !slices.Equal(got.Fields, want.Fields) {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}

func TestReadIngestRows(t *testing.T) {
	rows, err := readIngestRows(strings.NewReader("\ufeff\"sf__Id\",\"sf__Created\",\"A\"\n\"1\",\"true\",\"x\ny\"\n"))
	if err != nil || len(rows) != 1 || rows[0].ID != "1" || rows[0].Fields["A"] != "x\ny" || len(rows[0].Fields) != 1 {
		t.Errorf("%+v, %v", rows, err)
	}
	if rows, err := readIngestRows(strings.NewReader("")); err != nil || rows != nil {
		t.Errorf("nothing: %v, %v", rows, err)
	}
	if _, err := readIngestRows(strings.NewReader("a,b\n1\n")); !errors.Is(err, ErrCut) {
		t.Errorf("cut: %v", err)
	}
}

// FuzzIngestRows: what was uploaded comes back as it was, whatever it is, and nothing that an org says makes it fail otherwise.
func FuzzIngestRows(f *testing.F) {
	f.Add("sf__Id,sf__Error,A\n,CODE:text:A --,x\n", "a \"text\"\nof two lines", "x")
	f.Add("\"", "", ",")
	f.Fuzz(func(t *testing.T, answer, a, b string) {
		if rows, err := readIngestRows(strings.NewReader(answer)); err == nil {
			for _, r := range rows {
				if r.Error.Message != "" && r.Error.Code == "" {
					t.Errorf("a refusal without a code: %+v", r)
				}
			}
		}
		if !utf8.ValidString(a+b) || strings.Contains(a+b, "\r") || a == IngestNull || b == IngestNull {
			return
		}
		data, err := IngestCSV([]string{"A", "B", "C"}, []Record{{Fields: map[string]any{"A": a, "B": b}}})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := readIngestRows(strings.NewReader(string(data)))
		if err != nil || len(rows) != 1 || rows[0].Fields["A"] != a || rows[0].Fields["B"] != b || rows[0].Fields["C"] != "" {
			t.Errorf("%q, %q came back as %+v, %v", a, b, rows, err)
		}
	})
}
