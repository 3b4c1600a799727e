package rows

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

var sample = &schemas.Dataset{
	Name: "crm_sample", Object: "Sample", Source: schemas.FromCRM, Key: []string{"Id"}, Chain: true, Doc: "For tests.",
	Fields: []schemas.Field{
		{Name: "Id", Type: schemas.String},
		{Name: "Name", Type: schemas.String, Flags: schemas.Nullable | schemas.Personal},
		{Name: "Stage", Type: schemas.String, Flags: schemas.Nullable | schemas.Repeats},
		{Name: "Heads", Type: schemas.Int64, Flags: schemas.Nullable},
		{Name: "Amount", Type: schemas.Float64, Flags: schemas.Nullable},
		{Name: "Open", Type: schemas.Bool, Flags: schemas.Nullable},
		{Name: "Day", Type: schemas.Date, Flags: schemas.Nullable},
		{Name: "At", Type: schemas.Timestamp, Flags: schemas.Nullable},
		{Name: "Score", Type: schemas.Int64, Flags: schemas.Nullable | schemas.Personal},
	},
}

// decode reads CSV into records, a few rows each, and returns them as JSON lines.
func decode(t *testing.T, in string, wanted []string) (string, int64, error) {
	t.Helper()
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer mem.AssertSize(t, 0)
	d, err := NewDecoder(strings.NewReader(in), sample, wanted, sample.Names())
	if err != nil {
		return "", 0, err
	}
	b := columnar.NewBuilder(mem, sample)
	defer b.Release()
	var out strings.Builder
	for {
		err := d.Fill(b)
		if b.Len() > 0 {
			rec := b.NewRecord()
			out.WriteString(jsonOf(t, rec))
			rec.Release()
		}
		if err == io.EOF {
			return out.String(), d.Rows(), nil
		}
		if err != nil {
			return out.String(), d.Rows(), err
		}
	}
}

func jsonOf(t *testing.T, rec arrow.Record) string {
	t.Helper()
	b, err := rec.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	var lines bytes.Buffer
	var all []json.RawMessage
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	for _, l := range all {
		var c bytes.Buffer
		if err := json.Compact(&c, l); err != nil {
			t.Fatal(err)
		}
		lines.WriteString(c.String() + "\n")
	}
	return lines.String()
}

func TestDecoder(t *testing.T) {
	in := `"Stage","id","Name","Heads","Amount","Open","Day","At"
"Won","a1","Ann ""A"" O'
Neil","12.0","9.12260031E8","true","2026-02-28","2026-01-02T03:04:05.000Z"
"","a2","","","","","",""
`
	got, n, err := decode(t, in, []string{"Id", "Name", "Stage", "Heads", "Amount", "Open", "Day", "At"})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"Amount":912260031,"At":"2026-01-02 03:04:05Z","Day":"2026-02-28","Heads":12,"Id":"a1","Name":"Ann \"A\" O'\nNeil","Open":true,"Score":null,"Stage":"Won"}
{"Amount":null,"At":null,"Day":null,"Heads":null,"Id":"a2","Name":null,"Open":null,"Score":null,"Stage":null}
`
	var canonical strings.Builder
	for line := range strings.Lines(got) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		canonical.WriteString(string(b) + "\n")
	}
	if diff := cmp.Diff(want, canonical.String()); diff != "" || n != 2 {
		t.Errorf("%d rows %s", n, diff)
	}
	for name, in := range map[string]string{"empty body": "", "header only": "\"Id\"\n"} {
		if got, n, err := decode(t, in, []string{"Id"}); err != nil || n != 0 || got != "" {
			t.Errorf("%s: %q, %d rows, %v", name, got, n, err)
		}
	}
}

func TestDecoderErrors(t *testing.T) {
	tests := []struct {
		name, in string
		says     []string
		silent   string
		is       error
	}{
		{"bad number", "Id,Heads\na1,1\na2,1.5\n", []string{"crm_sample.Heads of a2 (line 3, record 3)", `"1.5" is no integer`}, "", nil},
		{"bad personal number", "Id,Score\na1,x77\n", []string{"crm_sample.Score of a1", "is no integer"}, "x77", nil},
		{"bad date after a line break", "Id,Name,Day\na1,\"x\ny\",2026-01-01\na2,z,soon\n", []string{"crm_sample.Day of a2 (line 4, record 3)", `"soon" is no date`}, "", nil},
		{"no id", "Id,Name\n,Ann Secret\n", []string{"record", "Id", "line 2"}, "Secret", columnar.ErrRow},
		{"column too many", "Id,Name,Other\n", []string{`"Other"`}, "", ErrColumns},
		{"column twice", "Id,Name,Id\n", []string{`"Id"`}, "", ErrColumns},
		{"column missing", "Id\n", []string{"Name"}, "", ErrColumns},
		{"cut", "Id,Name\na1,\"Ann Secret", []string{"line 2, record 2"}, "Secret", ErrCut},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			header, _, _ := strings.Cut(tt.in, "\n")
			wanted := strings.Split(header, ",")
			if tt.is == ErrColumns {
				wanted = []string{"Id", "Name"}
			}
			_, _, err := decode(t, tt.in, wanted)
			if err == nil || tt.is != nil && !errors.Is(err, tt.is) {
				t.Fatalf("error %v", err)
			}
			for _, s := range tt.says {
				if !strings.Contains(err.Error(), s) {
					t.Errorf("error %q lacks %q", err, s)
				}
			}
			if tt.silent != "" && strings.Contains(err.Error(), tt.silent) {
				t.Errorf("error %q shows the value", err)
			}
		})
	}
}

// TestJSONIsCSV reads the same rows in both forms.
func TestJSONIsCSV(t *testing.T) {
	const text = "Id,Name,Stage,Heads,Amount,Open,Day,At\na1,\"Ann\n\"\"A\"\"\",Won,12,1.5,true,2026-02-28,2026-01-02T03:04:05.000Z\na2,,,,,,,\n"
	records := []string{
		`{"attributes":{"type":"Sample"},"Id":"a1","Name":"Ann\n\"A\"","Stage":"Won","Heads":12.0,"Amount":1.5,"Open":true,"Day":"2026-02-28","At":"2026-01-02T03:04:05.000+0000"}`,
		`{"attributes":{"type":"Sample"},"id":"a2","Name":null,"Stage":"","Heads":null,"Amount":null,"Open":null,"Day":null,"At":null}`,
	}
	wanted := []string{"Id", "Name", "Stage", "Heads", "Amount", "Open", "Day", "At"}
	want, _, err := decode(t, text, wanted)
	if err != nil {
		t.Fatal(err)
	}
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer mem.AssertSize(t, 0)
	b := columnar.NewBuilder(mem, sample)
	defer b.Release()
	d := NewJSONDecoder(sample, wanted, sample.Names())
	for _, r := range records {
		if err := d.Append(b, json.RawMessage(r)); err != nil {
			t.Fatal(err)
		}
	}
	for in, says := range map[string]string{
		`{"Id":"a3"}`: "Name", `[]`: "no JSON object", strings.Replace(records[0], "12.0", `"x"`, 1): `crm_sample.Heads of a1: "x" is no integer`,
		strings.Replace(records[0], "12.0", `[{}]`, 1): "is no integer",
	} {
		if err := d.Append(b, json.RawMessage(in)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: error %v", in, err)
		}
	}
	rec := b.NewRecord()
	defer rec.Release()
	if diff := cmp.Diff(want, jsonOf(t, rec)); diff != "" {
		t.Error(diff)
	}
}

// contactsCSV makes n rows as Bulk writes them.
func contactsCSV(n int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	var b bytes.Buffer
	quoted := func(cells []string) {
		for i, c := range cells {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(`"` + strings.ReplaceAll(c, `"`, `""`) + `"`)
		}
		b.WriteByte('\n')
	}
	quoted(schemas.Contact.Names())
	for i := range n {
		first, last := pick("Ada", "Alan", "Mei", "Olga", "Priya", "Tom"), pick("Adams", "Brown", "Nguyen", "Smith", "Yilmaz")
		at := func() string {
			return fmt.Sprintf("202%d-%02d-%02dT%02d:%02d:%02d.000Z", r.IntN(6), 1+r.IntN(12), 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60))
		}
		description := ""
		if i%5 == 0 {
			description = "Met at the fair; wants a \"quick\" call back.\nSecond line, with a comma."
		}
		quoted([]string{
			fmt.Sprintf("0035g00000%08d", i), fmt.Sprintf("0015g00000%08d", i/4), at(), pick("Sales", "Finance", "Legal", ""), description,
			fmt.Sprintf("%s.%s%d@example.com", strings.ToLower(first), strings.ToLower(last), i), "", first, at()[:10], last, at(), "", "",
			pick("Web", "Referral", "Trade Show", ""), fmt.Sprintf("%d Main Street", r.IntN(9999)), pick("Austin", "Boston", "Lyon", "Osaka"),
			pick("United States", "France", "Japan"), pick("TX", "MA", ""), first + " " + last, fmt.Sprintf("(555) 01%02d-%04d", r.IntN(100), r.IntN(9999)),
			pick("CEO", "Buyer", "Head of Procurement", "VP, Marketing"),
		})
	}
	return b.Bytes()
}

// BenchmarkDecode reads Contacts from CSV into Arrow records. It has one core, the collection of garbage included, so that MB/s are those
// of a core.
func BenchmarkDecode(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	in := contactsCSV(20_000)
	mem := memory.NewGoAllocator()
	builder := columnar.NewBuilder(mem, schemas.Contact)
	defer builder.Release()
	names := schemas.Contact.Names()
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		d, err := NewDecoder(bytes.NewReader(in), schemas.Contact, names, names)
		if err != nil {
			b.Fatal(err)
		}
		for err == nil {
			err = d.Fill(builder)
			rec := builder.NewRecord()
			rec.Release()
		}
		if err != io.EOF {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(in))/20_000, "B/row")
}

// TestSetAside goes on without records that lack a required field, in both forms; one without an Id, or with a value that can't be read,
// still ends the reading.
func TestSetAside(t *testing.T) {
	ds := *sample
	ds.Fields = slices.Clone(sample.Fields)
	ds.Fields[1].Flags &^= schemas.Nullable // Name
	const in = "Id,Name,Heads\na1,x,1\na2,,2\na3,y,3\na4,,\n"
	columns, want := []string{"Id", "Name", "Heads"}, []string{"a2 line 3", "a4 line 5"}
	b := columnar.NewBuilder(memory.DefaultAllocator, &ds)
	defer b.Release()
	open := func(in string) (*Decoder, *[]string) {
		d, err := NewDecoder(strings.NewReader(in), &ds, columns, ds.Names())
		if err != nil {
			t.Fatal(err)
		}
		var aside []string
		d.SetAside(func(e *RowError) error {
			aside = append(aside, fmt.Sprintf("%s line %d", e.ID, e.Line))
			if !strings.Contains(e.Error(), "crm_sample.Name") || !errors.Is(e, columnar.ErrRequired) {
				t.Errorf("error %v", e)
			}
			return nil
		})
		return d, &aside
	}
	d, aside := open(in)
	if err := d.Fill(b); err != io.EOF || d.Rows() != 4 || b.Len() != 2 || !slices.Equal(*aside, want) {
		t.Errorf("error %v, %d records, %d rows, set aside %v", err, d.Rows(), b.Len(), *aside)
	}
	for _, in := range []string{"Id,Name,Heads\n,x,1\n", "Id,Name,Heads\n,,1\n", "Id,Name,Heads\na1,,x\n"} {
		d, aside := open(in)
		var e *RowError
		if err := d.Fill(b); !errors.As(err, &e) || len(*aside) != 0 {
			t.Errorf("%q: error %v, set aside %v", in, err, *aside)
		}
	}
	stop := errors.New("enough")
	d, _ = open(in)
	d.SetAside(func(*RowError) error { return stop })
	if err := d.Fill(b); !errors.Is(err, stop) {
		t.Errorf("error %v", err)
	}

	j := NewJSONDecoder(&ds, columns, ds.Names())
	record := json.RawMessage(`{"Id":"a2","Name":null,"Heads":2}`)
	n := b.Len()
	if err := j.Append(b, record); !errors.Is(err, columnar.ErrRequired) {
		t.Errorf("error %v", err)
	}
	var ids []string
	j.SetAside(func(e *RowError) error { ids = append(ids, e.ID); return nil })
	if err := j.Append(b, record); err != nil || b.Len() != n || !slices.Equal(ids, []string{"a2"}) {
		t.Errorf("error %v, %d rows more, set aside %v", err, b.Len()-n, ids)
	}
}

// BenchmarkReader takes the same text apart, and nothing more.
func BenchmarkReader(b *testing.B) {
	in := contactsCSV(20_000)
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		r := NewReader(bytes.NewReader(in))
		for {
			if _, err := r.Next(); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
}

// FuzzJSONDecoder sees that no record, however odd, ends the program or leaves half a row behind.
func FuzzJSONDecoder(f *testing.F) {
	f.Add([]byte(`{"Id":"a1","Name":"x","Heads":12.0,"At":"2026-01-02T03:04:05.000+0000"}`))
	f.Add([]byte(`{"Id":"a1","Name":[],"Heads":{},"At":false}`))
	f.Add([]byte(`{"Id":5,"name":null,"HEADS":"","At":null}`))
	f.Fuzz(func(t *testing.T, record []byte) {
		b := columnar.NewBuilder(memory.DefaultAllocator, sample)
		defer b.Release()
		d := NewJSONDecoder(sample, []string{"Id", "Name", "Heads", "At"}, sample.Names())
		err := d.Append(b, record)
		if (err == nil) != (b.Len() == 1) {
			t.Errorf("%d rows, error %v", b.Len(), err)
		}
		if err := d.Append(b, json.RawMessage(`{"Id":"a2","Name":null,"Heads":1,"At":null}`)); err != nil {
			t.Errorf("the row after it is refused: %v", err)
		}
	})
}
