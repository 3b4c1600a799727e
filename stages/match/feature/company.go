package feature

import (
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/compare"
	"github.com/crmsync/crmsync/stages/match/normalise"
	"github.com/crmsync/crmsync/stages/match/record"
)

// employer is what a row says of a company. Its lines of 64 bytes, as memory comes, are what the first look needs, what it takes to
// compare the name that most are known by, and the rest.
type employer struct {
	sign   compare.Signature // of the main name
	sets   uint64            // bloom of domains, id, and words that are not plain, set by the lexicon
	short  uint32            // bloom of acronyms
	whole  uint32            // bloom of the main name, to be met by acronyms
	weight float32           // of the main name, in bits
	plain  float32           // of its plain words
	joined word              // the main name, 0 when there is none
	key    word              // company id on the directory's side
	long   [3]uint32         // long words of the main name (see longWord), 0 for none
	simple uint32            // where the name is in the arena when there is one, no former one, and no more long words; else 0

	brief briefName // the name of a simple one

	names   list   // where each name is in the arena, the main one first
	past    list   // those of former employers
	domains list   // of web site and e-mail
	keys    list   // hashes for blocking, in two halves
	rare    uint64 // hash of the rarest word of the main name
	second  uint64 // of the second rarest, or of the whole name
	_       [16]byte
}

// briefName holds the parts of a name where they are few, so that they needn't be fetched from the arena.
type briefName struct {
	words    [4]word
	bits     [4]uint32
	acronyms [3]word
	long     [3]word
	n        [8]uint8 // how many words, acronyms and long words there are; no words when they are too many
}

// shorten keeps the parts of a name if they are few.
func (b *briefName) shorten(n *companyName) {
	if len(n.words) > len(b.words) || len(n.acronyms) > len(b.acronyms) || len(n.long) > len(b.long) {
		return
	}
	copy(b.words[:], n.words)
	copy(b.bits[:], n.bits)
	copy(b.acronyms[:], n.acronyms)
	copy(b.long[:], n.long)
	b.n = [8]uint8{uint8(len(n.words)), uint8(len(n.acronyms)), uint8(len(n.long))}
}

// simpleName sets the name of a simple employer, whose parts stay where they are.
func (e *employer) simpleName(n *companyName, arena []uint32) {
	b := &e.brief
	if b.n[0] == 0 {
		n.read(arena, e.simple)
		return
	}
	n.joined, n.weight, n.sign = e.joined, e.weight, e.sign
	n.words, n.bits, n.acronyms = b.words[:b.n[0]], b.bits[:b.n[0]], b.acronyms[:b.n[1]]
	n.long, n.forms = b.long[:b.n[2]], e.long[:b.n[2]]
}

// longWord packs what must fit for two long words to be one edit apart: first letter, length, second letter, last letter.
func longWord(s string) uint32 {
	return uint32(s[0]) | uint32(min(len(s), 255))<<8 | uint32(s[1])<<16 | uint32(s[len(s)-1])<<24
}

// mayBeNear reports whether two long words of the same first letter may be one edit apart: an edit leaves the second letter or the
// last one as it is.
func mayBeNear(x, y uint32) bool {
	a, b := x>>8&255, y>>8&255
	return byte(x) == byte(y) && a <= b+1 && b <= a+1 && (x>>16&255 == y>>16&255 || x>>24 == y>>24)
}

// companyName is one name of a company, as it is in the arena.
type companyName struct {
	joined   word
	weight   float32 // of all words, set by the lexicon
	sign     compare.Signature
	words    []word   // distinct
	bits     []uint32 // their weights (float32), set by the lexicon
	acronyms []word
	long     []word   // of six letters and more, which may be misspelt
	forms    []uint32 // their longWord
}

// A name in the arena: joined, weight, signature (4), three counts, the words, their weights, the acronyms, the long words, their forms.
const nameHead = 9

func nameAt(arena []uint32, at uint32) (n companyName) {
	n.read(arena, at)
	return n
}

// read takes a name from the arena. The words stay there.
func (n *companyName) read(arena []uint32, at uint32) {
	h := arena[at : at+nameHead : at+nameHead]
	rest := arena[at+nameHead:]
	w := h[6]
	a := 2*w + h[7]
	n.joined, n.weight = h[0], math.Float32frombits(h[1])
	n.sign = compare.Signature{Letters: uint64(h[2]) | uint64(h[3])<<32, Head: h[4], Len: uint16(h[5]), More: uint16(h[5] >> 16)}
	l := a + h[8]
	n.words, n.bits, n.acronyms, n.long, n.forms = rest[:w], rest[w:2*w], rest[2*w:a], rest[a:l], rest[l:l+h[8]]
}

// namesAt calls fn for the names in a list of positions.
func namesAt(arena []uint32, positions list, fn func(n companyName)) {
	for _, at := range positions.in(arena) {
		fn(nameAt(arena, at))
	}
}

func keepName(c *column[employer], w *words, n *rawName) uint32 {
	at := uint32(len(c.arena))
	var room [3][16]word
	distinct, long, forms := room[0][:0], room[1][:0], room[2][:0]
	for i, s := range n.Words {
		id := w.numbered(s, n.ids[i])
		if slices.Contains(distinct, id) {
			continue
		}
		distinct = append(distinct, id)
		if len(s) > 5 {
			long, forms = append(long, id), append(forms, longWord(s))
		}
	}
	g := &n.sign
	c.arena = append(c.arena, w.numbered(n.joined, n.id), 0, uint32(g.Letters), uint32(g.Letters>>32), g.Head, uint32(g.Len)|uint32(g.More)<<16,
		uint32(len(distinct)), uint32(len(n.Acronyms)), uint32(len(long)))
	c.arena = append(c.arena, distinct...)
	c.arena = append(c.arena, make([]uint32, len(distinct))...) // weights
	for i, a := range n.Acronyms {
		c.arena = append(c.arena, w.numbered(a, n.ids[len(n.Words)+i]))
	}
	c.arena = append(append(c.arena, long...), forms...)
	return at
}

// rawName is a name before its words are numbered.
type rawName struct {
	normalise.CompanyName
	text   string // so that equal ones meet
	joined string
	sign   compare.Signature // of joined
	id     word              // of joined, as far as it was numbered before; 0 when it was not
	ids    []word            // those of the words, then of the acronyms
}

func newRawName(n normalise.CompanyName, w *words) *rawName {
	b := make([]byte, 0, 64)
	b = append(b, mainName)
	for _, s := range n.Words {
		b = append(append(b, s...), ' ')
	}
	for _, s := range n.Acronyms {
		b = append(append(b, '/'), s...)
	}
	r := &rawName{CompanyName: n, text: string(append(b, '|')), joined: n.Joined(), ids: make([]word, 0, len(n.Words)+len(n.Acronyms))}
	r.sign, r.id = compare.Sign(r.joined), w.before(r.joined)
	for _, s := range n.Words {
		r.ids = append(r.ids, w.before(s))
	}
	for _, s := range n.Acronyms {
		r.ids = append(r.ids, w.before(s))
	}
	return r
}

// How texts of names begin, by what they are names of.
const (
	mainName   = '0'
	formerName = '1'
)

// rawEmployer is an employer before its words are numbered. Equal names of two employers are one and the same.
type rawEmployer struct {
	names, past []*rawName
	key         string
	domains     []string
}

// employerRoles are read in this order by companyReader.
var employerRoles = source{schemas.Company, schemas.OtherNames, schemas.PastCompanies, schemas.CompanyKey, schemas.Website, schemas.Email}

// companyReader reads company names. It is used by several goroutines.
type companyReader struct {
	words *words
	// known holds names by text, nil where each text comes once: many people work at one company, but few have the same list of former
	// ones.
	known *sync.Map
}

func (r *companyReader) read(s string) []*rawName {
	if r.known != nil {
		if known, ok := r.known.Load(s); ok {
			return known.([]*rawName)
		}
	}
	list := normalise.Company(s)
	names := make([]*rawName, len(list))
	for i, n := range list {
		names[i] = newRawName(n, r.words)
	}
	if r.known == nil {
		return names
	}
	known, _ := r.known.LoadOrStore(s, names) // another goroutine may have read it as well
	return known.([]*rawName)
}

func (r *companyReader) employer(args []string) rawEmployer {
	e := rawEmployer{key: args[3]}
	if args[0] != "" {
		e.names = r.read(args[0])
	}
	if args[1] != "" {
		for _, other := range strings.Split(args[1], schemas.ListSeparator) {
			e.names = append(e.names, r.read(other)...)
		}
	}
	if args[2] != "" {
		for _, former := range strings.Split(args[2], schemas.ListSeparator) {
			e.past = append(e.past, r.read(former)...)
		}
	}
	if args[4] != "" {
		for _, site := range strings.Split(args[4], schemas.ListSeparator) {
			if d, _ := normalise.Site(site); d != "" {
				e.domains = append(e.domains, d)
			}
		}
	}
	if args[5] != "" {
		for _, address := range strings.Split(args[5], schemas.ListSeparator) {
			if a := normalise.Email(address); a.Domain != "" && !a.Free {
				e.domains = append(e.domains, a.Domain)
			}
		}
	}
	return e
}

// text identifies what the employer says, so that equal ones meet.
func (e rawEmployer) text() string {
	if len(e.names) == 1 && len(e.past) == 0 && e.key == "" && len(e.domains) == 0 {
		return e.names[0].text
	}
	var b strings.Builder
	for _, n := range e.names {
		b.WriteString(n.text)
	}
	for _, n := range e.past {
		b.WriteByte(formerName)
		b.WriteString(n.text[1:])
	}
	if e.key != "" {
		b.WriteString("#" + e.key)
	}
	for _, d := range e.domains {
		b.WriteString("@" + d)
	}
	return b.String()
}

func employerColumn(t *record.Table, w *words, workers int, roles ...schemas.Role) *column[employer] {
	from, given := slices.Clone(employerRoles), 0
	for i, r := range from {
		if !slices.Contains(roles, r) {
			from[i] = schemas.NoRole
		}
		if t.Column(from[i]) != nil {
			given++
		}
	}
	reader := &companyReader{words: w}
	if given > 1 {
		reader.known = &sync.Map{}
	}
	var texts record.Dictionary
	var places []uint32 // where names are in the arena, by their texts
	return derive(t, from, workers, reader.employer, rawEmployer.text, func(c *column[employer], e rawEmployer) employer {
		var v employer
		if len(c.arena) == 0 {
			c.arena = append(c.arena, 0) // no name is at 0
		}
		keepNames := func(of []*rawName) list {
			var room [16]word
			at := room[:0]
			for _, n := range of {
				i := int(texts.Code(n.text))
				if i == len(places) {
					places = append(places, keepName(c, w, n))
				}
				at = append(at, places[i])
			}
			return c.keep(at)
		}
		v.names, v.past = keepNames(e.names), keepNames(e.past)
		if len(e.names) > 0 {
			n := e.names[0]
			v.joined, v.sign = w.numbered(n.joined, n.id), n.sign
		}
		var domains []word
		for _, d := range e.domains {
			domains = append(domains, w.number(d))
		}
		v.domains = c.keep(domains)
		if e.key != "" {
			v.key = w.number("#" + e.key)
		}
		return v
	})
}
