package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/crmsync/crmsync/stages/match/eval"
)

// set is a pair of files with a truth, and the F1 that links at the usual threshold have to reach.
type set struct {
	name    string
	spec    string // in testdata/accuracy
	folder  string
	outside bool // of the folder of sets that are not part of the project
	left    string
	right   string
	truth   func(left, folder string) (eval.Truth, error)
	aside   []string // kinds of pairs that count neither way
	bar     float64
	peer    string // what another program reaches
}

var cases = []set{
	febrl4("febrl4, every field", "febrl4-all.yaml", 0.999, "Splink 0.999"),
	febrl4("febrl4, without the number", "febrl4-no-code.yaml", 0.995, ""),
	febrl4("febrl4, names and address", "febrl4-address.yaml", 0.99, "Splink 0.984"),
	fortune("accounts", "accounts.yaml", "crm_accounts.csv", "directory_companies.csv", "truth_accounts.csv", "successor", 0.99, "equal names 0.967"),
	fortune("accounts, no website, no street", "accounts-bare.yaml", "crm_accounts.csv", "directory_companies.csv", "truth_accounts.csv", "successor", 0.98, "equal names 0.967"),
	fortune("people", "people.yaml", "crm_contacts.csv", "directory_people.csv", "truth_people.csv", "moved", 0.985, "equal names 0.964"),
}

// febrl4 is the fourth of the data sets made with Febrl (Christen, Febrl: An Open Source Data Cleaning, Deduplication and Record
// Linkage System with a Graphical User Interface, KDD 2008). Its licence does not allow to pass it on.
func febrl4(name, spec string, bar float64, peer string) set {
	return set{
		name: name, spec: spec, folder: "febrl4", outside: true, left: "dataset4a.csv", right: "dataset4b.csv", truth: febrlTruth, bar: bar, peer: peer,
	}
}

// fortune is the set in testdata/fortune.
func fortune(name, spec, left, right, truth, aside string, bar float64, peer string) set {
	return set{
		name: name, spec: spec, folder: "fortune", left: left, right: right, aside: []string{aside}, bar: bar, peer: peer,
		truth: func(_, folder string) (eval.Truth, error) { return eval.OpenTruth(filepath.Join(folder, truth)) },
	}
}

// febrlTruth reads the truth from the ids: rec-1070-org is rec-1070-dup-0.
func febrlTruth(left, _ string) (eval.Truth, error) {
	f, err := os.Open(left)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in := csv.NewReader(f)
	in.TrimLeadingSpace = true
	records, err := in.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", left, err)
	}
	truth := eval.Truth{}
	for _, rec := range records[min(1, len(records)):] {
		id := strings.TrimSpace(rec[0])
		stem, ok := strings.CutSuffix(id, "-org")
		if !ok {
			return nil, fmt.Errorf("%s: id %s is not of the form rec-N-org", left, id)
		}
		truth[eval.Pair{Left: id, Right: stem + "-dup-0"}] = ""
	}
	return truth, nil
}
