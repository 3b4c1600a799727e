package demodata

import (
	"fmt"
	"strings"
	"time"
)

type role struct {
	id, name string
	parent   *role
}

type user struct {
	id, first, last string
	role            *role
	title           string
	email           string
	active          bool
	created         time.Time
	left            time.Time // zero while active
	sells           bool
	seat            *seat
}

func (u *user) name() string { return u.first + " " + u.last }

// roleTree is the org's role tree: name, the role above, and how many users hold it.
var roleTree = []struct {
	name, above string
	users       int
	title       string
	sells       bool
}{
	{"Chief Revenue Officer", "", 1, "Chief Revenue Officer", false},
	{"Americas Sales", "Chief Revenue Officer", 2, "Sales Manager", true},
	{"EMEA Sales", "Chief Revenue Officer", 2, "Sales Manager", true},
	{"APAC Sales", "Chief Revenue Officer", 4, "Account Executive", true},
	{"Americas Enterprise", "Americas Sales", 8, "Account Executive", true},
	{"Americas Mid-Market", "Americas Sales", 7, "Account Executive", true},
	{"EMEA Enterprise", "EMEA Sales", 5, "Account Executive", true},
	{"EMEA Mid-Market", "EMEA Sales", 4, "Account Executive", true},
	{"Sales Development", "Chief Revenue Officer", 5, "Sales Development Representative", false},
	{"Sales Operations", "Chief Revenue Officer", 2, "Sales Operations Analyst", false},
}

var (
	userFirst = []string{
		"Avery", "Blake", "Casey", "Devon", "Emery", "Finley", "Gray", "Harper", "Indigo", "Jules", "Kai", "Lane", "Marlow", "Noel",
		"Oakley", "Parker", "Quinn", "Reese", "Sage", "Tatum", "Umber", "Vale", "Wren", "Xen", "Yael", "Zion", "Arden", "Briar", "Cove",
		"Dale", "Ellis", "Fern", "Glen", "Haven", "Ivory", "Jade", "Kit", "Lark", "Moss", "North",
	}
	userLast = []string{"Demofield", "Sampleton", "Testerby", "Mockridge", "Placeholder", "Exemplar", "Fixtureby", "Stubworth"}
)

func (g *generator) makeUsers() {
	r := g.random("users")
	byName := map[string]*role{}
	for _, t := range roleTree {
		ro := &role{id: g.id("00E"), name: t.name, parent: byName[t.above]}
		byName[t.name] = ro
		g.roles = append(g.roles, ro)
		for range t.users {
			n := len(g.users)
			u := &user{
				id: g.id("005"), first: userFirst[n], last: userLast[(n*3+n/8)%len(userLast)], role: ro, title: t.title, sells: t.sells, active: true,
				created: between(r, g.now.AddDate(-5, 0, 0), g.now.AddDate(-3, -1, 0)),
			}
			u.email = fmt.Sprintf("%s.%s@example.com", strings.ToLower(u.first), strings.ToLower(u.last))
			g.users = append(g.users, u)
		}
	}
	for _, n := range []int{9, 17, 23, 31} { // left the company; closed deals stay theirs
		g.users[n].active, g.users[n].left = false, between(r, g.now.AddDate(-1, -6, 0), g.now.AddDate(0, -4, 0))
	}
}

func (g *generator) userRow(u *user) fields {
	f := fields{
		"Id": u.id, "FirstName": u.first, "LastName": u.last, "Email": u.email, "Username": strings.ReplaceAll(u.email, "@", "@crm."),
		"Title": u.title, "Department": "Sales (generated)", "IsActive": fmt.Sprint(u.active), "UserRoleId": u.role.id, "Phone": g.phone(),
		"CreatedDate": instant(u.created), "LastModifiedDate": instant(u.created),
	}
	if !u.active {
		f["LastModifiedDate"] = instant(u.left)
	}
	return f
}

func (g *generator) roleRow(ro *role) fields {
	f := fields{"Id": ro.id, "Name": ro.name, "LastModifiedDate": instant(g.now.AddDate(-5, 0, 0))}
	if ro.parent != nil {
		f["ParentRoleId"] = ro.parent.id
	}
	return f
}

// sellersAt returns the users who could own a deal that begins at t.
func (g *generator) sellersAt(t time.Time) []*user {
	var out []*user
	for _, u := range g.users {
		if u.sells && (u.active || t.Before(u.left.AddDate(0, -2, 0))) {
			out = append(out, u)
		}
	}
	return out
}
