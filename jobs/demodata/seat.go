package demodata

import (
	"fmt"
	"strconv"
	"strings"
)

type seat struct {
	id, member, name, email string
	team, licence           string
	active, admin           bool
	user                    *user // nil: not a CRM user
}

// syncs reports whether the seat's licence includes the sync and the seat is in use.
func (s *seat) syncs() bool { return s.active && (s.licence == "Team" || s.licence == "Enterprise") }

// Users without a seat, by position; some of them sell.
var seatless = map[int]bool{0: true, 7: true, 12: true, 16: true, 21: true, 26: true, 29: true, 33: true, 35: true, 37: true, 38: true}

func (g *generator) makeSeats() {
	for n, u := range g.users {
		if seatless[n] {
			continue
		}
		s := &seat{user: u, name: u.name(), email: u.email, team: u.role.name, licence: "Enterprise", active: u.active}
		switch n % 8 {
		case 3:
			s.licence = "Team"
		case 5: // the same address in capitals
			s.email = strings.ToUpper(s.email[:1]) + s.email[1:strings.Index(s.email, "@")] + "@Example.COM"
		case 6: // the CRM has the address with a tag
			u.email = strings.Replace(u.email, "@", "+crm@", 1)
		}
		switch n {
		case 19: // another address: tied to the user by hand
			s.email = strings.ToLower(u.first[:1]+u.last) + "@sales.example.com"
		case 14:
			s.licence = "Professional"
		case 22, 36:
			s.licence = "Core"
		}
		g.addSeat(s)
	}
	g.addSeat(&seat{name: "Robin Notacrmuser", email: "robin.notacrmuser@example.com", team: "Marketing", licence: "Enterprise", active: true})
	g.seats[0].admin = true
}

func (g *generator) addSeat(s *seat) {
	n := len(g.seats) + 1
	s.id, s.member = strconv.Itoa(5000100+n), fmt.Sprintf("s%04d", n)
	if s.user != nil {
		s.user.seat = s
	}
	g.seats = append(g.seats, s)
}

func (g *generator) seatRow(s *seat) fields {
	return fields{
		"seat_id": s.id, "member_id": s.member, "name": s.name, "email": s.email, "active": strconv.FormatBool(s.active), "team": s.team,
		"licence_type": s.licence, "is_admin": strconv.FormatBool(s.admin),
	}
}
