package normalise

import (
	"regexp/syntax"
	"strconv"
	"sync"

	"github.com/nyaruka/phonenumbers"
)

// A plan is what must be known of a country's numbers to read the plain ones as the library does, without its expressions. Whatever a
// plan cannot decide is left to the library.
type plan struct {
	code     string   // calling code
	lengths  uint32   // bit n: a national number may have n digits
	local    uint32   // bit n: a number of n digits can be dialled locally only
	longest  int      // digits of the longest national number
	abroad   [10]bool // digits with which a prefix for calls abroad may begin
	trunk    [10]bool // digits with which a prefix for calls within the country may begin
	simple   byte     // the one digit that is that prefix, always left out; 0 when there is no such digit
	national *plan    // the plan of the calling code's main country
}

type plans struct {
	byCountry map[string]*plan
	byCode    map[int]*plan // nil for codes that belong to no country
}

// numbering reads the library's metadata.
var numbering = sync.OnceValue(func() plans {
	all := plans{map[string]*plan{}, map[int]*plan{}}
	collection, err := phonenumbers.MetadataCollection()
	if err != nil {
		return all
	}
	for code := range phonenumbers.GetSupportedCallingCodes() {
		all.byCode[code] = nil
	}
	for _, m := range collection.GetMetadata() {
		if m.GetId() == "001" {
			continue
		}
		p := &plan{code: strconv.Itoa(int(m.GetCountryCode()))}
		for _, n := range m.GetGeneralDesc().GetPossibleLength() {
			if n > 0 && n < 32 {
				p.lengths |= 1 << n
				p.longest = max(p.longest, int(n))
			}
		}
		for _, n := range m.GetGeneralDesc().GetPossibleLengthLocalOnly() {
			if n > 0 && n < 32 {
				p.local |= 1 << n
			}
		}
		p.abroad = beginnings(m.GetInternationalPrefix())
		if prefix := m.GetNationalPrefixForParsing(); prefix != "" {
			p.trunk = beginnings(prefix)
			numbers := beginnings(m.GetGeneralDesc().GetNationalNumberPattern())
			if len(prefix) == 1 && prefix[0] >= '0' && prefix[0] <= '9' && m.GetNationalPrefixTransformRule() == "" && !numbers[prefix[0]-'0'] {
				p.simple = prefix[0]
			}
		}
		all.byCountry[m.GetId()] = p
		if phonenumbers.GetRegionCodeForCountryCode(int(m.GetCountryCode())) == m.GetId() {
			all.byCode[int(m.GetCountryCode())] = p
		}
	}
	for id, p := range all.byCountry {
		code, _ := strconv.Atoi(p.code)
		if p.national = all.byCode[code]; p.national == nil {
			delete(all.byCountry, id)
		}
	}
	return all
})

// plainPhone reads a number that is written plainly, when its plan leaves no doubt. What it returns is what the library would.
func plainPhone(s, country string) (Number, bool) {
	var room [16]byte
	digits, plus, ok := trimPhone(&room, s)
	if !ok {
		return Number{}, false
	}
	if digits[0] == '0' && plus {
		return Number{}, false
	}
	if plus {
		for n, code := 1, 0; n <= 3; n++ {
			code = code*10 + int(digits[n-1]-'0')
			if p, known := numbering().byCode[code]; known && code > 0 {
				if p == nil || p.trunk[digits[n]-'0'] {
					return Number{}, false
				}
				return p.number(digits[n:])
			}
		}
		return Number{}, false
	}
	p := numbering().byCountry[country]
	if p == nil || p.abroad[digits[0]-'0'] {
		return Number{}, false
	}
	if n := len(p.code); string(digits[:n]) == p.code {
		// The calling code is left out of a number that would be too long otherwise.
		rest := digits[n:]
		if len(digits) <= p.longest || p.local>>len(digits)&1 != 0 || p.trunk[rest[0]-'0'] || p.national.trunk[rest[0]-'0'] {
			return Number{}, false
		}
		return p.national.number(rest)
	}
	if p.trunk[digits[0]-'0'] {
		if digits[0] != p.simple || p.lengths>>(len(digits)-1)&1 == 0 {
			return Number{}, false
		}
		digits = digits[1:]
	}
	return p.national.number(digits)
}

// number returns the number of a national number of the plan, false when its length is not one of the plan's.
func (p *plan) number(digits []byte) (Number, bool) {
	if digits[0] == '0' || p.lengths>>len(digits)&1 == 0 {
		return Number{}, false
	}
	var room [24]byte
	b := append(append(append(room[:0], '+'), p.code...), digits...)
	e164 := string(b)
	return Number{E164: e164, National: e164[1+len(p.code):]}, true
}

// beginnings returns the digits with which what an expression matches may begin; all of them when it may match nothing.
func beginnings(expression string) [10]bool {
	var set [10]bool
	e, err := syntax.Parse(expression, syntax.Perl)
	if err != nil || begin(e.Simplify(), &set) {
		for d := range set {
			set[d] = true
		}
	}
	return set
}

// begin adds the digits with which a match of e may begin, and reports whether e may match nothing.
func begin(e *syntax.Regexp, set *[10]bool) (empty bool) {
	switch e.Op {
	case syntax.OpLiteral:
		addDigits(set, e.Rune[0], e.Rune[0])
		return false
	case syntax.OpCharClass:
		for i := 0; i+1 < len(e.Rune); i += 2 {
			addDigits(set, e.Rune[i], e.Rune[i+1])
		}
		return false
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		addDigits(set, '0', '9')
		return false
	case syntax.OpCapture, syntax.OpPlus:
		return begin(e.Sub[0], set)
	case syntax.OpStar, syntax.OpQuest:
		begin(e.Sub[0], set)
		return true
	case syntax.OpRepeat:
		return begin(e.Sub[0], set) || e.Min == 0
	case syntax.OpConcat:
		for _, sub := range e.Sub {
			if !begin(sub, set) {
				return false
			}
		}
		return true
	case syntax.OpAlternate:
		for _, sub := range e.Sub {
			empty = begin(sub, set) || empty
		}
		return empty
	}
	return true
}

func addDigits(set *[10]bool, from, to rune) {
	for r := max(from, '0'); r <= min(to, '9'); r++ {
		set[r-'0'] = true
	}
}
