package fakeforce

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestID18(t *testing.T) {
	for id15, want := range map[string]string{
		"001D000000IRFma": "001D000000IRFmaIAH", "00D000000000062": "00D000000000062EAA", "0000000000000AA": "0000000000000AAAAY", "short": "short",
	} {
		if got := ID18(id15); got != want {
			t.Errorf("ID18(%s) = %s, want %s", id15, got, want)
		}
	}
}

func TestMakeIDRoundTrips(t *testing.T) {
	for _, n := range []uint64{0, 1, 61, 62, firstSerial, generatedSerial, generatedSerial + 5_000_000} {
		id := MakeID("003", n)
		k, err := parseID(id)
		if err != nil || len(id) != 18 {
			t.Fatalf("%d: %s, %v", n, id, err)
		}
		if got, ok := serialOf(k); !ok || got != n {
			t.Errorf("%d: got %d, %v", n, got, ok)
		}
	}
}

func TestRowRoundTrips(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		cells := make([]string, 1+rnd.IntN(40))
		for i := range cells {
			switch rnd.IntN(4) {
			case 0:
			case 1:
				cells[i] = strings.Repeat("ü\x00\"", rnd.IntN(9000))
			default:
				cells[i] = strconv.Itoa(rnd.Int())
			}
		}
		got := make([]string, len(cells))
		got[len(got)-1] = "left over"
		decodeRow(encodeRow(cells), got)
		if !slices.Equal(got, cells) {
			t.Fatalf("got %q, want %q", got, cells)
		}
	}
}

func TestPermutationIsOne(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 4, 5, 6, 7, 30, 97, 1000, 30030} {
		for _, seed := range []uint64{0, 1, 7, 1 << 63} {
			at := permutation(n, seed)
			seen := make([]bool, n)
			sorted := true
			for i := range n {
				k := at(i)
				if k < 0 || k >= n || seen[k] {
					t.Fatalf("n=%d seed=%d: %d -> %d twice or out of range", n, seed, i, k)
				}
				seen[k] = true
				sorted = sorted && k == i
			}
			if sorted && n > 1 {
				t.Errorf("n=%d seed=%d: rows stay in order", n, seed)
			}
		}
	}
}

func TestDoublesAreSpelledAsServersDo(t *testing.T) {
	for in, want := range map[string]string{
		"0": "0.0", "50000": "50000.0", "1234.5": "1234.5", "912260031": "9.12260031E8", "58734000000": "5.8734E10", "10000000": "1.0E7",
		"9999999": "9999999.0", "0.0005": "5.0E-4", "0.001": "0.001", "-20000000": "-2.0E7", "1e100": "1.0E100",
	} {
		canonical, err := Canonical(&Field{Type: TypeDouble}, in)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(appendDouble(nil, canonical)); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}

func TestCanonical(t *testing.T) {
	cases := []struct {
		typ      FieldType
		in, want string
		bad      bool
	}{
		{TypeBoolean, "TRUE", "true", false},
		{TypeBoolean, "yes", "", true},
		{TypeInt, "12.0", "12", false},
		{TypeInt, "1.5", "", true},
		{TypeInt, "99999999999", "", true},
		{TypeDouble, "1e3", "1000", false},
		{TypeDouble, "NaN", "", true},
		{TypeDate, "2026-02-30", "", true},
		{TypeDate, "2026-02-03T10:00:00Z", "2026-02-03", false},
		{TypeDateTime, "2026-02-03T10:00:00+0200", "2026-02-03T08:00:00.000Z", false},
		{TypeDateTime, "2026-02-03 10:00:00", "2026-02-03T10:00:00.000Z", false},
		{TypeDateTime, "tomorrow", "", true},
		{TypeReference, "001D000000IRFma", "001D000000IRFmaIAH", false},
		{TypeReference, "001D", "", true},
		{TypeString, " kept ", " kept ", false},
		{TypeAddress, "x", "", true},
	}
	for _, c := range cases {
		got, err := Canonical(&Field{Type: c.typ}, c.in)
		if got != c.want || (err != nil) != c.bad {
			t.Errorf("%s %q: got %q, %v; want %q", c.typ, c.in, got, err, c.want)
		}
	}
}

func TestLike(t *testing.T) {
	cases := []struct {
		pattern, value string
		want           bool
	}{
		{"a%", "Abc", true},
		{"%c", "abC", true},
		{"%b%", "abc", true},
		{"a_c", "aéc", true},
		{"a_c", "abbc", false},
		{`10\%`, "10%", true},
		{`10\%`, "100", false},
		{"%", "", false},
		{"a%b%c", "a-b-b-c", true},
		{"a%b%c", "acb", false},
		{"", "x", false},
	}
	for _, c := range cases {
		if got := like(c.pattern)(c.value); got != c.want {
			t.Errorf("%q LIKE %q: %v", c.value, c.pattern, got)
		}
	}
}

// FuzzLike compares the matcher with a plain recursive one.
func FuzzLike(f *testing.F) {
	f.Add("a%b_", "aXXbY")
	f.Add(`\%%`, "%x")
	f.Fuzz(func(t *testing.T, pattern, value string) {
		if len(pattern) > 12 || len(value) > 24 || value == "" {
			return
		}
		if got, want := like(pattern)(value), slowLike([]rune(strings.ToLower(pattern)), []rune(strings.ToLower(value))); got != want {
			t.Fatalf("%q LIKE %q: got %v, want %v", value, pattern, got, want)
		}
	})
}

func slowLike(p, v []rune) bool {
	switch {
	case len(p) == 0:
		return len(v) == 0
	case p[0] == '\\' && len(p) == 1:
		return len(v) == 0
	case p[0] == '\\':
		return len(v) > 0 && v[0] == p[1] && slowLike(p[2:], v[1:])
	case p[0] == '%':
		return slowLike(p[1:], v) || len(v) > 0 && slowLike(p, v[1:])
	default:
		return len(v) > 0 && (p[0] == '_' || p[0] == v[0]) && slowLike(p[1:], v[1:])
	}
}

func FuzzUpload(f *testing.F) {
	f.Add([]byte("LastName,Email\nDoe,d@example.com\n"))
	f.Add([]byte("\xef\xbb\xbfLastName\n\"a\nb\"\n"))
	f.Add([]byte("LastName,lastname\nx,y\n"))
	f.Fuzz(func(t *testing.T, upload []byte) {
		header, rows, err := readUpload(upload, ',')
		if err != nil {
			return
		}
		if len(header) == 0 {
			t.Fatal("read an upload without a header")
		}
		for _, r := range rows {
			if len(r) != len(header) {
				t.Fatalf("a row of %d cells under %d columns", len(r), len(header))
			}
		}
	})
}
