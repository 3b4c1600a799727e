package autosave

import (
	"context"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

// each calls fn for every row of text columns; the texts are valid until fn returns.
func each(ctx context.Context, run *pipeline.Run, ds *schemas.Dataset, columns []string, fn func(rec arrow.Record, row int, texts []string) error) error {
	reader, err := run.Read(ctx, ds, columns...)
	if err != nil {
		return err
	}
	var at []int
	for i, name := range columns {
		if t := ds.Field(name).Type; t == schemas.String || t == schemas.JSON {
			at = append(at, i)
		}
	}
	texts, cols := make([]string, len(columns)), make([]columnar.StringColumn, len(columns))
	return columnar.Each(ctx, reader, func(rec arrow.Record) error {
		for _, i := range at {
			cols[i] = columnar.Strings(rec, columns[i])
		}
		for row := range int(rec.NumRows()) {
			for _, i := range at {
				texts[i] = cols[i].Value(row)
			}
			if err := fn(rec, row, texts); err != nil {
				return err
			}
		}
		return nil
	})
}

func readSettings(ctx context.Context, run *pipeline.Run) (schemas.SettingValues, error) {
	values := schemas.SettingValues{}
	return values, each(ctx, run, schemas.Settings, []string{"key", "value"}, func(_ arrow.Record, _ int, t []string) error {
		return values.Set(strings.Clone(t[0]), t[1])
	})
}

// readPairs reads two text columns as a map.
func readPairs(ctx context.Context, run *pipeline.Run, ds *schemas.Dataset, key, value string) (map[string]string, error) {
	pairs := map[string]string{}
	return pairs, each(ctx, run, ds, []string{key, value}, func(_ arrow.Record, _ int, t []string) error {
		pairs[strings.Clone(t[0])] = strings.Clone(t[1])
		return nil
	})
}

func readUsers(ctx context.Context, run *pipeline.Run) ([]user, error) {
	var users []user
	return users, each(ctx, run, schemas.User, []string{"Id", "Email", "UserRoleId", "IsActive"}, func(rec arrow.Record, row int, t []string) error {
		users = append(users, user{
			id: strings.Clone(t[0]), email: strings.Clone(t[1]), role: strings.Clone(t[2]), active: columnar.Bools(rec, "IsActive").Value(row),
		})
		return nil
	})
}

func readSeats(ctx context.Context, run *pipeline.Run) ([]seat, error) {
	var seats []seat
	return seats, each(ctx, run, schemas.Seats, []string{"seat_id", "email", "licence_type", "active"}, func(rec arrow.Record, row int, t []string) error {
		seats = append(seats, seat{
			id: strings.Clone(t[0]), email: strings.Clone(t[1]), licence: strings.Clone(t[2]), active: columnar.Bools(rec, "active").Value(row),
		})
		return nil
	})
}

// readWishes reads the accounts and contacts of the sellers' open opportunities. sellers gives the seat of each user.
func readWishes(ctx context.Context, run *pipeline.Run, r rules, sellers map[string]string) (wishes, error) {
	wanted, open := wishes{}, map[string]reason{}
	columns := []string{"Id", "AccountId", "OwnerId", "StageName", "IsClosed"}
	err := each(ctx, run, schemas.Opportunity, columns, func(rec arrow.Record, row int, t []string) error {
		seatID, ok := sellers[t[2]]
		if !ok || columnar.Bools(rec, "IsClosed").Value(row) || !r.leads(t[3]) {
			return nil
		}
		why := reason{seatID: seatID, userID: strings.Clone(t[2]), opportunityID: strings.Clone(t[0])}
		open[why.opportunityID] = why
		wanted.add("Account", strings.Clone(t[1]), why)
		return nil
	})
	if err != nil {
		return nil, err
	}
	run.Count("opportunities.open", int64(len(open)))
	return wanted, each(ctx, run, schemas.OpportunityContactRole, []string{"OpportunityId", "ContactId"}, func(_ arrow.Record, _ int, t []string) error {
		if why, ok := open[t[0]]; ok {
			wanted.add("Contact", strings.Clone(t[1]), why)
		}
		return nil
	})
}

// readHolders finds, for each wanted record, the link that it follows: its own, or that of the record that it is a duplicate of.
// Records without a link, or with one that still waits for a review, have none.
func readHolders(ctx context.Context, run *pipeline.Run, wanted wishes) (map[recordKey]holding, error) {
	columns := []string{"object", "record_id", "decision", "duplicate_of", "target_kind", "target_id"}
	follows := map[recordKey]string{} // duplicates to the record that holds the link
	held := map[string]bool{}         // those records
	err := each(ctx, run, schemas.Links, columns, func(_ arrow.Record, _ int, t []string) error {
		if _, ok := wanted[recordKey{t[0], t[1]}]; ok && t[2] == "duplicate" && t[3] != "" {
			holder := strings.Clone(t[3])
			follows[recordKey{strings.Clone(t[0]), strings.Clone(t[1])}] = holder
			held[holder] = true
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	own, ofOthers := map[recordKey]holding{}, map[string]holding{}
	err = each(ctx, run, schemas.Links, columns, func(_ arrow.Record, _ int, t []string) error {
		if t[2] != "link" {
			return nil
		}
		_, isWanted := wanted[recordKey{t[0], t[1]}]
		if !isWanted && !held[t[1]] {
			return nil
		}
		h := holding{recordKey{strings.Clone(t[0]), strings.Clone(t[1])}, strings.Clone(t[4]), strings.Clone(t[5])}
		if isWanted {
			own[h.recordKey] = h
		}
		if held[h.id] {
			ofOthers[h.id] = h
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for k, id := range follows {
		if h, ok := ofOthers[id]; ok {
			own[k] = h
		}
	}
	return own, nil
}
