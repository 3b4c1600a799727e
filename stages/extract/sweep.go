package extract

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/crmsync/crmsync/pipeline/columnar"
)

// sweep compares all ids that the org has with those of the snapshot. What the snapshot has and the org has not is gone, without a trace
// if no other way told of it; what the snapshot lacks is read. Both hold for rows as of the window's end: newer ones are the next run's.
func (u *update) sweep(ctx context.Context) error {
	before, err := u.run.Store().Read(ctx, u.p.ds, u.p.prev, "Id")
	if err != nil {
		return err
	}
	m := &merge{u: u, old: &walker{r: before}, now: &walker{}, fresh: &walker{}, aside: map[string]bool{}}
	for _, id := range append(slices.Clone(u.p.prev.SetAside), u.aside...) {
		m.aside[id] = true
	}
	err = m.run(ctx)
	if err = errors.Join(err, m.close()); err != nil {
		return err
	}
	explained := int64(len(u.logged))
	if u.binned != nil {
		explained += u.binned.state.Rows
	}
	if err := u.stillThere(m.gone - explained); err != nil {
		return err
	}
	u.nVanished, u.vanished = m.gone, m.part
	u.run.Count("swept."+u.p.ds.Name, 1)
	u.log.Info("all ids were compared", "rows", u.live.state.Rows, "gone", m.gone, "missing", m.lacking)
	if m.lacking > fewIDs {
		u.log.Warn("the snapshot lacks many rows, which the integration user may not have seen before, so the object is read in full",
			"missing", m.lacking)
		return u.readAll(ctx)
	}
	n := 0
	for chunk := range slices.Chunk(m.missing, idsAtOnce) {
		r, err := u.s.read(ctx, u.run, u.task, u.p.missing(chunk, n))
		if err != nil {
			return err
		}
		u.missing, u.aside = append(u.missing, r), append(u.aside, r.aside()...)
		n++
	}
	return nil
}

// readAll gives the window up and reads all rows.
func (u *update) readAll(ctx context.Context) (err error) {
	u.p.mode, u.p.rows = full, u.p.everything()
	u.haul = haul{}
	if u.rows, err = u.s.read(ctx, u.run, u.task, u.p.rows); err != nil {
		return err
	}
	if err := u.distinct(ctx, &u.rows); err != nil {
		return err
	}
	u.aside = u.rows.aside()
	return nil
}

// merge walks three streams of ids, each sorted: the snapshot's, the org's, and those read in this run.
type merge struct {
	u               *update
	old, now, fresh *walker
	aside           map[string]bool // not in the snapshot, as is known
	gone, lacking   int64
	missing         []string // the first of those lacking
	part            string   // holds those gone
}

func (m *merge) run(ctx context.Context) (err error) {
	if m.now.r, err = m.u.s.sorted(ctx, m.u.run, m.u.live); err != nil {
		return err
	}
	if m.fresh.r, err = m.u.s.sorted(ctx, m.u.run, m.u.rows); err != nil {
		return err
	}
	for _, w := range []*walker{m.old, m.now, m.fresh} {
		if err := w.step(ctx); err != nil {
			return err
		}
	}
	name := strings.ToLower(m.u.p.ds.Object) + "-gone.arrow"
	n, err := m.u.live.write(name, func(b *columnar.Builder, flush func() error) error {
		for !m.old.ended || !m.now.ended {
			if err := m.step(ctx, b); err != nil {
				return err
			}
			if b.Full() {
				if err := flush(); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err == nil && n > 0 {
		m.part = filepath.Join(m.u.live.dir, name)
	}
	return err
}

// step takes the smallest id of snapshot and org.
func (m *merge) step(ctx context.Context, b *columnar.Builder) error {
	c := 0
	switch {
	case m.old.ended:
		c = 1
	case m.now.ended:
		c = -1
	default:
		c = strings.Compare(m.old.id(), m.now.id())
	}
	switch {
	case c < 0:
		m.gone++
		b.String(0, m.old.id())
		if err := b.EndRow(); err != nil {
			return err
		}
	case c > 0:
		id := m.now.id()
		for !m.fresh.ended && m.fresh.id() < id {
			if err := m.fresh.step(ctx); err != nil {
				return err
			}
		}
		if (m.fresh.ended || m.fresh.id() != id) && !m.aside[id] {
			if m.lacking++; m.lacking <= fewIDs {
				m.missing = append(m.missing, strings.Clone(id))
			}
		}
	}
	if c <= 0 {
		if err := m.old.step(ctx); err != nil {
			return err
		}
	}
	if c >= 0 {
		return m.now.step(ctx)
	}
	return nil
}

func (m *merge) close() error {
	var errs []error
	for _, w := range []*walker{m.old, m.now, m.fresh} {
		if w.r != nil {
			errs = append(errs, w.close())
		}
	}
	return errors.Join(errs...)
}
