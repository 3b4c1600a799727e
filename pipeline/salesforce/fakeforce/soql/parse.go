package soql

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// Salesforce refuses statements longer than this, in characters.
const maxLength = 100_000

// maxDepth bounds the nesting of parentheses and NOT, so that no statement can exhaust the stack.
const maxDepth = 200

var tokens = []lexer.SimpleRule{
	{Name: "whitespace", Pattern: `\s+`},
	{Name: "DateTime", Pattern: `\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:?\d{2})`},
	{Name: "Date", Pattern: `\d{4}-\d{2}-\d{2}`},
	{Name: "Number", Pattern: `[+-]?\d+(\.\d*)?([eE][+-]?\d+)?`},
	{Name: "Ident", Pattern: `[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*`},
	{Name: "String", Pattern: `'(\\[\s\S]|[^'\\])*'`},
	{Name: "Op", Pattern: `!=|<>|<=|>=|=|<|>`},
	{Name: "Punct", Pattern: `[(),:]`},
}

var parser = sync.OnceValue(func() *participle.Parser[Query] {
	return participle.MustBuild[Query](
		participle.Lexer(lexer.MustSimple(tokens)),
		participle.CaseInsensitive("Ident"),
		participle.UseLookahead(2),
	)
})

// Error is a statement that cannot be parsed. Its text is what Salesforce answers with MALFORMED_QUERY.
type Error struct {
	// Line and Column count from 1.
	Line, Column int
	Reason       string
	text         string
}

// Error renders the marked statement, the position and the reason, as Salesforce does.
func (e *Error) Error() string { return Mark(e.text, e.Line, e.Column, e.Reason) }

// Mark renders a complaint about a statement in Salesforce's style: a few words around the place, a caret, the position and
// the reason.
func Mark(text string, line, column int, reason string) string {
	row := ""
	if lines := strings.Split(text, "\n"); line >= 1 && line <= len(lines) {
		row = lines[line-1]
	}
	const around = 40
	from, to := max(0, column-1-around), min(len(row), column-1+around)
	if from > len(row) {
		from = len(row)
	}
	return fmt.Sprintf("\n%s\n%s^\nERROR at Row:%d:Column:%d\n%s",
		strings.ToValidUTF8(row[from:to], "?"), strings.Repeat(" ", max(0, column-1-from)), line, column, reason)
}

// Parse reads one statement.
func Parse(text string) (*Query, error) {
	if strings.TrimSpace(text) == "" {
		return nil, &Error{Line: 1, Column: 1, Reason: "unexpected token: <EOF>", text: text}
	}
	if len(text) > maxLength {
		return nil, &Error{Line: 1, Column: 1, Reason: "SOQL statements cannot be longer than 100,000 characters.", text: ""}
	}
	if depth(text) > maxDepth {
		return nil, &Error{Line: 1, Column: 1, Reason: "expression is nested too deeply", text: ""}
	}
	q, err := parser().ParseString("", text)
	if err != nil {
		return nil, toError(text, err)
	}
	return q, nil
}

// depth is an upper bound of how deep the parser recurses on the text: open parentheses plus NOTs.
func depth(text string) int {
	open, deepest := 0, 0
	for _, c := range text {
		switch c {
		case '(':
			open++
			deepest = max(deepest, open)
		case ')':
			open--
		}
	}
	return deepest + consecutiveNots(text)
}

// consecutiveNots counts the longest run of NOT NOT NOT …
func consecutiveNots(text string) int {
	run, longest := 0, 0
	for w := range strings.FieldsSeq(text) {
		if strings.EqualFold(strings.Trim(w, "()"), "NOT") {
			run++
			longest = max(longest, run)
		} else {
			run = 0
		}
	}
	return longest
}

func toError(text string, err error) *Error {
	e := &Error{Line: 1, Column: 1, Reason: err.Error(), text: text}
	var pe participle.Error
	if errors.As(err, &pe) {
		e.Line, e.Column = max(1, pe.Position().Line), max(1, pe.Position().Column)
		e.Reason = pe.Message()
	}
	var unexpected *participle.UnexpectedTokenError
	if errors.As(err, &unexpected) {
		if unexpected.Unexpected.EOF() {
			e.Reason = "unexpected token: <EOF>"
		} else {
			e.Reason = fmt.Sprintf("unexpected token: '%s'", unexpected.Unexpected.Value)
		}
	}
	return e
}

// Unquote returns the text of a string token: quotes removed, escapes resolved. With like set, the escapes of LIKE's
// wildcards (\% and \_) are kept for the matcher.
func Unquote(token string, like bool) (string, error) {
	if len(token) < 2 || token[0] != '\'' || token[len(token)-1] != '\'' {
		return "", fmt.Errorf("soql: %q is no quoted string", token)
	}
	body := token[1 : len(token)-1]
	if !strings.Contains(body, `\`) {
		return body, nil
	}
	var b strings.Builder
	for i := 0; i < len(body); i++ {
		if body[i] != '\\' {
			b.WriteByte(body[i])
			continue
		}
		i++
		if i >= len(body) {
			return "", errors.New("soql: a string ends in the middle of an escape")
		}
		switch c := body[i]; c {
		case 'n', 'N':
			b.WriteByte('\n')
		case 'r', 'R':
			b.WriteByte('\r')
		case 't', 'T':
			b.WriteByte('\t')
		case 'b', 'B':
			b.WriteByte('\b')
		case 'f', 'F':
			b.WriteByte('\f')
		case '\'', '"':
			b.WriteByte(c)
		case '\\':
			if like {
				b.WriteByte('\\')
			}
			b.WriteByte('\\')
		case '%', '_':
			if like {
				b.WriteByte('\\')
			}
			b.WriteByte(c)
		case 'u':
			r, ok := hex4(body[i+1:])
			if !ok {
				return "", errors.New(`soql: \u needs four hexadecimal digits`)
			}
			b.WriteRune(r)
			i += 4
		default:
			return "", fmt.Errorf("soql: Invalid string literal '%s'. Illegal character sequence '\\%c' in string literal", body, c)
		}
	}
	return b.String(), nil
}

func hex4(s string) (rune, bool) {
	if len(s) < 4 {
		return 0, false
	}
	var r rune
	for _, c := range []byte(s[:4]) {
		r <<= 4
		switch {
		case c >= '0' && c <= '9':
			r |= rune(c - '0')
		case c >= 'a' && c <= 'f':
			r |= rune(c-'a') + 10
		case c >= 'A' && c <= 'F':
			r |= rune(c-'A') + 10
		default:
			return 0, false
		}
	}
	return r, true
}
