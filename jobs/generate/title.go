package generate

import (
	"math/rand/v2"
	"strings"
)

// Titles are made of a rank and what it is over, or are one of a few of their own.
var (
	chiefs    = list("Chief Executive Officer,CEO & Founder,Managing Director,Chief Financial Officer,Chief Technology Officer,Chief Operating Officer,Chief Marketing Officer,President,Owner,Partner")
	leaders   = list("Vice President of ,Senior Vice President ,Director of ,Senior Director ,Head of ,Head of Global ")
	managers  = list("Senior Manager ,Manager ,Team Lead ,Regional Manager ,Group Manager ")
	subjects  = list("Sales,Marketing,Operations,Finance,Human Resources,Information Technology,Procurement,Engineering,Product Management,Customer Success,Business Development,Legal,Supply Chain,Quality,Communications,Research & Development,Data & Analytics,Security")
	employees = list("Software Engineer,Senior Software Engineer,Account Executive,Senior Account Executive,Accountant,Business Analyst,Project Manager,Consultant,Senior Consultant,Product Manager,Sales Representative," +
		"Marketing Specialist,Recruiter,Office Manager,System Administrator,Data Scientist,Financial Analyst,Buyer,Customer Service Representative,Mechanical Engineer,Designer,Nurse,Research Associate,Executive Assistant,Sales Manager,Marketing Manager,Key Account Manager,Store Manager")
)

// job draws a title.
func (c *country) job(r *rand.Rand) string {
	if len(c.ranks) > 0 && chance(r, 0.3) {
		return one(r, c.ranks)
	}
	switch x := r.Float64(); {
	case x < 0.06:
		return one(r, chiefs)
	case x < 0.24:
		return one(r, leaders) + one(r, subjects)
	case x < 0.42:
		return one(r, managers) + one(r, subjects)
	}
	return one(r, employees)
}

// brief are the short forms of words in titles.
var brief = strings.NewReplacer("Chief Executive Officer", "CEO", "Chief Financial Officer", "CFO", "Chief Technology Officer", "CTO", "Chief Operating Officer", "COO", "Chief Marketing Officer", "CMO",
	"Senior Vice President ", "SVP ", "Vice President of ", "VP ", "Senior ", "Sr. ", "Director of ", "Director, ", "Managing Director", "MD", "Manager ", "Mgr ", "Information Technology", "IT", "Human Resources", "HR",
	"Business Development", "BizDev", "Research & Development", "R&D", "Representative", "Rep", "Engineer", "Eng.")
