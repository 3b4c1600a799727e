package feature

import (
	"cmp"
	"maps"
	"slices"

	"github.com/sourcegraph/conc"
	"github.com/sourcegraph/conc/pool"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/arrays"
	"github.com/crmsync/crmsync/stages/match/block"
	"github.com/crmsync/crmsync/stages/match/normalise"
	"github.com/crmsync/crmsync/stages/match/record"
)

// Directory is the right side, prepared: normalised columns, and how common their values are. It does not change, and knows
// nothing of a left side.
type Directory struct {
	Entity string
	Table  *record.Table // its ids
	words  vocabulary
	columns
	lexicon *lexicon
	names   shareTable
	cities  shares
	// rows holds the codes of each row, one row after the other, of the comparisons named in order.
	rows    []uint32
	order   []string
	index   *block.Index
	country string   // see Options
	sample  []uint32 // rows drawn at random
	// Rules are the blocking rules that were given, nil for the shipped ones.
	Rules [][]schemas.Role
	// Digest identifies the file that the directory was read from, "" for one that was not.
	Digest string
}

// Country is the country of telephone numbers that do not say theirs, "" for the default.
func (d *Directory) Country() string { return d.country }

// sampled is how many rows of a directory stand for all of them where chance agreements are counted.
const sampled = 1 << 15

// vocabulary numbers the words of names, of companies and domains, and all others.
type vocabulary struct{ names, companies, texts *words }

func (v vocabulary) over() vocabulary {
	return vocabulary{v.names.over(), v.companies.over(), v.texts.over()}
}

// columns are the derived columns of one side. Those that an entity does not have are empty.
type columns struct {
	given    *column[givenValue]
	family   *column[familyValue]
	employer *column[employer]
	title    *column[job]
	place    *column[location]
	postal   *column[token]
	street   *column[address]
	email    *column[list]
	phone    *column[list]
	site     *column[list]
	ticker   *column[token]
	industry *column[phrase]
	size     *column[float64]
	date     *column[day]
	code     *column[token]
	text     *column[text]
}

// readColumns normalises a table. Columns whose words are numbered together are made in a fixed order, the others side by side.
func readColumns(entity string, t *record.Table, w vocabulary, o Options) columns {
	var c columns
	person := entity == Person
	only := func(wanted bool) *record.Table {
		if wanted {
			return t
		}
		return t.Without(Roles(entity)...)
	}
	named := only(person)
	if person {
		named = completeNames(t)
	}
	p := pool.New().WithMaxGoroutines(max(1, o.Workers))
	p.Go(func() {
		c.given = givenColumn(named, w.names, o.Workers)
		c.family = familyColumn(named, w.names, o.Workers)
	})
	p.Go(func() {
		roles := []schemas.Role{schemas.Company, schemas.OtherNames}
		if person {
			roles = []schemas.Role{schemas.Company, schemas.PastCompanies, schemas.CompanyKey, schemas.Website, schemas.Email}
		}
		c.employer = employerColumn(t, w.companies, o.Workers, roles...)
	})
	p.Go(func() {
		c.place = placeColumn(t, w.texts, o.Workers)
		c.postal = postalColumn(t, w.texts, o.Workers)
		c.street = streetColumn(t, w.texts, o.Workers)
		c.phone = phoneColumn(t, w.texts, o)
		c.email = emailColumn(named, w.texts, o.Workers)
		c.title = titleColumn(only(person), w.texts, o.Workers)
		c.site = siteColumn(only(!person), w.texts, o.Workers)
		c.ticker = tokenColumn(only(!person), w.texts, o.Workers, func(args []string) string { return normalise.Ticker(args[0]) }, schemas.Ticker)
		c.industry = industryColumn(only(!person), w.texts, o.Workers)
		c.size = sizeColumn(only(!person), o.Workers)
		c.date = dateColumn(t, w.texts, o.Workers)
		c.code = tokenColumn(t, w.texts, o.Workers, func(args []string) string { return readCode(args[0]) }, schemas.Code)
		c.text = textColumn(t, w.texts, o.Workers)
	})
	p.Wait()
	return c
}

// Prepare makes a directory of a table.
func Prepare(entity string, t *record.Table, o Options) *Directory {
	d := &Directory{Entity: entity, Table: t, words: vocabulary{newWords(), newWords(), newWords()}, country: o.Country, Rules: o.Rules}
	d.columns = readColumns(entity, t, d.words, o)
	d.lexicon = newLexicon(d.words.companies, d.employer, entity == Company)
	d.lexicon.finish(d.words.companies, d.employer)
	p := pool.New().WithMaxGoroutines(max(1, o.Workers))
	p.Go(func() {
		d.names = shareNames(d.words.names, d.given, d.family, d.place)
		d.cities = shareCities(d.words.texts, d.place)
		d.pack()
	})
	p.Go(func() {
		// The rules are asked for the right side's keys only, so either side will do for the left.
		limit := cmp.Or(o.BlockLimit, DefaultBlockLimit)
		d.index = block.Build(t.Len(), rules(entity, &d.columns, &d.columns, d.words, o.Rules), limit, max(1, o.Workers), func(row int) uint64 { return block.Text(t.ID(row)) })
	})
	p.Go(func() { d.sample = t.Drawn(sampled) })
	p.Wait()
	d.columns.each(func(_ string, c packable) { c.forget() })
	return d
}

// packable is a column whatever its values.
type packable interface {
	rowCodes() []uint32
	forget()
	save(w *arrays.Writer, name string)
	load(f *arrays.File, name string) error
}

// each calls fn for every column with the name of its comparison.
func (c *columns) each(fn func(name string, c packable)) {
	fn("given_name", c.given)
	fn("surname", c.family)
	fn("company", c.employer)
	fn("title", c.title)
	fn("place", c.place)
	fn("postal_code", c.postal)
	fn("street", c.street)
	fn("email", c.email)
	fn("phone", c.phone)
	fn("website", c.site)
	fn("ticker", c.ticker)
	fn("industry", c.industry)
	fn("employees", c.size)
	fn("date", c.date)
	fn("code", c.code)
	fn("text", c.text)
}

// pack puts the codes of each row side by side.
func (d *Directory) pack() {
	var codes [][]uint32
	d.columns.each(func(name string, c packable) {
		if list := c.rowCodes(); list != nil {
			d.order, codes = append(d.order, name), append(codes, list)
		}
	})
	width := len(codes)
	d.rows = arrays.Make[uint32](width * d.Table.Len())
	for c, list := range codes {
		for row, code := range list {
			d.rows[row*width+c] = code
		}
	}
}

// Compare makes the set that compares a table with the directory. The directory's country holds for both sides.
func (d *Directory) Compare(left *record.Table, o Options) *Set {
	o.Country = d.country
	s := &Set{Entity: d.Entity, Left: left, Right: d.Table, Blocks: d.index, sample: d.sample, rows: d.rows, width: len(d.order), place: slices.Index(d.order, "place"), places: d.place, usual: Usual{}}
	w := d.words.over()
	l, r := readColumns(d.Entity, left, w, o), d.columns
	// Companies take as long as all the others.
	var company *Comparison
	var beside conc.WaitGroup
	usual := Usual{}
	beside.Go(func() {
		k := newCompanies(w.companies, d.lexicon, l.employer, r.employer)
		if d.Entity == Company {
			company = nameComparison(k, usual)
		} else {
			company = employerComparison(k, usual)
		}
	})
	parent := "company"
	if d.Entity == Company {
		parent = ""
	} else {
		nameComparisons(s, w.names, d.names, [2]*column[givenValue]{l.given, r.given}, [2]*column[familyValue]{l.family, r.family})
	}
	place := placeComparison(w.texts, l.place, r.place, d.cities, parent, s.usual)
	beside.Wait()
	maps.Copy(s.usual, usual)
	if d.Entity == Company {
		s.Required = []string{"name", "website"}
		s.Comparisons = []*Comparison{
			company, siteComparison(w.texts, l.site, r.site), place, postalComparison(w.texts, l.postal, r.postal, s.usual),
			streetComparison(w.texts, l.street, r.street), phoneComparison(l.phone, r.phone, ""), tickerComparison(l.ticker, r.ticker),
			industryComparison(l.industry, r.industry), sizeComparison(l.size, r.size),
		}
	} else {
		s.employed = slices.Contains(d.order, "company") && (l.employer.codes != nil || o.Shape != nil && o.Shape.Employed)
		if s.employed {
			s.Required = []string{"given_name", "surname"}
			s.Identity, s.Proof = []string{"given_name", "surname"}, []string{"email", "phone", "date", "code"}
		}
		s.Comparisons = append(s.Comparisons,
			company, titleComparison(l.title, r.title), place, postalComparison(w.texts, l.postal, r.postal, s.usual),
			streetComparison(w.texts, l.street, r.street), emailComparison(l.email, r.email), phoneComparison(l.phone, r.phone, "company"))
	}
	s.Comparisons = append(s.Comparisons,
		dateComparison(w.texts, l.date, r.date), codeComparison(w.texts, l.code, r.code), textComparison(w.texts, l.text, r.text))
	s.drop(d.order, o.Shape)
	s.Rules = rules(d.Entity, &l, &l, w, o.Rules)
	return s
}

// drop leaves out the comparisons of which one side never has a value, unless the shape asks for them, and the dependence on them.
func (s *Set) drop(order []string, shape *Shape) {
	kept := s.Comparisons[:0]
	for _, c := range s.Comparisons {
		from := c.Name
		if from == "name" {
			from = "company"
		}
		c.at = slices.Index(order, from)
		if c.left == nil && shape != nil && slices.Contains(shape.Comparisons, c.Name) {
			c.left = make([]uint32, s.Left.Len())
		}
		if c.at >= 0 && c.left != nil {
			kept = append(kept, c)
		}
	}
	s.Comparisons = kept
	for _, c := range kept {
		if s.Index(c.Parent) < 0 {
			c.Parent = ""
		}
	}
	if s.swap != nil {
		s.swap.given, s.swap.surname = s.Index("given_name"), s.Index("surname")
		if s.swap.given < 0 || s.swap.surname < 0 {
			s.swap = nil
		}
	}
}
