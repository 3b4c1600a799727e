package generate

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"math/rand/v2"
	"sort"
	"strconv"
	"strings"
	"sync"
)

//go:embed data/names.tsv.gz
var namesFile []byte

//go:embed data/places.tsv.gz
var placesFile []byte

// name is a name in its own script and romanised.
type name struct{ local, roman string }

// weighted draws values in proportion to their weights.
type weighted[T any] struct {
	values []T
	sums   []float64
}

func (w *weighted[T]) add(v T, weight float64) {
	sum := weight
	if n := len(w.sums); n > 0 {
		sum += w.sums[n-1]
	}
	w.values, w.sums = append(w.values, v), append(w.sums, sum)
}

func (w *weighted[T]) draw(r *rand.Rand) T {
	x := r.Float64() * w.sums[len(w.sums)-1]
	return w.values[min(len(w.values)-1, sort.SearchFloat64s(w.sums, x))]
}

// place is a city.
type place struct {
	name, region string
	lat, lng     float64
}

// country is what differs between countries.
type country struct {
	code, label  string
	share        float64 // of the world's people
	given        [2]weighted[name]
	family       weighted[name]
	places       weighted[place]
	forms        []string
	tld          string
	stems, tails []string // of surnames beyond the popular ones
	street       string   // %s is the name, %d the number
	postal       string   // 9 stands for a digit, A for a letter
	phones       []string // see dial
}

// world is all countries.
type world struct {
	countries weighted[*country]
	by        map[string]*country
}

var theWorld = sync.OnceValue(func() *world {
	w := &world{by: map[string]*country{}}
	for i := range countries {
		c := &countries[i]
		w.by[c.code] = c
	}
	each(namesFile, func(f []string) {
		c := w.by[f[0]]
		weight, _ := strconv.ParseFloat(f[4], 64)
		n := name{f[2], f[3]}
		switch f[1] {
		case "f":
			c.given[0].add(n, weight)
		case "m":
			c.given[1].add(n, weight)
		default:
			c.family.add(n, weight)
		}
	})
	each(placesFile, func(f []string) {
		lat, _ := strconv.ParseFloat(f[3], 64)
		lng, _ := strconv.ParseFloat(f[4], 64)
		people, _ := strconv.ParseFloat(f[5], 64)
		region := ""
		if f[0] == "US" {
			region = f[2]
		}
		w.by[f[0]].places.add(place{f[1], region, lat, lng}, people)
	})
	for i := range countries {
		w.countries.add(&countries[i], countries[i].share)
	}
	return w
})

// each calls fn for the lines of an embedded table. One that cannot be read is a broken build.
func each(packed []byte, fn func(fields []string)) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		panic(fmt.Sprintf("generate: %v", err))
	}
	text, err := io.ReadAll(z)
	if err != nil {
		panic(fmt.Sprintf("generate: %v", err))
	}
	for line := range strings.Lines(string(text)) {
		fn(strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
}

// countries are the generated world, less names and places.
var countries = []country{
	{
		code: "US", label: "United States", share: 0.40, forms: []string{"Inc.", "LLC", "Corporation", "Co.", "Inc", ""}, tld: "com",
		street: "%d %s Street", postal: "99999", phones: []string{"+1212nxxxxxx", "+1415nxxxxxx", "+1312nxxxxxx", "+1617nxxxxxx", "+1206nxxxxxx", "+1512nxxxxxx"},
	},
	{
		code: "GB", label: "United Kingdom", share: 0.12, forms: []string{"Ltd", "Limited", "PLC", ""}, tld: "co.uk", stems: strings.Fields("Ash Brad Clay Dun Elm Far Green Har Kings Lang Mill Nor Old Pen Rad Stan Thorn Wal West Wood"),
		tails: strings.Fields("ton ley ford field worth ham bridge wick land well man by"), street: "%d %s Road", postal: "AA9 9AA", phones: []string{"+44207nxxxxxx", "+44203nxxxxxx"},
	},
	{
		code: "DE", label: "Germany", share: 0.12, forms: []string{"GmbH", "AG", "GmbH & Co. KG", "SE", ""}, tld: "de", stems: strings.Fields("Alt Berg Brand Eich Feld Grün Hart Käst König Lind Mühl Neu Ober Rosen Schön Stein Wald Weiß Zell Böhm"),
		tails: strings.Fields("mann er bach berg feld hofer meier stein müller hauer wald"), street: "%[2]sstraße %[1]d", postal: "99999", phones: []string{"+4930nnxxxxxx", "+4989nnxxxxxx", "+4940nnxxxxxx"},
	},
	{
		code: "FR", label: "France", share: 0.07, forms: []string{"SA", "SARL", "SAS", ""}, tld: "fr", stems: strings.Fields("Bon Beau Char Du Gau Lam Mont Per Rous Val Gir Bar Fon Cla Mar"), tails: strings.Fields("net eau ier din lin sard tier pont ville chet ret"),
		street: "%d rue %s", postal: "99999", phones: []string{"+3314nxxxxxx", "+33478nxxxxx"},
	},
	{
		code: "ES", label: "Spain", share: 0.05, forms: []string{"S.A.", "S.L.", ""}, tld: "es", stems: strings.Fields("Al Bar Cam Der Esp Fer Gal Her Men Nav Ori Pal Ram Sal Vil"), tails: strings.Fields("ez ero ano illo eda osa anta era ino ado"),
		street: "Calle %[2]s %[1]d", postal: "99999", phones: []string{"+3491nxxxxxx", "+3493nxxxxxx"},
	},
	{
		code: "IT", label: "Italy", share: 0.04, forms: []string{"S.p.A.", "S.r.l.", ""}, tld: "it", stems: strings.Fields("Bar Cas Del Fer Gal Lom Mar Pal Ross Val Zan Bel"), tails: strings.Fields("etti ini oni aro ese ella ato azzi ucci ani"),
		street: "Via %[2]s %[1]d", postal: "99999", phones: []string{"+3902nnxxxxxx"},
	},
	{
		code: "BR", label: "Brazil", share: 0.05, forms: []string{"Ltda", "S.A.", ""}, tld: "com.br", stems: strings.Fields("Al Bar Car Fer Gon Mar Nas Oli Per San Tei Vas"), tails: strings.Fields("eira es inho ado osa ves ardo anto"),
		street: "Rua %[2]s %[1]d", postal: "99999-999", phones: []string{"+55113nxxxxxx", "+55212nxxxxxx"},
	},
	{
		code: "MX", label: "Mexico", share: 0.03, forms: []string{"S.A. de C.V.", ""}, tld: "com.mx", stems: strings.Fields("Al Bar Cam Del Esp Gal Her Men Nav Rod"), tails: strings.Fields("ez ero ano illo eda osa"),
		street: "Av. %[2]s %[1]d", postal: "99999", phones: []string{"+52555nxxxxxx"},
	},
	{
		code: "JP", label: "Japan", share: 0.02, forms: []string{"K.K.", "Co., Ltd.", ""}, tld: "co.jp", street: "%d-chome %s", postal: "999-9999", phones: []string{"+8133nxxxxxx", "+8166nxxxxxx"},
	},
	{
		code: "RU", label: "Russia", share: 0.02, forms: []string{"OOO", "PAO", ""}, tld: "ru", street: "ul. %[2]s %[1]d", postal: "999999", phones: []string{"+7495nxxxxxx", "+7812nxxxxxx"},
	},
	{
		code: "TR", label: "Turkey", share: 0.02, forms: []string{"A.Ş.", "Ltd. Şti.", ""}, tld: "com.tr", stems: strings.Fields("Ak Ay Boz Demir Er Gök Kara Öz Taş Yıl Gün Kaya"), tails: strings.Fields("oğlu can er türk dağ soy bay maz kan"),
		street: "%[2]s Sokak %[1]d", postal: "99999", phones: []string{"+90212nxxxxxx"},
	},
	{
		code: "NL", label: "Netherlands", share: 0.02, forms: []string{"B.V.", "N.V.", ""}, tld: "nl", stems: strings.Fields("Berg Bos Dijk Graaf Hoek Kok Linden Meer Veld Wit Zand"), tails: strings.Fields("stra ma man huis mans sen inga"),
		street: "%[2]sstraat %[1]d", postal: "9999 AA", phones: []string{"+3120nxxxxxx"},
	},
	{
		code: "PL", label: "Poland", share: 0.02, forms: []string{"Sp. z o.o.", "S.A.", ""}, tld: "pl", stems: strings.Fields("Bor Czar Dąb Gór Jan Kow Lew Mal Now Piot Zaj"), tails: strings.Fields("owski ewski czyk ak ski iński arz"),
		street: "ul. %[2]s %[1]d", postal: "99-999", phones: []string{"+4822nxxxxxx"},
	},
	{
		code: "DK", label: "Denmark", share: 0.01, forms: []string{"A/S", "ApS", ""}, tld: "dk", stems: strings.Fields("Bach Dal Fries Holm Kjær Lund Møll Søren Thor Øster"), tails: strings.Fields("gaard sen strup berg by bjerg"),
		street: "%[2]sgade %[1]d", postal: "9999", phones: []string{"+4533nxxxxx"},
	},
	{
		code: "GR", label: "Greece", share: 0.01, forms: []string{"S.A.", ""}, tld: "gr", street: "%[2]s %[1]d", postal: "999 99", phones: []string{"+30210nxxxxxx"},
	},
}

// fill replaces the digits and letters of a pattern.
func fill(r *rand.Rand, pattern string) string {
	b := []byte(pattern)
	for i, c := range b {
		switch c {
		case '9':
			b[i] = byte('0' + r.IntN(10))
		case 'A':
			b[i] = "ABCDEFGHJKLMNPRSTUVWXY"[r.IntN(22)]
		}
	}
	return string(b)
}

// dial makes a telephone number: an n in the pattern becomes a digit from 2 to 8, an x any digit.
func dial(r *rand.Rand, c *country) string {
	b := []byte(c.phones[r.IntN(len(c.phones))])
	for i, p := range b {
		switch p {
		case 'x':
			b[i] = byte('0' + r.IntN(10))
		case 'n':
			b[i] = byte('2' + r.IntN(7))
		}
	}
	return string(b)
}
