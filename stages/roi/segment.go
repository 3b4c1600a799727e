package roi

import (
	"context"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/biter777/countries"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

const unknown = "unknown"

// sizeBands are the bands of the number of employees, each up to the given one.
var sizeBands = []struct {
	most int64
	name string
}{{50, "1-50"}, {200, "51-200"}, {1000, "201-1000"}, {5000, "1001-5000"}}

func sizeBand(employees int64, known bool) string {
	if !known || employees <= 0 {
		return unknown
	}
	for _, b := range sizeBands {
		if employees <= b.most {
			return b.name
		}
	}
	return "5001+"
}

// elsewhere are the countries that M.49 puts into another region than the library.
var elsewhere = map[countries.CountryCode]string{
	countries.TUR: "Asia", countries.CUW: "Americas", countries.BVT: "Americas", countries.SGS: "Americas", countries.IOT: "Africa",
	countries.ATF: "Africa", countries.CXR: "Oceania", countries.CCK: "Oceania", countries.HMD: "Oceania",
}

// regionOf names the region of a country as people type it. N/A is no country, though NA is.
func regionOf(country string) string {
	country = strings.TrimSpace(country)
	switch strings.ToLower(country) {
	case "", "n/a", "n.a.", "n.a":
		return unknown
	}
	code := countries.ByName(country)
	if region, ok := elsewhere[code]; ok {
		return region
	}
	switch code.Region() {
	case countries.RegionAF:
		return "Africa"
	case countries.RegionNA, countries.RegionSA:
		return "Americas"
	case countries.RegionAS:
		return "Asia"
	case countries.RegionEU:
		return "Europe"
	case countries.RegionOC:
		return "Oceania"
	}
	return "other"
}

// place is what a deal's account says of itself; each is a number in the table of its names.
type place struct{ size, industry, region int32 }

// places are the accounts of deals.
type places struct {
	sizes, industries, regions *table
	all                        []place // per account of deals
	nowhere                    place   // of deals without an account, or whose account is not known
}

func readPlaces(ctx context.Context, run *pipeline.Run, d *deals) (*places, error) {
	p := &places{sizes: newTable(), industries: newTable(), regions: newTable()}
	p.nowhere = place{p.sizes.add(unknown), p.industries.add(unknown), p.regions.add(unknown)}
	p.all = make([]place, d.accounts.len())
	for i := range p.all {
		p.all[i] = p.nowhere
	}
	reader, err := run.Read(ctx, schemas.Account, "Id", "NumberOfEmployees", "Industry", "BillingCountry")
	if err != nil {
		return nil, err
	}
	regions := map[string]int32{} // of countries as typed
	return p, columnar.Each(ctx, reader, func(rec arrow.Record) error {
		ids, employees := columnar.Strings(rec, "Id"), columnar.Ints(rec, "NumberOfEmployees")
		industries, lands := columnar.Strings(rec, "Industry"), columnar.Strings(rec, "BillingCountry")
		for i := range ids.Len() {
			n := d.accounts.find(ids.Value(i))
			if n < 0 {
				continue
			}
			a := &p.all[n]
			a.size = p.sizes.add(sizeBand(employees.Value(i), !employees.IsNull(i)))
			if name := strings.TrimSpace(industries.Value(i)); name != "" {
				a.industry = p.industries.add(name)
			}
			land := lands.Value(i)
			region, ok := regions[land]
			if !ok {
				region = p.regions.add(regionOf(land))
				regions[strings.Clone(land)] = region
			}
			a.region = region
		}
		return nil
	})
}

func (p *places) of(account int32) place {
	if account < 0 {
		return p.nowhere
	}
	return p.all[account]
}
