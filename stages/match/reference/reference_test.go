package reference

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/crmsync/crmsync/stages/match/reference/internal/digest"
)

func TestTables(t *testing.T) {
	if got := FormalNames("bill"); !slices.Contains(got, "william") {
		t.Errorf("bill is short for %q", got)
	}
	if got := FormalNames("zzyzx"); got != nil {
		t.Errorf("unknown name is short for %q", got)
	}
	if s := SurnameShare("smith"); s < 0.005 || s > 0.01 {
		t.Errorf("share of smith %v", s)
	}
	if !FreeMail("gmail.com") || FreeMail("example.com") {
		t.Error("free mail: gmail.com is, example.com is not")
	}
	for name, want := range map[string]int{"walmart inc": 1, "siemens aktiengesellschaft": 1, "muller gmbh co kg": 3, "walmart": 0} {
		if got := LegalForm(strings.Fields(name)); got != want {
			t.Errorf("LegalForm(%s) = %d, want %d", name, got, want)
		}
	}
	for name, want := range map[string]string{"germany": "DE", "deutschland": "DE", "usa": "US", "allemagne": "DE", "de": "DE", "nowhere": ""} {
		if got := Country(name); got != want {
			t.Errorf("Country(%s) = %q, want %q", name, got, want)
		}
	}
	if a, b := Region("california", ""), Region("ca", "US"); a != "US-CA" || b != a {
		t.Errorf("California is %q and %q", a, b)
	}
	p := Places("cologne")
	if len(p) == 0 || p[0].Country != "DE" || p[0].Lat < 50.9 || p[0].Lat > 51 {
		t.Errorf("Cologne is %+v", p)
	}
	if k := Places("koln"); len(k) == 0 || k[0] != p[0] {
		t.Errorf("Köln is %+v", k)
	}
}

func TestNamesOfTheWorld(t *testing.T) {
	for short, long := range map[string]string{
		"sasha": "aleksandr", "pepe": "jose", "paco": "francisco", "hans": "johannes", "heinz": "heinrich", "beppe": "giuseppe", "jan": "johannes", "misha": "mikhail",
		"ze": "jose", "kate": "katarzyna", "kasia": "katarzyna", "mohammad": "muhammad", "yossi": "yosef", "kostas": "konstantinos", "pista": "istvan", "honza": "jan", "jussi": "juhani",
	} {
		if got := FormalNames(short); !slices.Contains(got, long) {
			t.Errorf("%s is short for %q, not for %s", short, got, long)
		}
	}
	if a, b := CognateNames("miguel"), CognateNames("mikhail"); !slices.Contains(a, "michael") || !slices.Contains(b, "michael") {
		t.Errorf("cognates of miguel %q, of mikhail %q", a, b)
	}
	if slices.Contains(FormalNames("miguel"), "michael") || slices.Contains(FormalNames("john"), "giovanni") {
		t.Error("a name in another language counts as a nickname")
	}
	if a, b := SurnameSpellings("chan"), SurnameSpellings("tan"); !slices.Contains(a, "chen") || !slices.Contains(b, "chen") {
		t.Errorf("spellings of chan %q, of tan %q", a, b)
	}
	for _, c := range []struct {
		kind          byte
		written, read string
	}{{SurnameReading, "כהן", "cohen"}, {GivenReading, "محمد", "mohamed"}, {SurnameReading, "김", "kim"}, {SurnameReading, "曾", "zeng"}, {JapaneseSurname, "山田", "yamada"}, {JapaneseGiven, "太郎", "taro"}} {
		if got := Readings(c.kind, c.written); !slices.Contains(got, c.read) {
			t.Errorf("%s is read %q, not %s", c.written, got, c.read)
		}
	}
	if w, s := SurnameShare("wang"), SurnameShare("sato"); w < 0.005 || w > 0.03 || s < 1e-4 {
		t.Errorf("share of wang %v, of sato %v", w, s)
	}
}

// Every place that has a region has one that is known, and first-level.
func TestRegionsOfPlaces(t *testing.T) {
	with := 0
	n := 0
	for ; ; n++ {
		p, ok := places().at(n)
		if !ok {
			break
		}
		if p.Code() == "" {
			continue
		}
		with++
		if top := TopRegion(p.Code()); top != p.Code() {
			t.Fatalf("a place lies in %s, inside %s", p.Code(), top)
		}
	}
	if n < 40_000 || with < n*95/100 {
		t.Errorf("%d of %d places have a region", with, n)
	}
	for _, c := range []struct{ name, country, want string }{
		{"bayern", "DE", "DE-BY"},
		{"bavaria", "", "DE-BY"},
		{"nrw", "DE", "DE-NW"},
		{"lombardia", "IT", "IT-25"},
		{"tokyo", "JP", "JP-13"},
		{"sao paulo", "BR", "BR-SP"},
		{"moskovskaya oblast", "RU", "RU-MOS"},
		{"ontario", "", "CA-ON"},
		{"guangdong", "CN", "CN-GD"},
		{"zurich", "CH", "CH-ZH"},
		{"maharashtra", "", "IN-MH"},
	} {
		if got := Region(c.name, c.country); got != c.want {
			t.Errorf("Region(%s, %s) = %s, want %s", c.name, c.country, got, c.want)
		}
	}
	for name, want := range map[string]string{"zhong guo": "CN", "rossiya": "RU", "brasil": "BR", "uk": "GB", "etats unis": "US", "estados unidos": "US", "polska": "PL", "nihon": "JP", "deu": "DE", "turkiye": "TR"} {
		if got := Country(name); got != want {
			t.Errorf("Country(%s) = %s, want %s", name, got, want)
		}
	}
}

// Whatever is asked, the tables answer, and an answer does not depend on what was asked before.
func FuzzTables(f *testing.F) {
	for _, s := range []string{"", "bill", "smith", "san francisco", "de", "gmbh", "太郎", "\n", "a\tb", "us"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, n := range FormalNames(s) {
			if n == "" || n == s {
				t.Errorf("FormalNames(%q) holds %q", s, n)
			}
		}
		if v := SurnameShare(s); v < 0 || v > 0.05 {
			t.Errorf("SurnameShare(%q) = %v", s, v)
		}
		if c := Country(s); c != "" && len(c) != 2 {
			t.Errorf("Country(%q) = %q", s, c)
		}
		for _, country := range []string{"", "US", s} {
			if r := Region(s, country); r != "" && (len(r) < 4 || TopRegion(TopRegion(r)) != TopRegion(r)) {
				t.Errorf("Region(%q, %q) = %q", s, country, r)
			}
		}
		last := 1 << 40
		EachPlace(s, func(p Place) bool {
			if p.Population > last || p.Lat < -90 || p.Lat > 90 {
				t.Errorf("EachPlace(%q) gives %+v", s, p)
			}
			last = p.Population
			return true
		})
		words := strings.Fields(s)
		if n := LegalForm(words); n < 0 || n > len(words) {
			t.Errorf("LegalForm(%q) = %d", words, n)
		}
		if n := LeadingForm(words); n < 0 || n > len(words) {
			t.Errorf("LeadingForm(%q) = %d", words, n)
		}
		for _, kind := range []byte{GivenReading, SurnameReading, JapaneseSurname, JapaneseGiven} {
			if len(Readings(kind, s)) > 6 {
				t.Errorf("Readings(%q, %q) are many", kind, s)
			}
		}
		Japanese(s)
		CognateNames(s)
		SurnameSpellings(s)
		FreeMail(s)
	})
}

// TestTable looks for every key of every table, and for keys beside them.
func TestTable(t *testing.T) {
	for name, table := range map[string]*table{
		"placenames": placeNames(), "regions": regions(), "countries": countries(), "within": inside(), "none": index(""), "one": index("a\tb\n"), "bare": index("a\nab\tc\n"),
	} {
		keys := map[string]string{}
		for line := range strings.Lines(table.text) {
			key, fields, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
			keys[key] = fields
		}
		for key, want := range keys {
			if got, ok := table.find(key); !ok || got != want {
				t.Fatalf("%s: %q gives %q, %v, want %q", name, key, got, ok, want)
			}
			for _, near := range []string{key + "a", key + " ", key[:len(key)-1], "", key + "\xff", "\x01" + key} {
				want, is := keys[near]
				if got, ok := table.find(near); ok != is || got != want {
					t.Fatalf("%s: %q gives %q, %v, want %q, %v", name, near, got, ok, want, is)
				}
			}
		}
	}
}

// TestDigest keeps the digest from being that of other tables.
func TestDigest(t *testing.T) {
	want, err := digest.Of(os.DirFS("data"))
	if err != nil || Digest != want {
		t.Errorf("the tables' digest is %s (%v), not %s: run go generate", want, err, Digest)
	}
}
