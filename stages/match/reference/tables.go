package reference

import _ "embed"

// The tables, as lines in the order of their keys. They are embedded as they are: unpacking them took as long as scoring a thousand
// records, while looking a few keys up touches a few pages of the program's file.
var (
	//go:embed data/cognates.tsv
	cognatesText string
	//go:embed data/countries.tsv
	countriesText string
	//go:embed data/forms.tsv
	formsText string
	//go:embed data/freemail.tsv
	freemailText string
	//go:embed data/givennames.tsv
	givennamesText string
	//go:embed data/nicknames.tsv
	nicknamesText string
	//go:embed data/placenames.tsv
	placenamesText string
	//go:embed data/places.tsv
	placesText string
	//go:embed data/readings.tsv
	readingsText string
	//go:embed data/regions.tsv
	regionsText string
	//go:embed data/romaji.tsv
	romajiText string
	//go:embed data/spellings.tsv
	spellingsText string
	//go:embed data/surnames.tsv
	surnamesText string
	//go:embed data/within.tsv
	withinText string

	// Digest identifies the tables: what was made by other ones must be made anew. It's made with them.
	//
	//go:embed data/digest
	Digest string
)
