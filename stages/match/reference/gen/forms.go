package main

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/crmsync/crmsync/stages/match/fold"
)

// moreForms are legal forms, and what people write for them, that the source lacks, and other spellings of its own.
var moreForms = []string{
	"co", "cos", "company", "companies", "corp", "corporation", "inc", "incorporated", "ltd", "limited", "and co", "and company", "& Co.", "Co., Ltd.", "Company Limited", "Co. Limited", "Pty", "Pty Ltd",
	"Pty. Limited", "Proprietary Limited", "Pvt Ltd", "Pvt. Ltd.", "Private Limited", "(P) Ltd", "Pte Ltd", "Pte. Ltd.", "Sdn Bhd", "Sdn. Bhd.", "Bhd", "PLC", "P.L.C.", "L.L.C.", "LLC", "L.P.", "LP", "LLP", "L.L.P.",
	"PLLC", "P.C.", "N.A.", "S.A.", "S.A.S.", "SAS", "SASU", "SARL", "S.à r.l.", "EURL", "SNC", "SCA", "GIE", "SE", "S.A.R.L.", "S.A. de C.V.", "SA de CV", "S.A.B. de C.V.", "S. de R.L. de C.V.", "S. de R.L.", "S.A.P.I. de C.V.",
	"S.A.C.", "S.A.A.", "E.I.R.L.", "S.R.L.", "SRL", "S.p.A.", "SpA", "S.r.l.", "S.a.s.", "S.n.c.", "S.L.", "S.L.U.", "S.A.U.", "SL", "S.C.", "Ltda", "Ltda.", "Lda", "Lda.", "Limitada", "ME", "EPP", "EIRELI", "S/A", "Cia Ltda",
	"GmbH", "gGmbH", "G.m.b.H.", "mbH", "Gesellschaft mbH", "Ges.m.b.H.", "GmbH & Co. KG", "GmbH & Co KG", "GmbH und Co. KG", "GmbH & Co. KGaA", "AG & Co. KG", "SE & Co. KGaA", "GmbH & Co. OHG", "UG", "UG (haftungsbeschränkt)",
	"UG haftungsbeschraenkt & Co. KG", "AG", "Aktiengesellschaft", "KG", "KGaA", "OHG", "GbR", "e.K.", "e.V.", "eG", "eingetragene Genossenschaft", "Gesellschaft mit beschränkter Haftung", "OG", "Sàrl", "Sagl",
	"B.V.", "BV", "N.V.", "NV", "V.O.F.", "C.V.", "B.V.B.A.", "BVBA", "SPRL", "S.P.R.L.", "VZW", "ASBL", "CVBA", "A/S", "AS", "ApS", "I/S", "K/S", "P/S", "AB", "Aktiebolag", "HB", "KB", "ASA", "ANS", "DA", "Oy", "Oyj", "Oy Ab", "Ky", "Tmi", "hf.", "ehf.", "OÜ", "AS", "UAB", "SIA",
	"Sp. z o.o.", "Spółka z o.o.", "Spółka z ograniczoną odpowiedzialnością", "Sp. z o.o. Sp.k.", "Sp. k.", "Sp. j.", "S.K.A.", "Spółka Akcyjna", "s.r.o.", "spol. s r.o.", "a.s.", "v.o.s.", "k.s.", "Kft.", "Bt.", "Zrt.", "Nyrt.", "Rt.", "Kkt.",
	"d.o.o.", "d.d.", "j.d.o.o.", "a.d.", "EOOD", "OOD", "AD", "EAD", "ЕООД", "ООД", "ЕАД", "АД", "S.C.", "S.A.", "SRL", "ООО", "ОАО", "ЗАО", "ПАО", "АО", "ИП", "НКО", "ТОО", "ТОВ", "ПрАТ", "ПАТ", "ФОП", "ЧП", "ДП", "OOO", "OAO", "ZAO", "PAO", "TOO",
	"Общество с ограниченной ответственностью", "Акционерное общество", "A.Ş.", "Anonim Şirketi", "Ltd. Şti.", "Limited Şirketi", "San. ve Tic. A.Ş.", "San. ve Tic. Ltd. Şti.", "Sanayi ve Ticaret A.Ş.", "Tic. Ltd. Şti.", "Α.Ε.", "Ε.Π.Ε.", "Ι.Κ.Ε.", "Ο.Ε.", "Ε.Ε.", "A.E.", "E.P.E.", "I.K.E.",
	"K.K.", "KK", "Kabushiki Kaisha", "Kabushiki Gaisha", "Y.K.", "Yugen Kaisha", "G.K.", "Godo Kaisha", "株式会社", "(株)", "㈱", "有限会社", "合同会社", "(有)", "有限公司", "有限责任公司", "有限責任公司", "股份有限公司", "股份公司", "集团有限公司", "集團有限公司", "公司", "責任有限公司",
	"주식회사", "(주)", "유한회사", "Jusik Hoesa", "PT", "P.T.", "Tbk", "CV", "Public Company Limited", "PCL", "P.C.L.", "JSC", "OJSC", "CJSC", "PJSC", "LLC FZ", "FZE", "FZCO", "FZ LLC", "FZ-LLC", "DMCC", "W.L.L.", "WLL", "B.S.C.", "K.S.C.", "K.S.C.P.", "S.A.L.", "S.A.E.", "Q.S.C.", "P.J.S.C.", "S.A.O.G.",
	"בע״מ", "בע\"מ", "בעמ", "Ltd. (Israel)", "ש.מ.", "ذ.م.م", "ش.م.م", "ش.م.ع", "(Pty) Ltd", "CC", "S.A.R.L. AU", "Công ty TNHH", "Công ty cổ phần", "TNHH", "JSC Vietnam", "S.A. E.S.P.", "S.A.S. E.S.P.", "ULC", "Ltée", "Limitée", "Inc. Ltée", "Enr.",
}

// forms: legal forms as folded words, also with initials joined.
func forms() (table, error) {
	text, err := raw("org_types.yml")
	if err != nil {
		return nil, err
	}
	var doc struct {
		Types []struct {
			Display string   `yaml:"display"`
			Compare string   `yaml:"compare"`
			Aliases []string `yaml:"aliases"`
		} `yaml:"types"`
	}
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		return nil, err
	}
	t := table{}
	put := func(s string) {
		if f := fold.Text(s); len(f) > 1 {
			t.put(f, "")
			if j := joinInitials(f); len(j) > 1 {
				t.put(j, "")
			}
		}
	}
	for _, f := range moreForms {
		put(f)
	}
	for _, d := range doc.Types {
		for _, a := range append(d.Aliases, d.Display, d.Compare) {
			put(a)
		}
	}
	return t, nil
}

// joinInitials joins letters that stand together, as names of companies are read: s a de c v becomes sa de cv.
func joinInitials(s string) string {
	var b strings.Builder
	single := false
	for i, w := range strings.Fields(s) {
		if i > 0 && (!single || len(w) > 1) {
			b.WriteByte(' ')
		}
		single = len(w) == 1
		b.WriteString(w)
	}
	return b.String()
}
