package feature

import (
	"math"
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

	left, right []uint32
	kernel      func(l, r uint32) uint8
	share       func(l, r uint32, level uint8) (share, usual float64)
	costly      bool
}

// Level returns the level of a pair of rows.
func (c *Comparison) Level(l, r int) uint8 {
	if c.left[l] == 0 || c.right[r] == 0 {
		return 0
	}
	return c.kernel(c.left[l], c.right[r])
}

// Surprise returns how much rarer than usual the value is on which the pair agrees, in bits: log2 of the chance that a row taken
// at random bears the value of a left row, on average over the left rows, over that chance for this value. It is 0 when the level
// knows no such value. (Splink's term-frequency adjustment takes the level's u for the average; the average chance is the same
// thing where agreement by chance is independent, and stays right where it is not, as among colleagues.)
func (c *Comparison) Surprise(l, r int, level uint8) float64 {
	if level == 0 || c.share == nil || !c.Levels[level].Frequency {
		return 0
	}
	share, usual := c.share(c.left[l], c.right[r], level)
	if share <= 0 || usual <= 0 {
		return 0
	}
	return math.Log2(usual / share)
}

// Set is everything needed to compare the rows of two tables.
type Set struct {
	Entity      string // person or company
	Left, Right *record.Table
	Comparisons []*Comparison
	Rules       []block.Rule
	// Required lists comparisons of which at least one must agree for a link, such as the two parts of a name.
	Required []string
	// Identity lists comparisons that a link must not contradict, such as the parts of a name, unless one of Proof agrees: colleagues
	// share a company, a city and, often enough, a given name. Such a pair is for a person to decide.
	Identity, Proof []string

	swap *swapped
}

// Contradicts reports whether a comparison of Identity differs and none of Proof agrees. level gives the level of a comparison.
func (s *Set) Contradicts(level func(c int) uint8) bool {
	differs := false
	for i, c := range s.Comparisons {
		l := c.Levels[level(i)]
		if slices.Contains(s.Proof, c.Name) && l.Agrees {
			return false
		}
		differs = differs || slices.Contains(s.Identity, c.Name) && l.Name == Differs
	}
	return differs
}

// Options are what a set needs to know besides the tables.
type Options struct {
	// Country is the country (ISO alpha-2) of telephone numbers that do not say theirs. Default US.
	Country string
	// Workers is how many goroutines normalise. Default 1.
	Workers int
}

const missing = "missing"

// Differs is the level of values that have nothing to do with each other.
const Differs = "differs"

// Entities.
const (
	Person  = "person"
	Company = "company"
)

// New makes the set of an entity.
func New(entity string, left, right *record.Table, o Options) *Set {
	if entity == Company {
		return Companies(left, right, o)
	}
	return People(left, right, o)
}

// Roles are the roles that a set of the entity looks at.
func Roles(entity string) []schemas.Role {
	if entity == Company {
		return []schemas.Role{
			schemas.Company, schemas.OtherNames, schemas.Website, schemas.Phone, schemas.Ticker, schemas.Street, schemas.City,
			schemas.State, schemas.PostalCode, schemas.Country, schemas.Industry, schemas.Employees,
		}
	}
	return []schemas.Role{
		schemas.GivenName, schemas.Surname, schemas.FullName, schemas.Company, schemas.PastCompanies, schemas.CompanyKey, schemas.Website,
		schemas.Email, schemas.Phone, schemas.Title, schemas.Street, schemas.City, schemas.State, schemas.PostalCode, schemas.Country,
	}
}

// Missing reports whether either side of the comparison never has a value.
func (c *Comparison) Missing() bool { return c.left == nil || c.right == nil }

// Index returns the position of a comparison, or -1.
func (s *Set) Index(name string) int {
	for i, c := range s.Comparisons {
		if c.Name == name {
			return i
		}
	}
	return -1
}
