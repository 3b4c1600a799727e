package main

import (
	"strings"

	"github.com/biter777/countries"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/crmsync/crmsync/stages/match/fold"
)

// subdivisions is what the sources say of regions, by ISO 3166-2 code.
type subdivisions struct {
	names     map[string][]string
	gazetteer map[string]string // country.code of GeoNames -> first-level region
	within    map[string]string // region -> region it lies in
	now       map[string]string // former code -> code
	order     []string
}

func (s *subdivisions) current(code string) string {
	if c := s.now[code]; c != "" {
		return c
	}
	return code
}

func (s *subdivisions) top(code string) string {
	code = s.current(code)
	for range 4 {
		up := s.within[code]
		if up == "" {
			break
		}
		code = s.current(up)
	}
	return code
}

func (s *subdivisions) name(code, n string) {
	code = s.current(code)
	if s.names[code] == nil {
		s.order = append(s.order, code)
	}
	s.names[code] = append(s.names[code], n)
}

func readRegions() (*subdivisions, error) {
	s := &subdivisions{map[string][]string{}, map[string]string{}, map[string]string{}, map[string]string{}, nil}
	err := lines("cldr_subdivisions.tsv", "\t", 3, func(f []string) error {
		switch f[0] {
		case "within":
			s.within[f[1]] = f[2]
		case "now":
			s.now[f[1]] = f[2]
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = lines("iso_regions.tsv", "\t", 4, func(f []string) error {
		code := f[0] + "-" + f[1]
		if f[0] == "country" {
			return nil
		}
		s.name(code, f[1])
		for _, n := range strings.Split(f[3], "|") {
			s.name(code, n)
		}
		for _, admin := range strings.Split(f[2], ",") {
			if admin != "" {
				s.gazetteer[f[0]+"."+admin] = s.top(code)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, c := range countries.AllSubdivisions() {
		code := string(c)
		_, local, ok := strings.Cut(code, "-")
		if !ok {
			continue
		}
		s.name(code, local)
		main, other, _ := strings.Cut(c.String(), "[")
		s.name(code, main)
		s.name(code, strings.TrimSuffix(other, "]"))
	}
	for code, list := range abbreviations {
		for _, n := range strings.Split(list, "|") {
			s.name(code, n)
		}
	}
	return s, nil
}

// abbreviations are what people write besides names and codes.
var abbreviations = map[string]string{
	"US-CA": "calif|cal", "US-MA": "mass", "US-PA": "penn|penna", "US-TX": "tex", "US-FL": "fla", "US-IL": "ill", "US-MI": "mich", "US-MN": "minn", "US-WI": "wis|wisc",
	"US-CT": "conn", "US-CO": "colo", "US-WA": "wash|washington state", "US-OR": "ore|oreg", "US-AZ": "ariz", "US-TN": "tenn", "US-AL": "ala", "US-AR": "ark", "US-KS": "kans",
	"US-KY": "ky", "US-LA": "la", "US-MS": "miss", "US-NE": "nebr|neb", "US-NV": "nev", "US-OK": "okla", "US-VA": "virg", "US-WV": "w va|w virginia", "US-WY": "wyo",
	"US-NC": "n carolina|no carolina", "US-SC": "s carolina|so carolina", "US-ND": "n dakota", "US-SD": "s dakota", "US-NM": "n mexico|n mex", "US-NY": "n y|new york state",
	"US-NJ": "n j", "US-NH": "n h", "US-DC": "d c|washington dc|washington d c", "US-MT": "mont", "US-IN": "ind", "US-DE": "del",
	"CA-BC": "b c|british col", "CA-NL": "nfld|nf|newfoundland", "CA-ON": "ont", "CA-QC": "que|pq", "CA-AB": "alta", "CA-SK": "sask", "CA-MB": "man", "CA-PE": "pei|p e i",
	"CA-NS": "n s", "CA-NB": "n b", "AU-NSW": "n s w", "AU-VIC": "vic", "AU-QLD": "qld", "AU-TAS": "tas", "AU-WA": "w a", "AU-SA": "s a",
	"DE-NW": "nrw|nordrhein westfalen|north rhine westphalia", "DE-BW": "ba wu|bawu", "DE-MV": "meck pomm|mecklenburg vorpommern", "DE-RP": "rlp", "DE-SH": "schleswig holstein",
	"DE-BY": "bayern|bavaria", "FR-IDF": "ile de france|paris region|region parisienne", "FR-PAC": "paca", "MX-CMX": "cdmx|df|d f|distrito federal|mexico city",
	"MX-NLE": "n l|nuevo leon", "MX-MEX": "edomex|edo mex|estado de mexico", "BR-SP": "s paulo", "BR-RJ": "rio de janeiro", "GB-ENG": "england", "GB-SCT": "scotland", "GB-WLS": "wales",
	"GB-NIR": "northern ireland|n ireland", "IT-25": "lombardia|lombardy", "IT-62": "lazio|latium", "ES-MD": "comunidad de madrid", "ES-CT": "cataluna|catalunya|catalonia",
	"ES-PV": "euskadi|pais vasco|basque country", "RU-MOW": "moskva|moscow", "RU-SPE": "sankt peterburg|saint petersburg|st petersburg", "IN-TN": "tamilnadu|t n",
	"IN-KA": "karnataka", "IN-MH": "maharashtra", "IN-UP": "u p", "IN-DL": "delhi|new delhi|ncr", "NL-NH": "noord holland|north holland", "NL-ZH": "zuid holland|south holland",
	"NL-NB": "noord brabant|north brabant", "CH-ZH": "zurich|zuerich", "CH-GE": "geneva|geneve|genf", "CN-BJ": "beijing|peking", "CN-SH": "shanghai", "CN-GD": "canton",
}

// kinds are words that say what kind of region a region is, at either end of its name.
var kinds = []string{
	"province", "region", "state", "oblast", "kray", "krai", "county", "prefecture", "governorate", "department", "district", "canton", "municipality", "voivodeship", "republic",
	"autonomous region", "autonomous community", "provincia", "provincia de", "departamento", "departamento de", "departamento del", "estado de", "region de", "region del", "comunidad de",
	"province of", "state of", "county of", "region of", "republic of", "canton of", "emirate of", "emirate", "kanton", "wojewodztwo", "kraj", "zupanija", "megye", "judetul", "lan",
	"shi", "sheng", "zizhiqu", "ken", "fu", "to", "sheng zhi", "metropolitan city of", "metropolis", "special administrative region", "parish", "division", "free state of",
}

// regions: country and region name or code -> ISO 3166-2 code.
func regions() (table, error) {
	s, err := readRegions()
	if err != nil {
		return nil, err
	}
	t := table{}
	// Names of larger regions come first: where a region and a part of it bear one name, the region is meant.
	for _, larger := range []bool{true, false} {
		for _, bare := range []bool{false, true} {
			for _, code := range s.order {
				if (s.within[code] == "") != larger {
					continue
				}
				country, _, _ := strings.Cut(code, "-")
				for _, n := range s.names[code] {
					f := fold.Text(n)
					if bare {
						f = withoutKind(f)
					}
					if f != "" {
						t.put(strings.ToLower(country)+" "+f, code)
					}
				}
			}
		}
	}
	for old, code := range s.now {
		country, local, _ := strings.Cut(old, "-")
		t.put(strings.ToLower(country)+" "+fold.Text(local), code)
	}
	anywhere(t)
	return t, nil
}

// anywhere adds the names that only one country has a region of, for places whose country is not named.
func anywhere(t table) {
	codes := map[string][]string{}
	for key, code := range t {
		if _, n, _ := strings.Cut(key, " "); len(n) > 4 {
			add(codes, n, code)
		}
	}
	for n, list := range codes {
		if len(list) == 1 {
			t.put("zz "+n, list[0])
		}
	}
}

func withoutKind(f string) string {
	for _, k := range kinds {
		if cut, ok := strings.CutSuffix(f, " "+k); ok && len(cut) > 2 {
			return cut
		}
		if cut, ok := strings.CutPrefix(f, k+" "); ok && len(cut) > 2 {
			return cut
		}
	}
	return f
}

// within: region -> the first-level region it lies in.
func within() (table, error) {
	s, err := readRegions()
	t := table{}
	if err == nil {
		for code := range s.within {
			t.put(code, s.top(code))
		}
	}
	return t, err
}

// languages are those in which country names are known.
var languages = []string{
	"en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "nb", "fi", "pl", "cs", "hu", "ro", "tr", "ru", "uk", "el", "ar", "he", "zh", "zh-Hant", "ja", "ko", "hi", "hr", "sk", "sl", "bg", "sr",
	"lt", "lv", "et", "vi", "th", "id", "ms", "fa", "ca", "is", "bn", "ta", "ur", "sw", "af", "sq", "mk", "be", "ka", "hy", "az", "kk",
}

// shortNames are what people write for countries besides their names.
var shortNames = map[string]string{
	"usa": "US", "u s a": "US", "u s": "US", "us of a": "US", "united states": "US", "united states of america": "US", "america": "US", "the united states": "US", "estados unidos": "US", "etats unis": "US",
	"eeuu": "US", "ee uu": "US", "vereinigte staaten": "US", "stati uniti": "US", "ssha": "US", "mei guo": "US", "uk": "GB", "u k": "GB", "great britain": "GB", "england": "GB", "scotland": "GB",
	"wales": "GB", "northern ireland": "GB", "britain": "GB", "gb": "GB", "grossbritannien": "GB", "gran bretana": "GB", "grande bretagne": "GB", "the united kingdom": "GB", "ying guo": "GB",
	"holland": "NL", "the netherlands": "NL", "nederland": "NL", "korea": "KR", "south korea": "KR", "republic of korea": "KR", "korea republic of": "KR", "rok": "KR", "north korea": "KP", "russia": "RU",
	"russian federation": "RU", "rossiya": "RU", "rossiyskaya federatsiya": "RU", "rf": "RU", "uae": "AE", "u a e": "AE", "emirates": "AE", "czech republic": "CZ", "cesko": "CZ", "ceska republika": "CZ", "slovak republic": "SK",
	"prc": "CN", "p r c": "CN", "mainland china": "CN", "peoples republic of china": "CN", "p r china": "CN", "pr china": "CN", "roc": "TW", "taiwan roc": "TW", "hong kong sar": "HK", "macau": "MO",
	"brasil": "BR", "deutschland": "DE", "brd": "DE", "bundesrepublik deutschland": "DE", "federal republic of germany": "DE", "espana": "ES", "schweiz": "CH", "suisse": "CH", "svizzera": "CH", "helvetia": "CH",
	"osterreich": "AT", "oesterreich": "AT", "turkey": "TR", "turkiye": "TR", "ivory coast": "CI", "burma": "MM", "viet nam": "VN", "ksa": "SA", "rsa": "ZA", "republic of ireland": "IE", "eire": "IE",
	"macedonia": "MK", "swaziland": "SZ", "cape verde": "CV", "persia": "IR", "islamic republic of iran": "IR", "bharat": "IN", "nippon": "JP", "nihon": "JP", "drc": "CD", "congo kinshasa": "CD", "congo": "CG",
	"palestine": "PS", "vatican": "VA", "moldova": "MD", "bolivia": "BO", "venezuela": "VE", "tanzania": "TZ", "syria": "SY", "laos": "LA", "brunei": "BN", "east timor": "TL", "lietuva": "LT", "suomi": "FI",
	"sverige": "SE", "norge": "NO", "danmark": "DK", "polska": "PL", "magyarorszag": "HU", "hrvatska": "HR", "srbija": "RS", "slovenija": "SI", "slovensko": "SK", "eesti": "EE", "latvija": "LV", "shqiperia": "AL",
	"ellada": "GR", "hellas": "GR", "misr": "EG", "maroc": "MA", "mexiko": "MX", "dubai": "AE",
}

// countryNames: name or code -> ISO 3166-1 alpha-2 code.
func countryNames() (table, error) {
	t := table{}
	for name, alpha2 := range shortNames {
		t.put(name, alpha2)
	}
	all := countries.All()
	for _, c := range all {
		t.put(fold.Text(c.Alpha2()), c.Alpha2())
		t.put(fold.Text(c.Alpha3()), c.Alpha2())
	}
	for _, c := range all {
		t.put(fold.Text(c.String()), c.Alpha2())
	}
	for _, l := range languages {
		names := display.Regions(language.Make(l))
		for _, c := range all {
			if region, err := language.ParseRegion(c.Alpha2()); err == nil && names != nil {
				t.put(fold.Text(names.Name(region)), c.Alpha2())
			}
		}
	}
	err := lines("iso_countries.tsv", "\t", 2, func(f []string) error {
		if f[0] != "country" {
			for _, n := range strings.Split(f[1], "|") {
				t.put(fold.Text(n), f[0])
			}
		}
		return nil
	})
	return t, err
}
