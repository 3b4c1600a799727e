package generate

import "strings"

// country is what differs between countries.
type country struct {
	code, label string
	also        []string // other ways to write the country
	share       float64  // of the world's people
	like        string   // country whose names it has, where it has none of its own

	given  [2]weighted[name]
	family weighted[name]
	places weighted[place]

	local        float64  // share of profiles with names as the people write them, marks and script
	foreign      float64  // share of people with names of another country
	stems, tails []string // parts of the many surnames that few bear
	coined       float64  // share of people with such a surname
	feminine     []string // endings of surnames and what they become for women, local then roman, in fours

	forms     []string            // legal forms, "" for none
	variants  map[string][]string // other spellings of them
	formFirst bool                // the form is written before the name
	trades    []string            // trades in the country's language, in the order of the first trades
	tld       string

	streets  []string // # is the number, * the name
	postal   string   // 9 stands for a digit, A for a letter, c for a digit of the city, C for a letter of it
	calling  string   // country calling code
	trunk    string   // digit dialled before national numbers
	numbers  []string // landlines: N stands for 2 to 8, X for any digit
	mobiles  []string
	plan     []pattern
	ranks    []string // titles in the country's language
	honorary []string
}

func words(s string) []string { return strings.Fields(s) }

// list splits at commas; an empty part is an element.
func list(s string) []string { return strings.Split(s, ",") }

var english = map[string][]string{
	"Inc.": {"Inc", "Incorporated"}, "Corp.": {"Corp", "Corporation"}, "Ltd": {"Limited", "Ltd."}, "LLC": {"L.L.C."}, "PLC": {"plc", "P.L.C."},
	"GmbH": {"Gesellschaft mbH", "G.m.b.H."}, "AG": {"Aktiengesellschaft"}, "GmbH & Co. KG": {"GmbH + Co. KG", "GmbH u. Co. KG"},
	"SA": {"S.A."}, "SARL": {"S.A.R.L."}, "SAS": {"S.A.S."}, "S.A.": {"SA"}, "S.L.": {"SL"}, "S.p.A.": {"SpA"}, "S.r.l.": {"Srl", "SRL"}, "Ltda": {"Ltda.", "Limitada"},
	"S.A. de C.V.": {"SA de CV"}, "K.K.": {"Kabushiki Kaisha", "KK"}, "Co., Ltd.": {"Co Ltd", "Company Limited"}, "OOO": {"LLC"}, "PAO": {"PJSC"}, "A.Ş.": {"AS", "A.S."},
	"Ltd. Şti.": {"Ltd Sti"}, "B.V.": {"BV"}, "N.V.": {"NV"}, "Sp. z o.o.": {"Sp. z o. o.", "sp.z o.o."}, "A/S": {"AS"}, "ApS": {"Aps"}, "Pvt. Ltd.": {"Private Limited", "Pvt Ltd"},
	"Pty Ltd": {"Pty. Ltd.", "Proprietary Limited"}, "AB": {"Aktiebolag"}, "A.E.": {"SA"}, "S.A.E.": {"SAE"},
}

// countries are the generated world, less names and places.
var countries = []country{
	{
		code: "US", label: "United States", also: list("USA,US,U.S.A.,United States of America"), share: 0.36, local: 1, foreign: 0.05,
		forms: list("Inc.,Inc.,LLC,LLC,Corp.,Co.,,"), variants: english, tld: "com",
		streets: list("# * Street,# * Ave,# * Road,# N * Blvd,# * Drive,# Main Street,# W * St,# * Parkway Suite 400"), postal: "cc999", calling: "1",
		numbers: list("212 NXX XXXX,213 NXX XXXX,312 NXX XXXX,415 NXX XXXX,617 NXX XXXX,206 NXX XXXX,512 NXX XXXX,214 NXX XXXX,713 NXX XXXX,404 NXX XXXX,305 NXX XXXX,602 NXX XXXX,303 NXX XXXX,215 NXX XXXX,313 NXX XXXX,612 NXX XXXX,619 NXX XXXX,503 NXX XXXX,704 NXX XXXX,614 NXX XXXX"),
	},
	{
		code: "GB", label: "United Kingdom", also: list("UK,Great Britain,England,GB"), share: 0.11, like: "US", local: 1, foreign: 0.08, coined: 0.3,
		stems: words("Ash Brad Clay Dun Elm Far Green Har Kings Lang Mill Nor Old Pen Rad Stan Thorn Wal West Wood"),
		tails: words("ton ley ford field worth ham bridge wick land well man by"),
		forms: list("Ltd,Ltd,PLC,LLP,"), variants: english, tld: "co.uk", streets: list("# * Road,# High Street,# * Lane,# Station Road,Unit # * Business Park"),
		postal: "CCc 9AA", calling: "44", trunk: "0", numbers: list("20 7NXX XXXX,20 3NXX XXXX,161 2XX XXXX,121 2XX XXXX,131 2XX XXXX,141 2XX XXXX,113 2XX XXXX,117 9XX XXXX"), mobiles: list("7710 XXX XXX,7801 XXX XXX,7930 XXX XXX"),
	},
	{
		code: "DE", label: "Germany", also: list("Deutschland,DE,Allemagne"), share: 0.10, local: 0.9, foreign: 0.06, coined: 0.35,
		stems: words("Alt Berg Brand Eich Feld Grün Hart Käst König Lind Mühl Neu Ober Rosen Schön Stein Wald Weiß Zell Böhm"),
		tails: words("mann er bach berg feld hofer meier stein müller hauer wald"),
		forms: list("GmbH,GmbH,AG,GmbH & Co. KG,SE,"), variants: english, tld: "de", trades: list("Software,Logistik,Kapital,Lebensmittel,Labor,Gesundheit,Energie,Medien,Software,Partner,Beratung,Fahrzeugbau,Pharma"),
		streets: list("*straße #,Hauptstraße #,*weg #,Bahnhofstr. #,Am *platz #"), postal: "cc999", calling: "49", trunk: "0",
		numbers: list("30 NXXXXXXX,89 NXXXXXXX,40 NXXXXXXX,69 NXXXXXXX,221 NXXXXXX,711 NXXXXXX"), mobiles: list("151 NXXXXXXX,171 NXXXXXX,176 NXXXXXXX"),
		ranks: list("Geschäftsführer,Leiter Vertrieb,Vertriebsleiter,Einkaufsleiter,Projektleiter,Leiter IT"), honorary: list("Dr.,Dipl.-Ing.,Prof. Dr."),
	},
	{
		code: "FR", label: "France", also: list("FR,Frankreich"), share: 0.07, local: 0.9, foreign: 0.06, coined: 0.35,
		stems: words("Bon Beau Char Du Gau Lam Mont Per Rous Val Gir Bar Fon Cla Mar"), tails: words("net eau ier din lin sard tier pont ville chet ret"),
		forms: list("SA,SARL,SAS,SAS,"), variants: english, tld: "fr", trades: list("Informatique,Transports,Finance,Alimentation,Laboratoires,Santé,Énergie,Médias,Logiciels,Associés,Conseil,Automobiles,Pharma"),
		streets: list("# rue *,# avenue *,# boulevard *,# place *"), postal: "cc999", calling: "33", trunk: "0",
		numbers: list("1 4N XX XX XX,4 7N XX XX XX,5 56 XX XX XX,3 20 XX XX XX"), mobiles: list("6 1X XX XX XX,6 8X XX XX XX"), ranks: list("Directeur commercial,Directrice marketing,Chef de projet,Responsable achats,Ingénieur logiciel,Directeur général"),
	},
	{
		code: "ES", label: "Spain", also: list("España,ES"), share: 0.05, local: 0.85, foreign: 0.03, coined: 0.2,
		stems: words("Al Bar Cam Der Esp Fer Gal Her Men Nav Ori Pal Ram Sal Vil"), tails: words("ez ero ano illo eda osa anta era ino ado"),
		forms: list("S.A.,S.L.,S.L.,"), variants: english, tld: "es", trades: list("Sistemas,Logística,Capital,Alimentos,Laboratorios,Salud,Energía,Medios,Software,Asociados,Consultores,Motores,Farma"),
		streets: list("Calle * #,Avenida * #,Paseo de * #"), postal: "cc999", calling: "34", numbers: list("91 5XX XX XX,93 4XX XX XX,95 4XX XX XX,96 3XX XX XX"), mobiles: list("61X XXX XXX,65X XXX XXX"),
		ranks: list("Director General,Directora Comercial,Jefe de Ventas,Responsable de Compras,Ingeniero de Software"),
	},
	{
		code: "IT", label: "Italy", also: list("Italia,IT"), share: 0.04, local: 0.9, foreign: 0.03, coined: 0.35,
		stems: words("Bar Cas Del Fer Gal Lom Mar Pal Ross Val Zan Bel"), tails: words("etti ini oni aro ese ella ato azzi ucci ani"),
		forms: list("S.p.A.,S.r.l.,S.r.l.,"), variants: english, tld: "it", trades: list("Sistemi,Logistica,Capitale,Alimentari,Laboratori,Salute,Energia,Media,Software,Associati,Consulenza,Motori,Farma"),
		streets: list("Via * #,Corso * #,Piazza * #"), postal: "cc999", calling: "39", numbers: list("02 NXXX XXXX,06 NXXX XXXX,011 NXX XXXX"), mobiles: list("347 NXX XXXX,335 NXX XXXX"),
		ranks: list("Amministratore Delegato,Direttore Commerciale,Responsabile Acquisti,Responsabile Vendite"),
	},
	{
		code: "BR", label: "Brazil", also: list("Brasil,BR"), share: 0.05, local: 0.85, foreign: 0.04, coined: 0.15,
		stems: words("Al Bar Car Fer Gon Mar Nas Oli Per San Tei Vas"), tails: words("eira es inho ado osa ves ardo anto"),
		forms: list("Ltda,Ltda,S.A.,"), variants: english, tld: "com.br", trades: list("Sistemas,Logística,Capital,Alimentos,Laboratórios,Saúde,Energia,Mídia,Software,Associados,Consultoria,Motores,Farma"),
		streets: list("Rua * #,Avenida * #,Alameda * #"), postal: "cc999-999", calling: "55", numbers: list("11 3NXX XXXX,21 2NXX XXXX,31 3NXX XXXX"), mobiles: list("11 9NXXX XXXX,21 9NXXX XXXX"),
		ranks: list("Diretor Comercial,Gerente de Vendas,Gerente de Projetos,Analista de Sistemas"),
	},
	{
		code: "MX", label: "Mexico", also: list("México,MX"), share: 0.03, local: 0.85, foreign: 0.02, coined: 0.15,
		stems: words("Al Bar Cam Del Esp Gal Her Men Nav Rod"), tails: words("ez ero ano illo eda osa"),
		forms: list("S.A. de C.V.,S.A. de C.V.,"), variants: english, tld: "com.mx", streets: list("Av. * #,Calle * #"), postal: "cc999", calling: "52", numbers: list("55 5NXX XXXX,81 8NXX XXXX,33 3NXX XXXX"),
	},
	{
		code: "JP", label: "Japan", also: list("JP,日本"), share: 0.02, local: 0.4, foreign: 0.02, forms: []string{"K.K.", "Co., Ltd.", "Co., Ltd.", ""}, variants: english, tld: "co.jp",
		streets: list("#-chome *,#-4-2 *"), postal: "ccc-9999", calling: "81", trunk: "0", numbers: list("3 3NXX XXXX,3 5NXX XXXX,6 6NXX XXXX"), mobiles: list("90 NXXX XXXX,80 NXXX XXXX"),
	},
	{
		code: "RU", label: "Russia", also: list("Russian Federation,RU,Россия"), share: 0.02, local: 0.35, foreign: 0.02, feminine: list("ов,ова,ov,ova,ев,ева,ev,eva,ёв,ёва,ev,eva,ин,ина,in,ina,ский,ская,sky,skaya"),
		forms: list("OOO,OOO,PAO,"), variants: english, formFirst: true, tld: "ru", streets: list("ul. * #,prospekt * #"), postal: "ccc999", calling: "7", trunk: "8",
		numbers: list("495 NXX XX XX,812 NXX XX XX,383 NXX XX XX"), mobiles: list("916 NXX XX XX,903 NXX XX XX,921 NXX XX XX"),
	},
	{
		code: "TR", label: "Turkey", also: list("Türkiye,TR"), share: 0.02, local: 0.7, foreign: 0.02, coined: 0.35, stems: words("Ak Ay Boz Demir Er Gök Kara Öz Taş Yıl Gün Kaya"),
		tails: words("oğlu can er türk dağ soy bay maz kan"), forms: list("A.Ş.,Ltd. Şti.,"), variants: english, tld: "com.tr", streets: list("* Sokak No: #,* Caddesi #"), postal: "cc999", calling: "90", trunk: "0",
		numbers: list("212 NXX XX XX,312 NXX XX XX,232 NXX XX XX"), mobiles: list("532 NXX XX XX,542 NXX XX XX"),
	},
	{
		code: "NL", label: "Netherlands", also: list("The Netherlands,Nederland,Holland,NL"), share: 0.02, local: 1, foreign: 0.06, coined: 0.3, stems: words("Berg Bos Dijk Graaf Hoek Kok Linden Meer Veld Wit Zand"),
		tails: words("stra ma man huis mans sen inga"), forms: list("B.V.,B.V.,N.V.,"), variants: english, tld: "nl", streets: list("*straat #,*laan #"), postal: "cccc AA", calling: "31", trunk: "0",
		numbers: list("20 NXX XXXX,10 NXX XXXX,30 NXX XXXX"), mobiles: list("6 1NXX XXXX,6 5NXX XXXX"),
	},
	{
		code: "PL", label: "Poland", also: list("Polska,PL"), share: 0.02, local: 0.75, foreign: 0.02, coined: 0.3, stems: words("Bor Czar Dąb Gór Jan Kow Lew Mal Now Piot Zaj"),
		tails: words("owski ewski czyk ak ski iński arz"), feminine: list("ski,ska,ski,ska,cki,cka,cki,cka"), forms: list("Sp. z o.o.,Sp. z o.o.,S.A.,"), variants: english, tld: "pl",
		streets: list("ul. * #,al. * #"), postal: "cc-999", calling: "48", numbers: list("22 NXX XX XX,12 NXX XX XX,71 NXX XX XX"), mobiles: list("501 XXX XXX,602 XXX XXX,691 XXX XXX"),
	},
	{
		code: "DK", label: "Denmark", also: list("Danmark,DK"), share: 0.01, local: 0.85, foreign: 0.05, coined: 0.2, stems: words("Bach Dal Fries Holm Kjær Lund Møll Søren Thor Øster"),
		tails: words("gaard sen strup berg by bjerg"), forms: list("A/S,ApS,"), variants: english, tld: "dk", streets: list("*gade #,*vej #"), postal: "cccc", calling: "45", numbers: list("33 NX XX XX,86 NX XX XX"), mobiles: list("20 NX XX XX,40 NX XX XX"),
	},
	{
		code: "SE", label: "Sweden", also: list("Sverige,SE"), share: 0.015, local: 0.85, foreign: 0.07, coined: 0.3, stems: words("Alm Berg Dahl Ek Fors Gran Hed Häll Lind Ny Sjö Sund Väst Öst"),
		tails: words("ström berg gren kvist lund mark man stedt ing"), forms: list("AB,AB,"), variants: english, tld: "se", streets: list("*gatan #,*vägen #"), postal: "ccc 99", calling: "46", trunk: "0",
		numbers: list("8 5NX XXX XX,31 NXX XX XX"), mobiles: list("70 NXX XX XX,73 NXX XX XX"),
	},
	{
		code: "GR", label: "Greece", also: list("Ελλάδα,GR,Hellas"), share: 0.01, local: 0.3, foreign: 0.02, forms: list("A.E.,"), variants: english, tld: "gr",
		streets: list("* #"), postal: "ccc 99", calling: "30", numbers: list("210 NXX XXXX,2310 NXX XXX"), mobiles: list("697 XXX XXXX"),
	},
	{
		code: "IN", label: "India", also: list("IN,Bharat"), share: 0.06, local: 1, foreign: 0.01, forms: list("Pvt. Ltd.,Pvt. Ltd.,Ltd,"), variants: english, tld: "in",
		streets: list("# * Marg,# * Nagar,Plot # * Industrial Area"), postal: "ccc999", calling: "91", trunk: "0", numbers: list("22 2NXX XXXX,11 2NXX XXXX,80 2NXX XXXX"), mobiles: list("98NXX XXXXX,99NXX XXXXX"),
	},
	{
		code: "CN", label: "China", also: list("CN,P.R. China,中国"), share: 0.02, local: 0.3, foreign: 0.01, forms: []string{"Co., Ltd.", "Co., Ltd.", ""}, variants: english, tld: "com.cn",
		streets: list("No. # * Road,# * Avenue"), postal: "ccc999", calling: "86", trunk: "0", numbers: list("10 6NXX XXXX,21 5NXX XXXX,755 8NXX XXXX"), mobiles: list("138 XXXX XXXX,139 XXXX XXXX"),
	},
	{
		code: "KR", label: "South Korea", also: list("Korea,Republic of Korea,KR"), share: 0.01, local: 0.3, foreign: 0.01, forms: []string{"Co., Ltd.", ""}, variants: english, tld: "co.kr",
		streets: list("# *-ro,# *-gil"), postal: "cc999", calling: "82", trunk: "0", numbers: list("2 5NX XXXX,51 7NX XXXX"), mobiles: list("10 2XXX XXXX,10 4XXX XXXX,10 8XXX XXXX"),
	},
	{
		code: "IL", label: "Israel", also: list("IL"), share: 0.01, local: 0.25, foreign: 0.05, forms: list("Ltd,Ltd,"), variants: english, tld: "co.il",
		streets: list("# * St,# Derech *"), postal: "cc99999", calling: "972", trunk: "0", numbers: list("3 6NX XXXX,4 8NX XXXX"), mobiles: list("52 NXX XXXX,54 NXX XXXX"),
	},
	{
		code: "EG", label: "Egypt", also: list("EG,مصر"), share: 0.005, local: 0.3, foreign: 0.01, forms: list("S.A.E.,"), variants: english, tld: "com.eg",
		streets: list("# * St."), postal: "cc999", calling: "20", trunk: "0", numbers: list("2 2NXX XXXX"), mobiles: list("10 0NXX XXXX,12 2NXX XXXX"),
	},
	{
		code: "CA", label: "Canada", also: list("CA"), share: 0.03, like: "US", local: 1, foreign: 0.2, forms: list("Inc.,Ltd,Corp.,"), variants: english, tld: "ca",
		streets: list("# * Street,# * Avenue W,# rue *"), postal: "CcA 9A9", calling: "1", numbers: list("416 NXX XXXX,604 NXX XXXX,514 NXX XXXX,403 NXX XXXX"),
	},
	{
		code: "AU", label: "Australia", also: list("AU"), share: 0.02, like: "GB", local: 1, foreign: 0.12, forms: list("Pty Ltd,Pty Ltd,Ltd,"), variants: english, tld: "com.au",
		streets: list("# * Street,# * Road,Level 4 # * St"), postal: "cccc", calling: "61", trunk: "0", numbers: list("2 9NXX XXXX,3 9NXX XXXX,7 3NXX XXXX"), mobiles: list("412 XXX XXX,421 XXX XXX"),
	},
}
