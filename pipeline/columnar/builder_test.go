package columnar

import (
	"errors"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

func TestBuilderKeepsValues(t *testing.T) {
	mem := checked(t)
	rows := randomRows(newRand(11), 2000)
	recs := records(t, mem, every, rows, 300)
	defer release(recs)
	var got []row
	for _, rec := range recs {
		got = append(got, rowsOf(rec)...)
	}
	equalRows(t, got, rows)
}

func TestBuilderRefusesRows(t *testing.T) {
	good := randomRow(newRand(13), "a")
	for _, tc := range []struct {
		name  string
		spoil func(b *Builder)
		want  string
	}{
		{"required field missing", func(b *Builder) { b.String(1, "x") }, "every.id: required field is missing: row refused"},
		{"required field null", func(b *Builder) { b.Null(0) }, "every.id: required field is missing: row refused"},
		{"twice", func(b *Builder) { set(b, good); b.String(1, "again"); b.Null(5) }, "every.text: set twice in one row: row refused"},
		{"bool for text", func(b *Builder) { b.Bool(0, true) }, "every.id: value of the wrong type for string: row refused"},
		{"int for float", func(b *Builder) { set(b, good[:7]); b.Int(7, 1) }, "every.amount: integer for float64: row refused"},
		{"float for int", func(b *Builder) { b.Float(6, 1) }, "every.count: float for int64: row refused"},
		{"time for text", func(b *Builder) { b.Time(0, time.Now()) }, "every.id: time for string: row refused"},
		{"not a number", func(b *Builder) { b.Text(6, "12x") }, "every.count: text is not a int64: row refused"},
		{"not a day", func(b *Builder) { b.Text(8, "2026-13-01") }, "every.day: text is not a date: row refused"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := NewBuilder(checked(t), every)
			defer b.Release()
			for range 3 {
				set(b, good)
				if err := b.EndRow(); err != nil {
					t.Fatal(err)
				}
				tc.spoil(b)
				err := b.EndRow()
				if !errors.Is(err, ErrRow) || err.Error() != tc.want {
					t.Fatalf("got %v, want %s", err, tc.want)
				}
			}
			if b.Len() != 3 {
				t.Errorf("%d rows, want 3", b.Len())
			}
			rec := b.NewRecord()
			defer rec.Release()
			equalRows(t, rowsOf(rec), []row{good, good, good})
		})
	}
}

func TestBuilderFillsWithNulls(t *testing.T) {
	b := NewBuilder(checked(t), every, "text", "id")
	defer b.Release()
	b.String(1, "a")
	if err := b.EndRow(); err != nil {
		t.Fatal(err)
	}
	b.String(1, "half a row")
	rec := b.NewRecord()
	defer rec.Release()
	equalRows(t, rowsOf(rec), []row{{nil, "a"}})
	if b.Len() != 0 {
		t.Errorf("%d rows after NewRecord", b.Len())
	}
}

func TestBuilderTimes(t *testing.T) {
	b := NewBuilder(memory.DefaultAllocator, every, "day", "at")
	zone := time.FixedZone("", 2*3600)
	for _, at := range []time.Time{
		time.Date(1969, 12, 31, 23, 59, 59, 999999999, time.UTC),
		time.Date(2026, 3, 1, 1, 30, 0, 1999999, zone),
		time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC),
	} {
		b.Time(0, at)
		b.Time(1, at)
		if err := b.EndRow(); err != nil {
			t.Fatal(err)
		}
	}
	rec := b.NewRecord()
	defer rec.Release()
	for i, want := range []struct{ day, at string }{
		{"1969-12-31", "1969-12-31T23:59:59.999Z"},
		{"2026-02-28", "2026-02-28T23:30:00.001Z"},
		{"0001-01-01", "0001-01-01T00:00:00.000Z"},
		{"9999-12-31", "9999-12-31T00:00:00.000Z"},
	} {
		day, _ := TextAt(rec.Column(0), i)
		at, _ := TextAt(rec.Column(1), i)
		if day != want.day || at != want.at {
			t.Errorf("row %d: %s %s, want %v", i, day, at, want)
		}
	}
}
