package feature

import (
	"slices"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/block"
	"github.com/crmsync/crmsync/stages/match/record"
)

// Level is one possible outcome of a comparison, with the shipped defaults of its probabilities.
type Level struct {
	Name string
	// M and U are the default probabilities of the level among matches and among other pairs, both sides known. Both need not add
	// up to 1 over the levels; they are scaled.
	M, U float64
	// Agrees marks the levels that count as agreement for the comparisons that depend on this one.
	Agrees bool
	// Frequency says that the weight is adjusted by how common the value agreed on is.
	Frequency bool
}

// Comparison is one aspect of two records.
type Comparison struct {
	Name   string
	Levels []Level // Levels[0] is missing
	// Ordered says that a level never weighs less than the ones after it, however few pairs it was seen on.
	Ordered bool
	// Parent names the comparison that this one depends on among pairs that are no match (colleagues share company and city), or
	// is empty. Parents come before their children.
	Parent string

	left   []uint32 // codes of the left rows
	at     int      // position of the codes of the right rows
	kernel kernel
	// group numbers the values of a side (0 left, 1 right) so that equal ones agree.
	group func(side int, code uint32) uint32
	// surprise is log2 of the usual share over the share of the value agreed on, among records of the right row's country where the
	// share is larger there.
	surprise func(l, r uint32, level uint8, country word) float64
}

// Surprise returns how much rarer than usual the value is on which the pair agrees, in bits: log2 of the chance that a row taken
// at random bears the value of a left row, on average over the left rows, over that chance for this value. It is 0 when the level
// knows no such value. (Splink's term-frequency adjustment takes the level's u for the average; the average chance is the same
// thing where agreement by chance is independent, and stays right where it is not, as among colleagues.)
func (s *Set) Surprise(comparison, l, r int, level uint8) float64 {
	c := s.Comparisons[comparison]
	if level == 0 || c.surprise == nil || !c.Levels[level].Frequency {
		return 0
	}
	country := word(0)
	if s.place >= 0 {
		country = s.places.values[s.rows[r*s.width+s.place]].country
	}
	return c.surprise(c.left[l], s.code(c, r), level, country)
}

// RightSample returns right rows drawn at random.
func (s *Set) RightSample() []uint32 { return s.sample }

// Pattern returns the levels of one pair.
func (s *Set) Pattern(l, r int) Pattern { return s.NewBatch().Compare(l, []uint32{uint32(r)})[0] }

// Grouped returns functions that number, by row, the values on which two rows of the two sides agree in a comparison that others
// depend on, 0 for none; nil when the comparison is of another kind.
func (s *Set) Grouped(comparison int) (left, right func(row int) uint32) {
	c := s.Comparisons[comparison]
	if c.group == nil {
		return nil, nil
	}
	return func(row int) uint32 { return c.group(0, c.left[row]) }, func(row int) uint32 { return c.group(1, s.code(c, row)) }
}

// Order returns the left rows in an order in which neighbours are alike, so that what one fetches from memory the next finds in the
// cache. Results do not depend on it.
func (s *Set) Order() []int {
	order := make([]int, s.Left.Len())
	at := max(s.Index("surname"), s.Index("name"))
	if at < 0 {
		for row := range order {
			order[row] = row
		}
		return order
	}
	codes := s.Comparisons[at].left
	if len(codes) == 0 {
		return order
	}
	starts := make([]int, slices.Max(codes)+2)
	for _, c := range codes {
		starts[c+1]++
	}
	for c := 1; c < len(starts); c++ {
		starts[c] += starts[c-1]
	}
	for row, c := range codes {
		order[starts[c]] = row
		starts[c]++
	}
	return order
}

// code returns the code of a right row.
func (s *Set) code(c *Comparison, r int) uint32 { return s.rows[r*s.width+c.at] }

// Set is everything needed to compare the rows of a table with a directory.
type Set struct {
	Entity      string // person or company
	Left, Right *record.Table
	Comparisons []*Comparison
	Rules       []block.Rule // their left side
	Blocks      *block.Index // of the right side
	// Required lists comparisons of which at least one must agree for a link, such as the two parts of a name. Both hold
	// where companies are compared: where nothing is known of them there are no colleagues, and the weight decides.
	Required []string
	// Identity lists comparisons that a link must not contradict, such as the parts of a name, unless one of Proof agrees: colleagues
	// share a company, a city and, often enough, a given name. Such a pair is for a person to decide.
	Identity, Proof []string

	sample []uint32 // see Directory
	rows   []uint32
	width  int
	place  int // position of the codes of places, -1 without
	places *column[location]
	swap   *swapped
	usual  Usual
	// employed says that companies are compared.
	employed bool
}

// Contradicts reports whether a comparison of Identity differs and none of Proof agrees.
func (s *Set) Contradicts(p Pattern) bool {
	differs := false
	for i, c := range s.Comparisons {
		l := c.Levels[p.Level(i)]
		if slices.Contains(s.Proof, c.Name) && l.Agrees {
			return false
		}
		differs = differs || slices.Contains(s.Identity, c.Name) && (l.Name == Differs || l.Name == OtherGeneration)
	}
	return differs
}

// Options are what a set needs to know besides the tables.
type Options struct {
	// Country is the country (ISO alpha-2) of telephone numbers that do not say theirs. Default US.
	Country string
	// Workers is how many goroutines normalise. Default 1.
	Workers int
	// BlockLimit is the size at which blocks are split. Default DefaultBlockLimit.
	BlockLimit int
	// Rules are blocking rules in the place of the shipped ones: rows that agree on all roles of a rule are candidates.
	Rules [][]schemas.Role
	// Shape, when set, is that of another set, which this one must have too.
	Shape *Shape
}

// Shape is what a set compares, as far as it depends on the values of its left rows: two sets of one directory and one shape give
// one pair the same pattern.
type Shape struct {
	Comparisons []string `json:"comparisons"`
	Employed    bool     `json:"employed"` // companies are known, so there are colleagues
}

// Shape returns the shape of the set.
func (s *Set) Shape() *Shape {
	shape := &Shape{Employed: s.employed}
	for _, c := range s.Comparisons {
		shape.Comparisons = append(shape.Comparisons, c.Name)
	}
	return shape
}

// Shaped reports whether the set has the shape that it was asked to have. It has not when its left rows have values that those of
// the other set lacked.
func (s *Set) Shaped(shape *Shape) bool {
	return slices.Equal(shape.Comparisons, s.Shape().Comparisons) && shape.Employed == s.employed
}

// DefaultBlockLimit is Options.BlockLimit when that is 0.
const DefaultBlockLimit = 50

const missing = "missing"

// Differs is the level of values that have nothing to do with each other.
const Differs = "differs"

// OtherGeneration is the level of one name of two people: a junior's and a senior's.
const OtherGeneration = "other generation"

// Entities.
const (
	Person  = "person"
	Company = "company"
)

// New makes the set that compares a table with another one.
func New(entity string, left, right *record.Table, o Options) *Set {
	return Prepare(entity, useful(entity, left, right), o).Compare(left, o)
}

// useful returns the right table without the columns that the left one has no use for.
func useful(entity string, left, right *record.Table) *record.Table {
	kin := [][]schemas.Role{
		// How common a name is depends on the country.
		{schemas.GivenName, schemas.Surname, schemas.FullName, schemas.City, schemas.State, schemas.Country, schemas.Lat, schemas.Lng},
		{schemas.Company, schemas.OtherNames, schemas.PastCompanies, schemas.CompanyKey, schemas.Website, schemas.Email},
	}
	if entity == Company {
		kin = [][]schemas.Role{
			{schemas.Company, schemas.OtherNames},
			{schemas.City, schemas.State, schemas.Country, schemas.Lat, schemas.Lng},
		}
	}
	var unused []schemas.Role
	for _, role := range Roles(entity) {
		used := left.Column(role) != nil
		for _, group := range kin {
			if slices.Contains(group, role) {
				used = used || slices.ContainsFunc(group, func(r schemas.Role) bool { return left.Column(r) != nil })
			}
		}
		if !used {
			unused = append(unused, role)
		}
	}
	return right.Without(unused...)
}

// Roles are the roles that a set of the entity looks at.
func Roles(entity string) []schemas.Role {
	common := []schemas.Role{
		schemas.Company, schemas.Website, schemas.Phone, schemas.Street, schemas.City, schemas.State, schemas.PostalCode, schemas.Country,
		schemas.Lat, schemas.Lng, schemas.Day, schemas.Code, schemas.Text,
	}
	if entity == Company {
		return append(common, schemas.OtherNames, schemas.Ticker, schemas.Industry, schemas.Employees)
	}
	return append(common, schemas.GivenName, schemas.Surname, schemas.FullName, schemas.PastCompanies, schemas.CompanyKey, schemas.Email, schemas.Title)
}

// Index returns the position of a comparison, or -1.
func (s *Set) Index(name string) int {
	for i, c := range s.Comparisons {
		if c.Name == name {
			return i
		}
	}
	return -1
}
