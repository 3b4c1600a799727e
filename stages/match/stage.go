package match

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/feature"
	"github.com/crmsync/crmsync/stages/match/linkage"
	"github.com/crmsync/crmsync/stages/match/weigh"
)

// ModelFile is the name of the file with the model that a run used, kept with the run.
const ModelFile = "match-model.json"

// Stage matches CRM records to the directory. The zero value of a field means the default of linkage.Config.
type Stage struct {
	Threshold  float64 // least probability of a link
	Review     float64 // least probability of a pair worth a look
	Margin     float64 // bits that a link must be ahead of the next free candidate
	BlockLimit int     // size at which blocks are refined
	Country    string  // country of telephone numbers that do not say theirs (ISO alpha-2)
	// Model, when set, is used as it is; otherwise one is trained on the contract's data.
	Model *Model
	// Retrain is the share of records scored anew since a model was trained after which another one is, and every record is scored by
	// it; 0 does so in every run.
	Retrain float64
}

// Model holds the models of both entities. Its JSON is the versioned model file.
type Model struct {
	Company *weigh.Model `json:"company"`
	Person  *weigh.Model `json:"person"`
}

// Fingerprint identifies the parameters of both models.
func (m *Model) Fingerprint() string {
	sum := sha256.Sum256([]byte(m.Company.Fingerprint() + m.Person.Fingerprint()))
	return hex.EncodeToString(sum[:8])
}

// ReadModel reads a model file.
func ReadModel(data []byte) (*Model, error) {
	var file struct{ Company, Person json.RawMessage }
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("read model file: %w: %w", weigh.ErrModel, err)
	}
	company, err := weigh.Read(file.Company)
	if err != nil {
		return nil, fmt.Errorf("company: %w", err)
	}
	person, err := weigh.Read(file.Person)
	if err != nil {
		return nil, fmt.Errorf("person: %w", err)
	}
	return &Model{company, person}, nil
}

// Name is the stage's name.
func (*Stage) Name() string { return "match" }

// Reads lists what the stage reads.
func (*Stage) Reads() []*schemas.Dataset {
	return []*schemas.Dataset{schemas.Account, schemas.Contact, schemas.Lead, schemas.Companies, schemas.People, schemas.Decisions}
}

// Writes lists what the stage publishes.
func (*Stage) Writes() []*schemas.Dataset {
	return []*schemas.Dataset{schemas.Links, schemas.MatchRates, schemas.MatchScores}
}

// Run matches accounts, then contacts and leads, and publishes what became of them.
func (s *Stage) Run(ctx context.Context, run *pipeline.Run) error {
	hand, err := readDecisions(ctx, run)
	if err != nil {
		return err
	}
	out := &output{}
	companies, err := s.matchCompanies(ctx, run, hand, out)
	if err != nil {
		return fmt.Errorf("match accounts: %w", err)
	}
	person, err := s.matchPeople(ctx, run, hand, companies, out)
	if err != nil {
		return fmt.Errorf("match contacts and leads: %w", err)
	}
	model := &Model{companies.model, person}
	data, err := json.MarshalIndent(model, "", " ")
	if err != nil {
		return fmt.Errorf("encode model: %w", err)
	}
	if err := run.SaveFile(ModelFile, data); err != nil {
		return err
	}
	return out.publish(ctx, run)
}

// config is the linkage's configuration for an entity.
func (s *Stage) config(run *pipeline.Run, entity string, task pipeline.Task) linkage.Config {
	c := linkage.Config{
		Entity: entity, Threshold: s.Threshold, Review: s.Review, Margin: s.Margin, BlockLimit: s.BlockLimit, Country: s.Country,
		Workers: max(1, run.Workers), Retrain: s.Retrain, Progress: func(n int) { task.Add(int64(n)) },
	}
	if s.Model != nil {
		c.Model = s.Model.Person
		if entity == feature.Company {
			c.Model = s.Model.Company
		}
	}
	return c
}
