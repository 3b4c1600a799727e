package roi

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
)

// touched is a touch that hit a deal, as it lies in a bucket. Its texts point into the bucket's bytes.
type touched struct {
	deal            int32
	level           byte
	order           uint64 // place of the touch among all touches
	at              int64
	member, company bool // whether there is one; else it is null
	id, kind, seat  []byte
	memberID        []byte
	companyID       []byte
	source          byte
}

const (
	hasMember  = 1 << 0
	hasCompany = 1 << 1
)

// encode appends a touch to a block.
func (t *touched) encode(b []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(t.deal))
	b = binary.LittleEndian.AppendUint64(b, t.order)
	b = binary.LittleEndian.AppendUint64(b, uint64(t.at))
	var flags byte
	if t.member {
		flags |= hasMember
	}
	if t.company {
		flags |= hasCompany
	}
	b = append(b, t.level, t.source, flags)
	for _, text := range [][]byte{t.id, t.kind, t.seat, t.memberID, t.companyID} {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	return b
}

const fixedBytes = 4 + 8 + 8 + 3

// errBucket says that a bucket's bytes are not what encode makes.
var errBucket = errors.New("scratch file holds no touch where one should be")

// decode takes the first touch off the bytes.
func (t *touched) decode(b []byte) ([]byte, error) {
	if len(b) < fixedBytes {
		return nil, errBucket
	}
	t.deal = int32(binary.LittleEndian.Uint32(b))
	t.order = binary.LittleEndian.Uint64(b[4:])
	t.at = int64(binary.LittleEndian.Uint64(b[12:]))
	t.level, t.source = b[20], b[21]
	t.member, t.company = b[22]&hasMember != 0, b[22]&hasCompany != 0
	b = b[fixedBytes:]
	for _, text := range []*[]byte{&t.id, &t.kind, &t.seat, &t.memberID, &t.companyID} {
		n, used := binary.Uvarint(b)
		if used <= 0 || n > uint64(len(b)-used) {
			return nil, errBucket
		}
		*text = b[used : used+int(n)]
		b = b[used+int(n):]
	}
	return b, nil
}

// placed is where a touch lies among a bucket's bytes, and what orders it.
type placed struct {
	deal  int32
	from  uint32
	order uint64
}

// readBucket returns the places of a bucket's touches by deal and, within one, in the order of their ids. They are put into the buffer.
func readBucket(data []byte, buffer []placed) ([]placed, error) {
	if uint64(len(data)) > math.MaxUint32 {
		return nil, fmt.Errorf("bucket of %d bytes: %w", len(data), errBucket)
	}
	all := slices.Grow(buffer[:0], len(data)/80)
	var t touched
	for rest := data; len(rest) > 0; {
		from := uint32(len(data) - len(rest))
		next, err := t.decode(rest)
		if err != nil {
			return nil, fmt.Errorf("after %d touches: %w", len(all), err)
		}
		all, rest = append(all, placed{t.deal, from, t.order}), next
	}
	slices.SortFunc(all, func(a, b placed) int {
		if a.deal != b.deal {
			return int(a.deal) - int(b.deal)
		}
		return cmp.Compare(a.order, b.order)
	})
	return all, nil
}

// buckets are ranges of deals, whose touches are brought together range by range.
type buckets struct{ deals, size int }

// The number of deals in a bucket is such that its touches fit into little memory, and the buckets into few blocks. Few deals can have
// many touches, so they are divided too.
const (
	bucketDeals   = 4096
	fewestBuckets = 64
	mostBuckets   = 1024
)

func newBuckets(deals int) buckets {
	return buckets{deals, max(1, min(bucketDeals, deals/fewestBuckets), (deals+mostBuckets-1)/mostBuckets)}
}

func (b buckets) len() int              { return (b.deals + b.size - 1) / b.size }
func (b buckets) of(deal int32) int     { return int(deal) / b.size }
func (b buckets) span(n int) (int, int) { return n * b.size, min(b.deals, (n+1)*b.size) }
