package match

import (
	"cmp"
	"fmt"
	"os"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/feature"
	"github.com/crmsync/crmsync/stages/match/record"
	"github.com/crmsync/crmsync/stages/match/weigh"
)

// LoadModel reads a model file and checks that this program can weigh by it, so that a run does not find out after an hour. Errors
// name the file and wrap weigh.ErrModel when its content is at fault.
func LoadModel(path string) (*Model, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read model file: %w", err)
	}
	m, err := ReadModel(data)
	if err == nil {
		err = m.Check()
	}
	if err != nil {
		return nil, fmt.Errorf("model file %s: %w", path, err)
	}
	return m, nil
}

// Check reports whether the models are for the comparisons and levels that this program makes.
func (m *Model) Check() error {
	for _, c := range []struct {
		entity string
		model  *weigh.Model
	}{{feature.Company, m.Company}, {feature.Person, m.Person}} {
		if err := checkModel(c.entity, c.model); err != nil {
			return fmt.Errorf("%s: %w", c.entity, err)
		}
	}
	return nil
}

// samples are values that comparisons can read; a set leaves out comparisons without values.
var samples = map[schemas.Role]string{
	schemas.Email: "a@example.com", schemas.Website: "example.com", schemas.Phone: "+1 650 253 0000", schemas.Employees: "10", schemas.Day: "1999-12-31",
}

// checkModel ties a model to a set of one record a side that has every role.
func checkModel(entity string, m *weigh.Model) error {
	roles := feature.Roles(entity)
	b := record.NewBuilder(roles...)
	if err := b.Row("sample"); err != nil {
		return err
	}
	for i, role := range roles {
		b.Set(i, cmp.Or(samples[role], "sample"))
	}
	t := b.Table()
	set := feature.New(entity, t, t, feature.Options{})
	if _, err := weigh.NewScorer(set, m); err != nil {
		return err
	}
	for _, c := range m.Comparisons {
		if set.Index(c.Name) < 0 {
			return fmt.Errorf("model has a comparison %q, which there is not: %w", c.Name, weigh.ErrModel)
		}
	}
	return nil
}
