package jobs

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/jackc/pgx/v5"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/postgres"
)

// Remains is what is left of a contract after an erasure: rows by table, and files. All zero proves that nothing is.
type Remains struct {
	Rows  map[string]int64 `json:"rows"`
	Files int              `json:"files"`
}

// None reports whether nothing is left.
func (r Remains) None() bool {
	for _, n := range r.Rows {
		if n > 0 {
			return false
		}
	}
	return r.Files == 0
}

// Erase removes every trace of a contract (R38): the rows of all tables, snapshots, manifests and whatever else its folder holds. It
// takes all of the contract's locks, so that no job works meanwhile, and returns what it then still finds.
func Erase(ctx context.Context, db *postgres.DB, home pipeline.Home, contract string) (r Remains, err error) {
	for _, name := range []string{SyncName, WritebackName, BackfillName} {
		lock, err := home.TryLock(name, "disconnect")
		if err != nil {
			return r, err
		}
		defer func() { err = errors.Join(err, lock.Unlock()) }()
	}
	// Rows go in one transaction; a kill before the files are gone leaves the folder, and the next call removes it.
	if _, err := db.Exec(ctx, `SELECT crmsync.erase_contract($1)`, contract); err != nil {
		return r, fmt.Errorf("erase the rows of %s: %w", contract, err)
	}
	if err := os.RemoveAll(home.Dir); err != nil {
		return r, fmt.Errorf("erase the files of %s: %w", contract, err)
	}
	return Find(ctx, db, home, contract)
}

// Find counts what there is of a contract.
func Find(ctx context.Context, db *postgres.DB, home pipeline.Home, contract string) (Remains, error) {
	r := Remains{Rows: map[string]int64{}}
	found, err := db.Query(ctx, `SELECT relation, number FROM crmsync.rows_of_contract($1)`, contract)
	if err == nil {
		var table string
		var n int64
		_, err = pgx.ForEachRow(found, []any{&table, &n}, func() error { r.Rows[table] = n; return nil })
	}
	if err != nil {
		return r, fmt.Errorf("count the rows of %s: %w", contract, err)
	}
	entries, err := os.ReadDir(home.Dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return r, fmt.Errorf("look for files of %s: %w", contract, err)
	}
	r.Files = len(entries)
	return r, nil
}
