package columnar

import (
	"encoding/binary"
	"fmt"
)

// thriftStruct walks one structure in Thrift's compact protocol, in which Parquet's footers and page headers are written, and checks
// that every length and count stays within the bytes that are there. The library trusts them: on damaged ones it loops or allocates
// without a bound. seen is called for each integer in the structure or right below it, with the ids of the fields that hold it; the
// inner id is 0 for the structure itself. It returns the structure's size.
func thriftStruct(b []byte, seen func(outer, inner int, v int64)) (int, error) {
	w := thriftWalk{b: b, seen: seen}
	if err := w.structure(0, 0); err != nil {
		return 0, err
	}
	return w.at, nil
}

// errThriftShort says that the bytes end within the structure.
var errThriftShort = fmt.Errorf("structure is cut short: %w", ErrCorrupt)

const thriftDepth = 16

// Types of the compact protocol.
const (
	thriftTrue = iota + 1
	thriftFalse
	thriftByte
	thriftInt16
	thriftInt32
	thriftInt64
	thriftDouble
	thriftBinary
	thriftList
	thriftSet
	thriftMap
	thriftStructure
)

type thriftWalk struct {
	b    []byte
	at   int
	seen func(outer, inner int, v int64)
}

func (w *thriftWalk) take(n uint64) error {
	if n > uint64(len(w.b)-w.at) {
		return errThriftShort
	}
	w.at += int(n)
	return nil
}

func (w *thriftWalk) byte() (byte, error) {
	if err := w.take(1); err != nil {
		return 0, err
	}
	return w.b[w.at-1], nil
}

func (w *thriftWalk) uvarint() (uint64, error) {
	v, n := binary.Uvarint(w.b[w.at:])
	if n < 0 {
		return 0, fmt.Errorf("integer is too long: %w", ErrCorrupt)
	}
	if n == 0 {
		return 0, errThriftShort
	}
	w.at += n
	return v, nil
}

func (w *thriftWalk) varint() (int64, error) {
	u, err := w.uvarint()
	return int64(u>>1) ^ -int64(u&1), err
}

func (w *thriftWalk) structure(depth, outer int) error {
	if depth > thriftDepth {
		return fmt.Errorf("structures are nested too deeply: %w", ErrCorrupt)
	}
	id := 0
	for {
		head, err := w.byte()
		if err != nil || head&0x0f == 0 {
			return err
		}
		if delta := int(head >> 4); delta > 0 {
			id += delta
		} else {
			v, err := w.varint()
			if err != nil {
				return err
			}
			id = int(v)
		}
		kind := head & 0x0f
		switch {
		case kind == thriftTrue || kind == thriftFalse: // the value is in the type
		case kind >= thriftInt16 && kind <= thriftInt64:
			v, err := w.varint()
			if err != nil {
				return err
			}
			switch depth {
			case 0:
				w.seen(id, 0, v)
			case 1:
				w.seen(outer, id, v)
			}
		default:
			if err := w.value(kind, depth, id); err != nil {
				return err
			}
		}
	}
}

func (w *thriftWalk) value(kind byte, depth, id int) error {
	switch kind {
	case thriftTrue, thriftFalse, thriftByte: // in lists, booleans take a byte
		return w.take(1)
	case thriftInt16, thriftInt32, thriftInt64:
		_, err := w.varint()
		return err
	case thriftDouble:
		return w.take(8)
	case thriftBinary:
		n, err := w.uvarint()
		if err != nil {
			return err
		}
		return w.take(n)
	case thriftList, thriftSet:
		return w.list(depth)
	case thriftMap:
		return w.pairs(depth)
	case thriftStructure:
		return w.structure(depth+1, id)
	default:
		return fmt.Errorf("field of unknown type %d: %w", kind, ErrCorrupt)
	}
}

func (w *thriftWalk) list(depth int) error {
	head, err := w.byte()
	if err != nil {
		return err
	}
	n := uint64(head >> 4)
	if n == 15 {
		if n, err = w.uvarint(); err != nil {
			return err
		}
	}
	return w.values(n, depth, head&0x0f)
}

func (w *thriftWalk) pairs(depth int) error {
	n, err := w.uvarint()
	if err != nil || n == 0 {
		return err
	}
	kinds, err := w.byte()
	if err != nil {
		return err
	}
	return w.values(n, depth, kinds>>4, kinds&0x0f)
}

// values walks n times the given kinds; each value takes a byte at least.
func (w *thriftWalk) values(n uint64, depth int, kinds ...byte) error {
	if n > uint64(len(w.b)-w.at) {
		return errThriftShort
	}
	for range n {
		for _, k := range kinds {
			// Below a list nothing is reported: depth 2 and more.
			if err := w.value(k, max(depth+1, 2), 0); err != nil {
				return err
			}
		}
	}
	return nil
}
