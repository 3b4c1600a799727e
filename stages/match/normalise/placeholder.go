package normalise

import (
	"strings"

	"github.com/crmsync/crmsync/stages/match/fold"
)

// placeholders are what people type where a field must not stay empty, folded, one a line.
var placeholders = lines(`unknown
unbekannt
inconnu
desconocido
desconhecido
sconosciuto
onbekend
neizvestno
n a
not provided
not available
not applicable
not given
no name
none given
tbd
tba
xxx
xxxx
anonymous
anonym
asdf
k a
keine angabe
no company
no company name
first name
last name
firstname
lastname
unspecified
undefined`)

// selfEmployed are what people give as their company when they have none.
var selfEmployed = lines(`freelance
freelancer
self employed
self
selbststandig
freiberufler
autonomo
independent
unemployed
retired
student
private
private person
privat
individual
homemaker
jobseeker
none
na`)

func lines(text string) map[string]bool {
	m := map[string]bool{}
	for line := range strings.Lines(text) {
		m[strings.TrimSpace(line)] = true
	}
	return m
}

// Placeholder reports whether a text stands for a missing value.
func Placeholder(s string) bool { return len(s) < 24 && placeholders[fold.Text(s)] }

// NoCompany reports whether a company's name says that there is none: a placeholder, or that somebody works for himself.
func NoCompany(s string) bool {
	if len(s) >= 24 {
		return false
	}
	t := fold.Text(s)
	return placeholders[t] || selfEmployed[t]
}
