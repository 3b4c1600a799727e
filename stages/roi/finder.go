package roi

// hit is a deal that a touch bears on.
type hit struct {
	deal  int32
	level byte
}

// finder finds the deals that a touch bears on. Each goroutine has its own; deals and reach are shared and not changed.
type finder struct {
	deals *deals
	reach *reach
	hits  []hit
	seen  []uint32 // per deal, the number of the touch that last hit it
	n     uint32
	early []bool // per deal, whether a touch lies in its placebo window
}

func newFinder(d *deals, r *reach) *finder {
	return &finder{deals: d, reach: r, seen: make([]uint32, len(d.all)), early: make([]bool, len(d.all))}
}

// find returns the deals in whose window the touch lies, each once at its strongest level; the result is valid until the next call.
// Deals in whose placebo window it lies are noted in early.
func (f *finder) find(member, company string, at int64) []hit {
	f.hits = f.hits[:0]
	if f.n++; f.n == 0 {
		clear(f.seen)
		f.n = 1
	}
	if member != "" {
		if p := f.reach.people.find(member); p >= 0 {
			for _, n := range f.reach.roles.of(p) {
				if d := &f.deals.all[n]; d.from-f.deals.lookback <= at && at <= d.to {
					f.hit(n, levelRole, at)
				}
			}
			f.hitAccounts(f.reach.employers.of(p), at, levelAccount)
		}
	}
	if company != "" {
		if c := f.reach.companies.find(company); c >= 0 {
			f.hitAccounts(f.reach.accounts.of(c), at, levelCompany)
		}
	}
	return f.hits
}

func (f *finder) hitAccounts(accounts []int32, at int64, level byte) {
	for _, a := range accounts {
		f.deals.during(a, at, func(n int32) { f.hit(n, level, at) })
	}
}

// hit notes a deal unless a stronger level has. Levels come strongest first.
func (f *finder) hit(n int32, level byte, at int64) {
	if at < f.deals.all[n].from {
		f.early[n] = true
		return
	}
	if f.seen[n] != f.n {
		f.seen[n] = f.n
		f.hits = append(f.hits, hit{n, level})
	}
}
