package snapshot

import (
	"errors"
	"time"

	"github.com/crmsync/crmsync/pipeline/columnar"
)

var (
	// ErrSnapshotIncomplete says that a file which an entry names is not there.
	ErrSnapshotIncomplete = errors.New("snapshot is incomplete")
	// ErrCorrupt says that a file is not what its entry says: another size, another hash, other rows, or unreadable.
	ErrCorrupt = columnar.ErrCorrupt
	// ErrKeyMissing says that a file is encrypted and the store was opened without a key.
	ErrKeyMissing = errors.New("snapshot is encrypted and no key is set")
	// ErrKeyWrong says that a file is encrypted for another key.
	ErrKeyWrong = errors.New("snapshot is encrypted for another key")
)

// Kinds of layers and of files.
const (
	Base       = "base"
	Delta      = "delta"
	Rows       = "rows"
	Tombstones = "tombstones"
)

// Entry describes a data set as one run saw it.
type Entry struct {
	Dataset string  `json:"dataset"`
	Layers  []Layer `json:"layers"` // oldest first
	// Rows is the number of live rows over all layers; -1 when unknown.
	Rows int64 `json:"rows"`
	// Changed is the number of rows in the last layer; Deleted the number of rows alive before that its tombstones removed.
	Changed int64 `json:"changed"`
	Deleted int64 `json:"deleted"`
	// Columns are the columns of the last layer. Older layers may have fewer; what they lack reads as null.
	Columns []string `json:"columns"`
	// Watermark is the server's instant up to which a chain has read its source.
	Watermark time.Time `json:"watermark,omitzero"`
	// Fingerprint tells whether the source changed, so that an entry may be used again.
	Fingerprint string `json:"fingerprint,omitempty"`
	// Swept is the server's instant of the latest comparison of all ids of a chain with those of its source.
	Swept time.Time `json:"swept,omitzero"`
	// SetAside are the keys of the source's rows that could not be taken, so that the chain lacks them.
	SetAside []string `json:"set_aside,omitempty"`
}

// Layer is what one run wrote of a data set.
type Layer struct {
	RunID string `json:"run_id"`
	Kind  string `json:"kind"` // Base or Delta
	Files []File `json:"files"`
}

// File is one immutable file.
type File struct {
	Path   string `json:"path"` // relative to the store's root, with slashes
	Kind   string `json:"kind"` // Rows or Tombstones
	Rows   int64  `json:"rows"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // of the file as it lies on disk, in hex
}

// Bytes is the size of all files of the entry.
func (e Entry) Bytes() int64 {
	var n int64
	for _, l := range e.Layers {
		for _, f := range l.Files {
			n += f.Bytes
		}
	}
	return n
}

// name notes the paths of the entry's files.
func (e Entry) name(paths map[string]bool) {
	for _, l := range e.Layers {
		for _, f := range l.Files {
			paths[f.Path] = true
		}
	}
}

// The limits beyond which an entry is worth compacting.
const (
	maxLayers     = 32
	maxDeltaShare = 0.5
)

// NeedsCompaction reports whether reading would gain from a new base: the deltas hold more than half as many rows as the base, or
// there are many of them.
func (e Entry) NeedsCompaction() bool {
	var base, deltas int64
	for i, l := range e.Layers {
		for _, f := range l.Files {
			if i == 0 {
				base += f.Rows
			} else {
				deltas += f.Rows
			}
		}
	}
	return len(e.Layers) > maxLayers || float64(deltas) > maxDeltaShare*float64(base) && deltas > columnar.BatchRows
}

func (l Layer) files(kind string) []File {
	var out []File
	for _, f := range l.Files {
		if f.Kind == kind {
			out = append(out, f)
		}
	}
	return out
}
