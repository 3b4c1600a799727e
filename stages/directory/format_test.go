package directory_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/directory"
)

// foreign is a profile as another program may write it: lists, a group, further columns, other widths.
type foreign struct {
	MemberID string `parquet:"member_id"`
	Full     string `parquet:"full_name,optional,dict"`
	Employer struct {
		ID   int32  `parquet:"id"`
		Name string `parquet:"name,optional"`
	} `parquet:"employer"`
	Email    []string `parquet:"email,list"`
	Past     []string `parquet:"past_companies"`
	Internal float64  `parquet:"internal_score"`
}

func toParquet[T any](t *testing.T, rows ...T) string {
	t.Helper()
	var b bytes.Buffer
	w := parquet.NewGenericWriter[T](&b, parquet.MaxRowsPerRowGroup(2))
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var employerMapping = map[string]map[string]string{"people": {"company_id": "employer.id", "company": "employer.name"}}

// TestEveryFormatGivesTheSameRows reads three profiles in each format, whole and in parts.
func TestEveryFormatGivesTheSameRows(t *testing.T) {
	want := `member_id,profile_url,first_name,last_name,full_name,headline,title,company_id,company,past_companies,city,state,country,postal_code,email,phone
m1,,,,"Ann ""A"" Öne",,,7,Alpha,Beta | Gamma,,,,,ann@example.com | a@example.com,
m2,,,,,,,8,,,,,,,,
m3,,,,Three,,,9,"Delta
Ltd",,,,,,t@example.com,
`
	header := "internal_score,member_id,full_name,employer.id,employer.name,email,past_companies\n"
	r1 := "1,m1,\"Ann \"\"A\"\" Öne\",7,Alpha,ann@example.com | a@example.com,Beta | Gamma\n"
	r2 := "2, m2 ,,8,  ,,\n"
	r3 := "3,m3,Three,9,\"Delta\nLtd\",t@example.com,\n"
	j1 := `{"internal_score":1,"member_id":"m1","full_name":"Ann \"A\" \u00d6ne","employer":{"id":7,"name":"Alpha"},"email":["ann@example.com",null,"a@example.com"],"past_companies":["Beta","Gamma"]}` + "\n"
	j2 := `{"member_id":"m2","full_name":null,"employer":{"id":8,"name":""},"email":[]}` + "\n"
	j3 := `{"MEMBER_ID":"m3","fullName":"Three","employer":{"id":9,"name":"Delta\nLtd"},"email":"t@example.com"}` + "\n"

	rows := make([]foreign, 3)
	rows[0] = foreign{MemberID: "m1", Full: `Ann "A" Öne`, Email: []string{"ann@example.com", "a@example.com"}, Past: []string{"Beta", "Gamma"}}
	rows[0].Employer.ID, rows[0].Employer.Name = 7, "Alpha"
	rows[1].MemberID, rows[1].Employer.ID = "m2", 8
	rows[2] = foreign{MemberID: "m3", Full: "Three", Email: []string{"t@example.com"}}
	rows[2].Employer.ID, rows[2].Employer.Name = 9, "Delta\nLtd"

	for name, files := range map[string]map[string]string{
		"csv":               {"people.csv": header + r1 + r2 + r3},
		"csv, mark, CRLF":   {"People.CSV": "\xef\xbb\xbf" + strings.ReplaceAll(header+r1+r2, "\n", "\r\n") + r3},
		"csv, gzip":         {"people.csv.gz": header + r1 + r2 + r3},
		"csv, semicolons":   {"people.csv": strings.ReplaceAll(header+r1+r2+r3, ",", ";")},
		"csv, tabs":         {"people.csv": strings.ReplaceAll(header+r1+r2+r3, ",", "\t")},
		"csv, no last line": {"people.csv": header + r1 + r2 + strings.TrimSuffix(r3, "\n")},
		"csv, other case":   {"people.csv": strings.Replace(header, "member_id,full_name", "Member ID,Full-Name", 1) + r1 + r2 + r3},
		"ndjson":            {"people.ndjson": j1 + j2 + j3},
		"jsonl, gzip, mark": {"people.jsonl.gz": "\xef\xbb\xbf" + j1 + "\r\n" + j2 + strings.TrimSuffix(j3, "\n")},
		"parquet":           {"people.parquet": toParquet(t, rows...)},
		"a folder":          {"people/a.csv": header + r1, "people/b/c.ndjson": j2, "people/d.parquet": toParquet(t, rows[2]), "people/_SUCCESS": "", "people/.crc": "x"},
		"parts":             {"people-1.csv": header + r3, "people-2.csv.gz": header + r2, "people_3.jsonl": j1},
		"the last wins":     {"people-1.csv": header + "0,m3,Old,1,,,\n" + r1 + r2 + r1, "people-2.csv": header + r3},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			m := b.mustRun(directory.Stage{Dir: folder(t, files), Mapping: employerMapping})
			if diff := cmp.Diff(want, b.rows(m, schemas.People)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if got := m.Count("rows.nav_people"); got != 3 {
				t.Errorf("rows.nav_people is %d", got)
			}
			if n := strings.Count(b.log.String(), "internal_score"); n != 1 {
				t.Errorf("the column that is not used is reported %d times", n)
			}
		})
	}
}

func TestParquetTypes(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC)
	type millis struct {
		ID     string `parquet:"activity_id"`
		Type   string `parquet:"type,enum"`
		Seat   uint64 `parquet:"seat_id"`
		At     int64  `parquet:"occurred_at,timestamp(millisecond)"`
		Marked bool   `parquet:"log_to_crm"`
	}
	type nanos struct {
		ID   []byte    `parquet:"activity_id"`
		Type string    `parquet:"type"`
		Seat float64   `parquet:"seat_id"`
		At   time.Time `parquet:"occurred_at,timestamp(nanosecond)"`
	}
	type old struct {
		ID   string           `parquet:"activity_id"`
		Type string           `parquet:"type"`
		Seat uint32           `parquet:"seat_id"`
		At   deprecated.Int96 `parquet:"occurred_at"`
	}
	type days struct {
		ID   string `parquet:"activity_id"`
		Type string `parquet:"type"`
		Seat int64  `parquet:"seat_id"`
		At   int32  `parquet:"occurred_at,date"`
	}
	nanosOfDay := uint64(at.Sub(at.Truncate(24 * time.Hour)).Nanoseconds())
	b := newBench(t)
	m := b.mustRun(directory.Stage{Dir: folder(t, map[string]string{
		"activities/1.parquet": toParquet(t, millis{"a1", "Call", 18446744073709551615, at.UnixMilli(), true}),
		"activities/2.parquet": toParquet(t, nanos{[]byte("a2"), "Call", 12345678, at}),
		"activities/3.parquet": toParquet(t, old{"a3", "Call", 4294967295, deprecated.Int96{uint32(nanosOfDay), uint32(nanosOfDay >> 32), uint32(2440588 + at.Unix()/86400)}}),
		"activities/4.parquet": toParquet(t, days{"a4", "Call", -1, int32(at.Unix() / 86400)}),
	})})
	want := `activity_id,type,seat_id,member_id,company_id,occurred_at,subject,body,log_to_crm
a1,Call,18446744073709551615,,,2026-01-02T03:04:05.678Z,,,true
a2,Call,12345678,,,2026-01-02T03:04:05.678Z,,,false
a3,Call,4294967295,,,2026-01-02T03:04:05.678Z,,,false
a4,Call,-1,,,2026-01-02T00:00:00.000Z,,,false
`
	if diff := cmp.Diff(want, b.rows(m, schemas.Activities)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}

	type money struct {
		ID     string `parquet:"activity_id"`
		Type   string `parquet:"type"`
		Seat   int64  `parquet:"seat_id,decimal(2:9)"`
		At     int64  `parquet:"occurred_at,timestamp"`
		Marked bool   `parquet:"log_to_crm"`
	}
	_, err := newBench(t).run(directory.Stage{Dir: folder(t, map[string]string{"activities.parquet": toParquet(t, money{})})})
	if err == nil || !strings.Contains(err.Error(), `column "seat_id" is of type DECIMAL`) {
		t.Errorf("a decimal seat gives %v", err)
	}
}

// TestAnalyticsExport takes Sales Navigator's own export as it comes, twice over an overlapping interval, beside canonical usage.
func TestAnalyticsExport(t *testing.T) {
	const header = "activityId,activityType,createdAt,seatId,memberIdentityKey\n"
	b := newBench(t)
	m := b.mustRun(directory.Stage{Dir: folder(t, map[string]string{
		"usage-1.csv": header + "e1,PROFILE_VIEWED,01-31-2026 13:00:59,5000101,m1\n" + "e2,SAVED_ACCOUNT,02-01-2026 00:00:00,5000101,\n" + "e3,SSI_UPDATED,02-01-2026 00:00:00,5000101,\n",
		"usage-2.csv": header + "e2,SAVED_ACCOUNT,02-01-2026 00:00:00,5000101,\n" + "e4,CONNECTION_MADE,12-31-2025 23:59:59,5000102,m2\n",
		"usage-3.csv": "activityId,activityType,createdAt,seatId\ne5,SEARCH_PERFORMED,02-02-2026 08:00:00,5000101\n",
		"usage.ndjson": `{"seat_id":5000101,"kind":"alert","company_id":"c1","occurred_at":"2026-02-03T08:00:00Z"}` + "\n" +
			`{"seat_id":5000101,"kind":"Alert","company_id":"c1","occurred_at":"2026-02-03 08:00:00"}` + "\n" +
			`{"usage_id":"own","seat_id":5000101,"kind":"save","company_id":"c1","occurred_at":"2026-02-03T08:00:00Z"}` + "\n",
	})})
	golden(t, "usage.golden.csv", b.rows(m, schemas.Usage))
	for key, want := range map[string]int64{"rows.nav_usage": 6, "duplicates.nav_usage": 2, "ignored.nav_usage": 1, "rejected.nav_usage": 0, "files.nav_usage": 4} {
		if got := m.Count(key); got != want {
			t.Errorf("%s is %d, want %d", key, got, want)
		}
	}
}

func TestUnchangedFilesAreNotReadAgain(t *testing.T) {
	b := newBench(t)
	dir := folder(t, map[string]string{"people.csv": "member_id\nm1\n,\n\"\"\n", "seats.csv": "seat_id,active,licence_type\ns1,yes,Team\ns2,perhaps,Team\n"})
	stage := directory.Stage{Dir: dir, MaxRejected: 1}
	first := b.mustRun(stage)
	wantRejects := b.rows(first, schemas.Rejects)

	second := b.mustRun(stage)
	for _, ds := range stage.Writes() {
		before, _ := first.Entry(ds.Name)
		after, _ := second.Entry(ds.Name)
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("%s was written again:\n%s", ds.Name, diff)
		}
	}
	for _, key := range []string{"rows.nav_people", "rows.nav_seats", "rejected.nav_people", "rejected.nav_seats"} {
		if first.Count(key) != second.Count(key) {
			t.Errorf("%s was %d and is %d", key, first.Count(key), second.Count(key))
		}
	}

	write(t, dir, "seats.csv", "seat_id,active,licence_type\ns1,no,Team\ns2,perhaps,Team\n")
	third := b.mustRun(stage)
	if third.Count("reused.nav_people") != 1 || third.Count("reused.nav_seats") != 0 {
		t.Error("only the people should have been used again")
	}
	if got := b.rows(third, schemas.Rejects); got != wantRejects {
		t.Errorf("rejects of the unchanged data set are lost:\n%s", got)
	}
	if got := b.rows(third, schemas.Seats); !strings.Contains(got, "s1,,,,false") {
		t.Errorf("the change is not read: %s", got)
	}

	stage.Mapping = map[string]map[string]string{"people": {"full_name": "Name"}}
	if fourth := b.mustRun(stage); fourth.Count("reused.nav_people") != 0 || fourth.Count("reused.nav_seats") != 1 {
		t.Error("another mapping must read the people again, and nothing else")
	}
}
