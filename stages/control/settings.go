package control

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/agnivade/levenshtein"
	"github.com/jackc/pgx/v5"

	"github.com/crmsync/crmsync/pipeline/postgres"
	"github.com/crmsync/crmsync/schemas"
)

// Value is a setting in force.
type Value struct {
	schemas.Setting
	// Value is a bool, int64, string or []string, by the setting's type.
	Value any
	// IsSet tells a value that somebody set from the default.
	IsSet     bool
	ChangedBy string
	ChangedAt time.Time
}

// Change is an entry of the settings' audit (R42). From and To are JSON; empty means that the default was or is in force.
type Change struct {
	Key      string
	From, To string
	By       string
	At       time.Time
}

// ErrActor says that a change does not say who makes it.
var ErrActor = errors.New("a change needs the name of who makes it")

// setting finds a setting; the error for an unknown key names the nearest known one.
func setting(key string) (schemas.Setting, error) {
	s, err := schemas.SettingByKey(key)
	if err == nil {
		return s, nil
	}
	nearest, least := "", len(key)
	for _, known := range schemas.AllSettings {
		if d := levenshtein.ComputeDistance(strings.ToLower(key), known.Key); d < least {
			nearest, least = known.Key, d
		}
	}
	if nearest == "" {
		return s, err
	}
	return s, fmt.Errorf("%w; did you mean %s?", err, nearest)
}

// List returns every setting in force, in the order of schemas.AllSettings.
func List(ctx context.Context, db *postgres.DB, contract string) ([]Value, error) {
	return list(ctx, db, contract)
}

func list(ctx context.Context, q querier, contract string) ([]Value, error) {
	rows, err := q.Query(ctx, `SELECT key, value::text, changed_by, changed_at FROM crmsync.settings WHERE contract = $1`, contract)
	if err != nil {
		return nil, fmt.Errorf("list settings of %s: %w", contract, err)
	}
	set := map[string]Value{}
	var key, text, by string
	var at time.Time
	if _, err := pgx.ForEachRow(rows, []any{&key, &text, &by, &at}, func() error {
		s, err := schemas.SettingByKey(key)
		if err != nil {
			return nil // set by another version of the program, which still knows it
		}
		v, err := s.Parse(text)
		if err != nil {
			return err
		}
		set[key] = Value{s, v, true, by, at}
		return nil
	}); err != nil {
		return nil, fmt.Errorf("list settings of %s: %w", contract, err)
	}
	all := make([]Value, len(schemas.AllSettings))
	for i, s := range schemas.AllSettings {
		v, ok := set[s.Key]
		if !ok {
			v = Value{Setting: s, Value: s.Default}
		}
		all[i] = v
	}
	return all, nil
}

// Get returns one setting in force.
func Get(ctx context.Context, db *postgres.DB, contract, key string) (Value, error) {
	if _, err := setting(key); err != nil {
		return Value{}, err
	}
	all, err := List(ctx, db, contract)
	if err != nil {
		return Value{}, err
	}
	for _, v := range all {
		if v.Key == key {
			return v, nil
		}
	}
	return Value{}, fmt.Errorf("%q: %w", key, schemas.ErrUnknownSetting)
}

// Values returns the settings in force for programs.
func Values(ctx context.Context, db *postgres.DB, contract string) (schemas.SettingValues, error) {
	all, err := List(ctx, db, contract)
	if err != nil {
		return nil, err
	}
	values := schemas.SettingValues{}
	for _, v := range all {
		values[v.Key] = v.Value
	}
	return values, nil
}

// Set gives a setting a value as people type it (see schemas.Setting.ParseText) and audits the change. Setting the value that is
// set already changes nothing.
func Set(ctx context.Context, db *postgres.DB, contract, by, key, text string) error {
	w, err := Want(key, text)
	if err != nil {
		return err
	}
	_, err = Import(ctx, db, contract, by, []Wanted{w}, false)
	return err
}

// Reset puts a setting's default in force and audits the change.
func Reset(ctx context.Context, db *postgres.DB, contract, by, key string) error {
	w, err := WantDefault(key)
	if err != nil {
		return err
	}
	_, err = Import(ctx, db, contract, by, []Wanted{w}, false)
	return err
}

// History returns the changes of a setting, or of all when the key is empty, newest first.
func History(ctx context.Context, db *postgres.DB, contract, key string) ([]Change, error) {
	if key != "" {
		if _, err := setting(key); err != nil {
			return nil, err
		}
	}
	rows, err := db.Query(ctx, `SELECT key, coalesce(from_value::text, '') AS from, coalesce(to_value::text, '') AS to, changed_by AS by, changed_at AS at
		FROM crmsync.settings_audit WHERE contract = $1 AND ($2 = '' OR key = $2) ORDER BY id DESC`, contract, key)
	if err != nil {
		return nil, fmt.Errorf("history of settings of %s: %w", contract, err)
	}
	changes, err := pgx.CollectRows(rows, pgx.RowToStructByName[Change])
	if err != nil {
		return nil, fmt.Errorf("history of settings of %s: %w", contract, err)
	}
	return changes, nil
}

// change runs a transaction whose changes the audit ascribes to somebody.
func change(ctx context.Context, db *postgres.DB, by string, do func(tx pgx.Tx) error) error {
	if strings.TrimSpace(by) == "" {
		return ErrActor
	}
	return pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT set_config('crmsync.actor', $1, true)`, by); err != nil {
			return err
		}
		return do(tx)
	})
}
