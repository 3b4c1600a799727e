package roi

import (
	"context"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/roi/stat"
)

// seats say what each seat did, per currency of the deals.
type seats map[string]map[int32]*seatSum

// seatSum adds up a seat's touches of deals in the pipeline.
type seatSum struct{ touches, deals, linearWon int64 }

func (s seats) of(seat []byte, currency int32) *seatSum {
	m := s[string(seat)]
	if m == nil {
		m = map[int32]*seatSum{}
		s[string(seat)] = m
	}
	if m[currency] == nil {
		m[currency] = &seatSum{}
	}
	return m[currency]
}

func (s seats) merge(more seats) {
	for seat, m := range more {
		for currency, x := range m {
			sum := s.of([]byte(seat), currency)
			sum.touches += x.touches
			sum.deals += x.deals
			sum.linearWon += x.linearWon
		}
	}
}

// holding says which CRM users hold seats.
type holding struct {
	active map[string]bool   // users with an active seat
	users  map[string]string // seats to users
	seats  map[string]bool   // seats that are active
}

func readHolding(ctx context.Context, run *pipeline.Run) (*holding, error) {
	reader, err := run.Read(ctx, schemas.SeatUsers, "seat_id", "user_id", "active")
	if err != nil {
		return nil, err
	}
	h := &holding{map[string]bool{}, map[string]string{}, map[string]bool{}}
	return h, columnar.Each(ctx, reader, func(rec arrow.Record) error {
		ids, users, active := columnar.Strings(rec, "seat_id"), columnar.Strings(rec, "user_id"), columnar.Bools(rec, "active")
		for i := range users.Len() {
			seat, user := strings.Clone(ids.Value(i)), strings.Clone(users.Value(i))
			h.seats[seat] = active.Value(i)
			if user != "" {
				h.users[seat] = user
				h.active[user] = h.active[user] || active.Value(i)
			}
		}
		return nil
	})
}

// seller is one row of roi_sellers.
type seller struct {
	user    string
	hasSeat bool

	opportunities, influenced, sourced, won, lost, open int64
	revenueWon, revenueOpen                             sum
	lives                                               []stat.Lifetime
	did                                                 seatSum
}

type sellerKey struct{ id, currency string }

func publishSellers(ctx context.Context, run *pipeline.Run, t *totals, d *deals, h *holding, did seats) error {
	all := map[sellerKey]*seller{}
	get := func(key sellerKey, user string, hasSeat bool) *seller {
		if all[key] == nil {
			all[key] = &seller{user: user, hasSeat: hasSeat}
		}
		return all[key]
	}
	for i := range t.facts {
		f := &t.facts[i]
		owner := t.owners.at(f.owner)
		get(sellerKey{owner, d.currencies.at(f.currency)}, owner, h.active[owner]).add(f)
	}
	for seat, m := range did {
		for currency, x := range m {
			key, hasSeat := sellerKey{"seat:" + seat, d.currencies.at(currency)}, h.seats[seat]
			user := h.users[seat]
			if user != "" {
				key.id, hasSeat = user, h.active[user]
			}
			s := get(key, user, hasSeat)
			s.did.touches += x.touches
			s.did.linearWon += x.linearWon
			s.did.deals += x.deals
		}
	}
	out, err := pipeline.NewOutput(ctx, run, schemas.ROISellers)
	if err != nil {
		return err
	}
	for key, s := range all { // the writer sorts
		if err := s.write(ctx, out, key); err != nil {
			return out.Abort(err)
		}
	}
	return out.Publish(ctx)
}

func (s *seller) add(f *fact) {
	s.opportunities++
	if f.influenced {
		s.influenced++
	}
	if f.sourced {
		s.sourced++
	}
	switch {
	case f.won:
		s.won++
		s.revenueWon.add(f.revenue)
	case f.closed:
		s.lost++
	default:
		s.open++
		s.revenueOpen.add(f.revenue)
	}
	s.lives = append(s.lives, f.life())
}

func (s *seller) write(ctx context.Context, out *pipeline.Output, key sellerKey) error {
	out.String(0, key.id)
	out.String(1, key.currency)
	if s.user != "" {
		out.String(2, s.user)
	}
	out.Bool(3, s.hasSeat)
	for i, n := range []int64{s.opportunities, s.influenced, s.sourced, s.won, s.lost, s.open} {
		out.Int(4+i, n)
	}
	out.Float(10, s.revenueWon.value())
	out.Float(11, s.revenueOpen.value())
	if closed := s.won + s.lost; closed >= fewest {
		out.Float(12, float64(s.won)/float64(closed))
	}
	if len(s.lives) >= fewest {
		if days, ok := stat.CountLifetimes(s.lives).Median(); ok {
			out.Float(13, float64(days))
		}
	}
	out.Int(14, s.did.touches)
	out.Int(15, s.did.deals)
	out.Int(16, s.did.linearWon)
	return out.EndRow(ctx)
}
