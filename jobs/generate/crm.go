package generate

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

var (
	accountHeader = strings.Split("Id,Name,Website,Phone,Industry,NumberOfEmployees,TickerSymbol,BillingStreet,BillingCity,BillingState,BillingPostalCode,BillingCountry", ",")
	contactHeader = strings.Split("Id,AccountId,AccountName,FirstName,LastName,Title,Email,Phone,MailingStreet,MailingCity,MailingState,MailingPostalCode,MailingCountry", ",")
	leadHeader    = strings.Split("Id,FirstName,LastName,Company,Title,Email,Phone,Website,Street,City,State,PostalCode,Country", ",")
)

// truth collects true pairs in the order of records.
type truth struct {
	mu   sync.Mutex
	rows map[int][3]string // by number of the record
}

func (t *truth) add(i int, row [3]string) {
	t.mu.Lock()
	t.rows[i] = row
	t.mu.Unlock()
}

// write appends the rows to a CSV file.
func (t *truth) write(w *csv.Writer, n, columns int) (written int, err error) {
	for i := range n {
		if row, ok := t.rows[i]; ok {
			written++
			err = errors.Join(err, w.Write(row[:columns]))
		}
	}
	return written, err
}

// stride spreads the numbers below n: k*stride mod n takes each once, since n and the stride have no factor in common.
func stride(n int) int {
	s := n*5/8 | 1
	for new(big.Int).GCD(nil, nil, big.NewInt(int64(s)), big.NewInt(int64(n))).Int64() != 1 {
		s += 2
	}
	return s
}

// recordID makes an 18-character Salesforce id.
func recordID(prefix string, n int) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	b := []byte(prefix + "Gn00000000000")[:15]
	for i := 14; i > 5 && n > 0; i-- {
		b[i] = digits[n%62]
		n /= 62
	}
	for part := range 3 {
		sum := 0
		for i, c := range b[part*5 : part*5+5] {
			if c >= 'A' && c <= 'Z' {
				sum |= 1 << i
			}
		}
		b = append(b, "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[sum])
	}
	return string(b)
}

// crm writes accounts, contacts and leads, and the truth about them.
func (g *generator) crm(ctx context.Context, sum *Summary) (err error) {
	files := map[string]*csv.Writer{}
	for _, name := range []string{"accounts", "contacts", "leads", "duplicates"} {
		f, err := os.Create(filepath.Join(g.Out, "truth", name+".csv"))
		if err != nil {
			return fmt.Errorf("write truth: %w", err)
		}
		w := csv.NewWriter(f)
		header := []string{"crm_id", "member_id", "kind"}
		switch name {
		case "accounts":
			header[1] = "company_id"
		case "duplicates":
			header = []string{"crm_id", "duplicate_of"}
		}
		if err := w.Write(header); err != nil {
			return fmt.Errorf("write truth: %w", err)
		}
		files[name] = w
		defer func() {
			w.Flush()
			err = errors.Join(err, w.Error(), f.Close())
		}()
	}
	duplicates := 0
	keep := func(t, d *truth, n int, file string) (int, error) {
		found, err := t.write(files[file], n, 3)
		if err != nil {
			return 0, err
		}
		twice, err := d.write(files["duplicates"], n, 2)
		duplicates += twice
		return found, err
	}
	t, d := &truth{rows: map[int][3]string{}}, &truth{rows: map[int][3]string{}}
	for i := range g.Accounts { // contacts refer to them
		if k, dup := g.accountOf(i); dup < 0 && k >= 0 {
			g.accounts[k] = recordID("001", i+1)
		}
	}
	if err := g.table(ctx, "crm/accounts.csv", accountHeader, g.Accounts, func(begin, end int, add func(...string)) { g.accountRows(begin, end, add, t, d) }); err != nil {
		return err
	}
	if sum.TrueFirms, err = keep(t, d, g.Accounts, "accounts"); err != nil {
		return err
	}
	for _, object := range []struct {
		name, prefix string
		header       []string
		stream, n    int
		from         int // first of the people that the records are about
	}{
		{"contacts", "003", contactHeader, streamContact, g.Contacts, 0},
		{"leads", "00Q", leadHeader, streamLead, g.Leads, g.Contacts},
	} {
		t, d := &truth{rows: map[int][3]string{}}, &truth{rows: map[int][3]string{}}
		err := g.table(ctx, "crm/"+object.name+".csv", object.header, object.n, func(begin, end int, add func(...string)) {
			for i := begin; i < end; i++ {
				g.record(i, object.stream, object.from, object.prefix, add, t, d)
			}
		})
		if err != nil {
			return err
		}
		found, err := keep(t, d, object.n, object.name)
		if err != nil {
			return err
		}
		sum.TruePeople += found
	}
	sum.Duplicates = duplicates
	return nil
}

// accountOf returns the company of account i, -1 when it is none of the directory, and which account it repeats, -1 for none.
func (g *generator) accountOf(i int) (company, repeats int) {
	r := source(g.seed, streamAccount, i)
	x := r.Float64()
	company = i * stride(g.Companies) % g.Companies
	switch {
	case x < g.Errors.Absent:
		return -1, -1
	case x < g.Errors.Absent+g.Errors.Duplicate && i > 0:
		other := r.IntN(i)
		if k, again := g.accountOf(other); k >= 0 && again < 0 {
			return k, other
		}
	}
	return company, -1
}

func (g *generator) accountRows(begin, end int, add func(...string), t, d *truth) {
	for i := begin; i < end; i++ {
		r := source(g.seed, streamAccount, -1-i)
		k, repeats := g.accountOf(i)
		id := recordID("001", i+1)
		var c company
		if k < 0 {
			c = g.newCompany(g.Companies + i) // of the same world, but not in the directory
		} else {
			c = g.companies[k]
		}
		switch {
		case repeats >= 0:
			d.add(i, [3]string{id, recordID("001", repeats+1)})
			t.add(i, [3]string{id, c.id, "duplicate"})
		case k >= 0:
			t.add(i, [3]string{id, c.id, "same"})
		}
		e := &g.Errors
		website, phone, employees, street, at, region, postal := "www."+c.domain, c.phone, strconv.Itoa(int(float64(c.employees)*(0.7+0.6*r.Float64()))), c.street, c.at.name, c.at.region, c.postal
		if r.Float64() < 0.3 {
			website = ""
		}
		if r.Float64() < e.NoPhone {
			phone = ""
		}
		if r.Float64() < 0.4 {
			employees = ""
		}
		if r.Float64() < e.NoPlace {
			street, at, region, postal = "", "", "", ""
		} else if r.Float64() < e.OtherPlace {
			p := c.country.places.draw(r)
			street, at, region, postal = c.country.address(r), p.name, p.region, fill(r, c.country.postal)
		} else if r.Float64() < e.PlaceTypo {
			at = typo(r, at)
		}
		industry := c.industry
		if r.Float64() < 0.4 {
			industry = ""
		}
		add(id, e.writeCompany(r, &c), website, phone, industry, employees, c.ticker, street, at, region, postal, c.country.label)
	}
}

// about returns the person of record i, whether that person is in the directory, and which record it repeats, -1 for none.
func (g *generator) about(i, stream, from int) (p person, known bool, repeats int) {
	r := source(g.seed, stream, i)
	x := r.Float64()
	switch {
	case x < g.Errors.Absent:
		return g.person(g.people + from + i), false, -1
	case x < g.Errors.Absent+g.Errors.Duplicate && i > 0:
		other := r.IntN(i)
		if p, known, again := g.about(other, stream, from); known && again < 0 {
			return p, true, other
		}
	}
	return g.person((from + i) * stride(g.people) % g.people), true, -1
}

// record writes contact or lead i.
func (g *generator) record(i, stream, from int, prefix string, add func(...string), t, d *truth) {
	e := &g.Errors
	r := source(g.seed, stream, -1-i)
	p, known, repeats := g.about(i, stream, from)
	id, kind := recordID(prefix, i+1), "same_company"
	employer := p.company
	if r.Float64() < e.Moved {
		kind = "moved"
		employer = g.zipf(r)
		if len(p.past) > 0 && r.Float64() < 0.6 {
			employer = p.past[r.IntN(len(p.past))]
		}
	}
	switch {
	case repeats >= 0:
		d.add(i, [3]string{id, recordID(prefix, repeats+1)})
		t.add(i, [3]string{id, p.id, "duplicate"})
	case known:
		t.add(i, [3]string{id, p.id, kind})
	}
	c := &g.companies[employer]
	given, family := e.writeName(r, &p)
	name := e.writeCompany(r, c)
	if r.Float64() < e.NoCompany {
		name = ""
	}
	title := pick(r, p.title, e.NoTitle, e.OtherTitle, func() string { return g.titles.draw(r) })
	email := pick(r, p.email, e.NoEmail, e.OtherEmail, func() string { return p.private })
	phone := pick(r, p.phone, e.NoPhone, e.Switchboard, func() string { return c.phone })
	street, at, region, postal, label := p.street, p.at.name, p.at.region, p.postal, p.country.label
	switch x := r.Float64(); {
	case x < e.NoPlace:
		street, at, region, postal, label = "", "", "", "", ""
	case x < e.NoPlace+e.OtherPlace:
		other := p.country.places.draw(r)
		street, at, region, postal = p.country.address(r), other.name, other.region, fill(r, p.country.postal)
	case x < e.NoPlace+e.OtherPlace+e.PlaceTypo:
		at = typo(r, at)
	}
	if prefix == "003" {
		add(id, g.accounts[employer], name, given, family, title, email, phone, street, at, region, postal, label)
		return
	}
	site := ""
	if r.Float64() < 0.15 {
		site = c.domain
	}
	add(id, given, family, name, title, email, phone, site, street, at, region, postal, label)
}

// pick returns a value, nothing, or another one.
func pick(r *rand.Rand, value string, none, other float64, instead func() string) string {
	switch x := r.Float64(); {
	case x < none:
		return ""
	case x < none+other:
		return instead()
	}
	return value
}
