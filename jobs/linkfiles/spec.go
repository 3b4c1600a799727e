package linkfiles

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/crmsync/crmsync/schemas"
)

// ErrSpec says that a specification cannot be used; the error names the line and what is wrong.
var ErrSpec = errors.New("unusable specification")

// Spec says how to link files.
type Spec struct {
	Entity      string           // person or company
	Left, Right Side             // Right is not used for duplicates
	Threshold   float64          // least probability of a link; 0 for the default
	Review      float64          // least probability of a pair worth a look; 0 for the default
	Margin      *float64         // bits that a link must be ahead of the next candidate; nil for the default
	Blocking    [][]schemas.Role // rules in the place of the shipped ones
	Model       string           // file, relative to the specification
	Country     string           // of telephone numbers that do not say theirs, ISO alpha-2
}

// Side says which columns of a file have which role. The values of several columns of one role are joined by a space.
type Side struct {
	ID      string
	Columns map[schemas.Role][]string
}

// usualThreshold is the threshold of a specification that names none: the linkage's default.
const usualThreshold = 0.9

// roles are the roles that a specification may name.
var roles = []schemas.Role{
	schemas.GivenName, schemas.Surname, schemas.FullName, schemas.Company, schemas.OtherNames, schemas.PastCompanies, schemas.Email, schemas.Phone,
	schemas.Website, schemas.Ticker, schemas.Street, schemas.City, schemas.State, schemas.PostalCode, schemas.Country, schemas.Lat, schemas.Lng,
	schemas.Title, schemas.Industry, schemas.Employees, schemas.Day, schemas.Code, schemas.Text,
}

// compared are roles whose values are near or far rather than equal, so that a blocking rule can make nothing of them.
var compared = []schemas.Role{schemas.Lat, schemas.Lng, schemas.Title, schemas.Industry, schemas.Employees, schemas.OtherNames, schemas.PastCompanies}

// ReadSpec reads a specification. alone says that only its left side is used.
func ReadSpec(path string, alone bool) (*Spec, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSpec, err)
	}
	s, err := ParseSpec(data, alone)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if s.Model != "" && !filepath.IsAbs(s.Model) {
		s.Model = filepath.Join(filepath.Dir(path), s.Model)
	}
	return s, nil
}

// ParseSpec reads a specification from YAML. Its error lists every mistake, each with its line.
func ParseSpec(data []byte, alone bool) (*Spec, error) {
	p := &parser{}
	s := p.spec(data, alone)
	if err := errors.Join(p.errs...); err != nil {
		return nil, err
	}
	return s, nil
}

// has reports whether the side has values of the role, given or made of others: full names are split and joined.
func (s Side) has(role schemas.Role) bool {
	given, family, full := s.Columns[schemas.GivenName] != nil, s.Columns[schemas.Surname] != nil, s.Columns[schemas.FullName] != nil
	switch role {
	case schemas.GivenName:
		return given || full
	case schemas.Surname:
		return family || full
	case schemas.FullName:
		return full || given && family
	}
	return s.Columns[role] != nil
}

// meets reports whether some role of the side can be compared with one of the other.
func (s Side) meets(other Side) bool {
	return slices.ContainsFunc(roles, func(r schemas.Role) bool { return s.has(r) && other.has(r) })
}
