// Package soql parses the part of SOQL that extraction and write-back clients use.
//
// A Query is the syntax tree of one statement: items, object, conditions, order and limit, each with its position in the
// text. The parser knows no schema: whether a field exists, and whether its value has the right type, is decided by the org
// that runs the query. As in Salesforce, AND and OR are never mixed on one level without parentheses, and keywords are
// recognised in any case.
package soql

import "github.com/alecthomas/participle/v2/lexer"

// Query is one SELECT statement.
type Query struct {
	Items   []*Item      `parser:"'SELECT' @@ (',' @@)*"`
	Object  string       `parser:"'FROM' @Ident"`
	Alias   string       `parser:"('AS'? (?! ('WHERE'|'GROUP'|'ORDER'|'LIMIT'|'OFFSET'|'FOR'|'WITH'|'USING'|'HAVING') ) @Ident)?"`
	Where   *Expr        `parser:"('WHERE' @@)?"`
	GroupBy []string     `parser:"('GROUP' 'BY' @Ident (',' @Ident)*)?"`
	OrderBy []*OrderItem `parser:"('ORDER' 'BY' @@ (',' @@)*)?"`
	Limit   *int         `parser:"('LIMIT' @Number)?"`
	Offset  *int         `parser:"('OFFSET' @Number)?"`
	For     string       `parser:"('FOR' @('VIEW'|'REFERENCE'|'UPDATE'))?"`
}

// Item is one selected thing: a field path, a function of a field, or a parent-to-child subquery.
type Item struct {
	Pos   lexer.Position
	Sub   *Query `parser:"  '(' @@ ')'"`
	Func  string `parser:"| @Ident '('"`
	Arg   string `parser:"    @Ident? ')'"`
	Alias string `parser:"    ((?! 'FROM') @Ident)?"`
	Field string `parser:"| @Ident"`
}

// Expr joins conditions by AND or by OR, never both.
type Expr struct {
	First *Condition   `parser:"@@"`
	And   []*Condition `parser:"( ('AND' @@)+"`
	Or    []*Condition `parser:"| ('OR' @@)+ )?"`
}

// Condition is a parenthesised expression, a negation or a comparison.
type Condition struct {
	Group   *Expr      `parser:"  '(' @@ ')'"`
	Not     *Condition `parser:"| 'NOT' @@"`
	Compare *Compare   `parser:"| @@"`
}

// Compare holds one field against one value, or a list of them.
type Compare struct {
	Pos   lexer.Position
	Field string   `parser:"@Ident"`
	Op    string   `parser:"@(Op | 'LIKE' | 'IN' | 'NOT' 'IN' | 'INCLUDES' | 'EXCLUDES')"`
	List  []*Value `parser:"( '(' @@ (',' @@)* ')'"`
	Value *Value   `parser:"| @@ )"`
}

// Value is a literal. Exactly one field is set.
type Value struct {
	Pos      lexer.Position
	String   *string `parser:"  @String"`
	DateTime *string `parser:"| @DateTime"`
	Date     *string `parser:"| @Date"`
	Number   *string `parser:"| @Number"`
	// Word is null, true, false or a date literal such as TODAY; N is the number of LAST_N_DAYS:n.
	Word *string `parser:"| @Ident"`
	N    *string `parser:"  (':' @Number)?"`
}

// OrderItem is one key of ORDER BY.
type OrderItem struct {
	Pos   lexer.Position
	Field string `parser:"@Ident"`
	Dir   string `parser:"@('ASC' | 'DESC')?"`
	Nulls string `parser:"('NULLS' @('FIRST' | 'LAST'))?"`
}
