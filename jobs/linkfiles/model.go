package linkfiles

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/google/renameio/v2"

	"github.com/crmsync/crmsync/stages/match/weigh"
)

// readModel reads the model of one entity.
func readModel(path, entity string) (*weigh.Model, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read model: %w: %w", weigh.ErrModel, err)
	}
	m, err := weigh.Read(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if m.Entity != entity {
		return nil, fmt.Errorf("%s: it is a model of entity %q, the specification is about entity %q: %w", path, m.Entity, entity, weigh.ErrModel)
	}
	return m, nil
}

func writeModel(path string, m *weigh.Model) error {
	data, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return fmt.Errorf("encode model: %w", err)
	}
	if err := renameio.WriteFile(path, append(data, '\n'), 0o600); err != nil {
		return fmt.Errorf("write model: %w", err)
	}
	return nil
}
