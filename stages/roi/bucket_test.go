package roi

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
)

func randomTouch(r *rand.Rand) touched {
	text := func() []byte { return []byte(strings.Repeat("x", r.IntN(40))) }
	return touched{
		deal: r.Int32N(9000), level: levelRole + byte(r.IntN(3)), order: r.Uint64(), at: r.Int64() - r.Int64(), member: r.IntN(2) == 0,
		company: r.IntN(2) == 0, id: text(), kind: text(), seat: text(), memberID: text(), companyID: text(), source: byte(r.IntN(2)),
	}
}

// TestSpillGivesBackWhatItTook: several goroutines add blocks, and each bucket has its touches, ordered.
func TestSpillGivesBackWhatItTook(t *testing.T) {
	b := newBuckets(9000)
	s, err := newSpill(t.TempDir(), b.len())
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	want := map[string]int{}
	var group sync.WaitGroup
	for seed := range uint64(4) {
		group.Go(func() {
			r := rand.New(rand.NewPCG(seed, 1))
			open := make([][]byte, b.len())
			var sealed []byte
			var err error
			for range 3000 {
				x := randomTouch(r)
				n := b.of(x.deal)
				open[n] = x.encode(open[n])
				mu.Lock()
				want[fmt.Sprint(n, x)]++
				mu.Unlock()
				if len(open[n]) > 4000 {
					if sealed, err = s.add(n, open[n], sealed); err != nil {
						t.Error(err)
					}
					open[n] = open[n][:0]
				}
			}
			for n := range open {
				if sealed, err = s.add(n, open[n], sealed); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if raw, err := os.ReadFile(s.file.Name()); err != nil || bytes.Contains(raw, []byte("xxxxxxxx")) {
		t.Errorf("the scratch file can be read by anybody (%v)", err)
	}
	for n := range b.len() {
		data, err := s.load(n, nil)
		if err != nil {
			t.Fatal(err)
		}
		places, err := readBucket(data, nil)
		if err != nil {
			t.Fatal(err)
		}
		low, high := b.span(n)
		for i, p := range places {
			var x touched
			if _, err := x.decode(data[p.from:]); err != nil {
				t.Fatal(err)
			}
			want[fmt.Sprint(n, x)]--
			if int(x.deal) < low || int(x.deal) >= high || i > 0 && (places[i-1].deal > p.deal || places[i-1].deal == p.deal && places[i-1].order > p.order) {
				t.Fatalf("bucket %d: place %d holds deal %d, touch %d", n, i, p.deal, p.order)
			}
		}
	}
	for x, n := range want {
		if n != 0 {
			t.Fatalf("%d of %s are missing", n, x)
		}
	}
	if err := s.close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(s.file.Name()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the scratch file stays: %v", err)
	}
}

func TestDamagedSpill(t *testing.T) {
	s, err := newSpill(t.TempDir(), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	x := touched{id: []byte("u1"), level: levelRole}
	if _, err := s.add(0, x.encode(nil), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := s.file.WriteAt([]byte{1}, 3); err != nil {
		t.Fatal(err)
	}
	if _, err := s.load(0, nil); err == nil {
		t.Error("damage goes unnoticed")
	}
}

func FuzzReadBucket(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 1))
	x := randomTouch(r)
	f.Add(x.encode(nil))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		places, err := readBucket(data, nil)
		if err != nil {
			if !errors.Is(err, errBucket) {
				t.Errorf("error %v", err)
			}
			return
		}
		for _, p := range places {
			var x touched
			if _, err := x.decode(data[p.from:]); err != nil || x.deal != p.deal {
				t.Errorf("place %v: %v", p, err)
			}
		}
	})
}

// TestBucketsAreSmall: every deal has a bucket, there are not too many of them, and few deals, which may have many touches, have several.
func TestBucketsAreSmall(t *testing.T) {
	for _, deals := range []int{0, 1, 10, 64, 100, 4000, 4096, 100_000, 1_000_000, 10_000_000} {
		b := newBuckets(deals)
		if b.len() > mostBuckets || b.len() < min(deals, fewestBuckets) || deals > 0 && b.of(int32(deals-1)) != b.len()-1 {
			t.Errorf("%d deals: %d buckets of %d", deals, b.len(), b.size)
		}
	}
}
