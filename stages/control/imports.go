package control

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/crmsync/crmsync/pipeline/postgres"
	"github.com/crmsync/crmsync/schemas"
)

// Difference is what an import changes, or would change. From and To are JSON; empty means that the default was or is in force.
type Difference struct {
	Key  string `json:"key"`
	From string `json:"from"`
	To   string `json:"to"`
	// RemovedRows are those of the ROI tables, when the customer withdrew the authorisation (R34).
	RemovedRows int64 `json:"removed_rows,omitempty"`
}

// authorisation is the setting without which there are no ROI reports.
const authorisation = "roi.authorised"

// Want reads a value as people type it, see schemas.Setting.ParseText.
func Want(key, text string) (Wanted, error) {
	s, err := setting(key)
	if err != nil {
		return Wanted{}, err
	}
	v, err := s.ParseText(text)
	return Wanted{s, v}, err
}

// WantDefault asks for a setting's default.
func WantDefault(key string) (Wanted, error) {
	s, err := setting(key)
	return Wanted{Setting: s}, err
}

// Import gives settings the values of a file, all of them or none, audits each change, and returns what changed in the order of
// schemas.AllSettings. A dry run changes nothing. Settings that the file does not name stay as they are.
func Import(ctx context.Context, db *postgres.DB, contract, by string, file []Wanted, dryRun bool) ([]Difference, error) {
	var all []Difference
	err := change(ctx, db, by, func(tx pgx.Tx) (err error) {
		if err := lockSettings(ctx, tx, contract); err != nil {
			return err
		}
		if all, err = differences(ctx, tx, contract, file); err != nil || dryRun {
			return err
		}
		for i := range all {
			d := &all[i]
			if err := put(ctx, tx, contract, d.Key, d.To); err != nil {
				return fmt.Errorf("%s: %w", d.Key, err)
			}
			if d.Key == authorisation && d.To != "true" {
				if err := tx.QueryRow(ctx, `SELECT crmsync.withdraw_roi($1)`, contract).Scan(&d.RemovedRows); err != nil {
					return fmt.Errorf("remove the ROI reports: %w", err)
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("change settings of %s: %w", contract, err)
	}
	return all, nil
}

// lockSettings has changes of a contract's settings follow one another, so that each is checked against all that came before.
func lockSettings(ctx context.Context, tx pgx.Tx, contract string) error {
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('crmsync.settings ' || $1, 0))`, contract)
	return err
}

// put sets a value, or puts the default in force when the value is empty.
func put(ctx context.Context, tx pgx.Tx, contract, key, value string) error {
	if value == "" {
		_, err := tx.Exec(ctx, `DELETE FROM crmsync.settings WHERE contract = $1 AND key = $2`, contract, key)
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO crmsync.settings (contract, key, value) VALUES ($1, $2, $3)
		ON CONFLICT (contract, key) DO UPDATE SET value = excluded.value`, contract, key, value)
	return err
}

// differences compares the settings in force with what is wanted, and checks that what would be in force goes together.
func differences(ctx context.Context, q querier, contract string, file []Wanted) ([]Difference, error) {
	now, err := list(ctx, q, contract)
	if err != nil {
		return nil, err
	}
	asked := map[string]any{}
	for _, w := range file {
		asked[w.Key] = w.Value
	}
	all, after := []Difference{}, schemas.SettingValues{}
	for _, v := range now {
		value, named := asked[v.Key]
		if !named {
			after[v.Key] = v.Value
			continue
		}
		d := Difference{Key: v.Key}
		if v.IsSet {
			if d.From, err = v.Format(v.Value); err != nil {
				return nil, err
			}
		}
		after[v.Key] = v.Default
		if value != nil {
			after[v.Key] = value
			if d.To, err = v.Format(value); err != nil {
				return nil, err
			}
		}
		if d.From != d.To {
			all = append(all, d)
		}
	}
	if len(all) == 0 {
		return all, nil
	}
	return all, after.Check()
}
