package columnar

import (
	"testing"
)

func TestSplit(t *testing.T) {
	mem := checked(t)
	rows := randomRows(newRand(31), 1000)
	rec := records(t, mem, every, rows, 1000)[0]
	defer rec.Release()
	no, yes, err := Split(mem, every, rec, "done")
	if err != nil {
		t.Fatal(err)
	}
	defer no.Release()
	defer yes.Release()
	var want [2][]row
	for _, r := range rows {
		if r[4].(bool) {
			want[1] = append(want[1], r)
		} else {
			want[0] = append(want[0], r)
		}
	}
	equalRows(t, rowsOf(no), want[0])
	equalRows(t, rowsOf(yes), want[1])
}
