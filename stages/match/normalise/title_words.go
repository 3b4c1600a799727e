package normalise

import (
	"strings"
	"sync"

	"github.com/crmsync/crmsync/stages/match/fold"
)

// titleTable knows what titles are in English words.
type titleTable struct {
	phrases map[string][]string // folded words
	heads   map[string]int      // first word -> words of the longest phrase
}

var titlePhrases = sync.OnceValue(func() titleTable {
	t := titleTable{map[string][]string{}, map[string]int{}}
	for line := range strings.Lines(titleList) {
		english, others, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok {
			continue
		}
		long := strings.Fields(english)
		for _, other := range strings.Split(others, ",") {
			key := fold.Text(other)
			if key == "" {
				continue
			}
			t.phrases[key] = long
			head, _, _ := strings.Cut(key, " ")
			t.heads[head] = max(t.heads[head], strings.Count(key, " ")+1)
		}
	}
	return t
})

// titleList has, per line, what is said in English, and what else says it.
const titleList = `
chief executive officer: ceo, c e o, chief exec, pdg, p d g, président directeur général, director ejecutivo, consejero delegado, amministratore delegato, vd, verkställande direktör, administrerende direktør, adm direktør, toimitusjohtaja, prezes zarządu, generální ředitel, vezérigazgató, генеральный директор, генеральний директор, מנכ״ל, الرئيس التنفيذي, 代表取締役, 代表取締役社長, 首席执行官, 首席執行官, 总裁, 總裁, 대표이사, genel müdür, vorstandsvorsitzender, vorstandsvorsitzende, diretor executivo, diretor presidente, algemeen directeur, διευθύνων σύμβουλος
chief financial officer: cfo, c f o, daf, directeur administratif et financier, directeur financier, director financiero, direttore finanziario, diretor financeiro, finanzvorstand, financieel directeur, финансовый директор, dyrektor finansowy, finanční ředitel, ekonomichef, ekonomidirektör, 首席财务官, 財務部長, mali işler direktörü
chief technology officer: cto, c t o, directeur technique, director técnico, direttore tecnico, diretor técnico, technischer leiter, technischer direktor, технический директор, dyrektor techniczny, 首席技术官, 技术总监, technisch directeur
chief operating officer: coo, c o o, director de operaciones, directeur des opérations, direttore operativo, diretor de operações, операционный директор
chief information officer: cio, dsi, directeur des systèmes d'information
chief marketing officer: cmo, директор по маркетингу
chief revenue officer: cro
chief product officer: cpo
chief commercial officer: cco, директор по продажам, коммерческий директор
chief human resources officer: chro, drh, directeur des ressources humaines
chief people officer:
chief information security officer: ciso
chief security officer: cso
chief data officer: cdo
chief legal officer: clo
chief accounting officer: cao
managing director: md, geschäftsführer, geschaeftsfuehrer, geschäftsführerin, geschaeftsfuehrerin, geschäftsführender gesellschafter, gf, gérant, gerente general, director general, directora general, directeur général, directrice générale, direttore generale, diretor geral, dg, dyrektor generalny, dyrektor zarządzający, jednatel, ügyvezető, ügyvezető igazgató, bestuurder, zaakvoerder, управляющий директор, 总经理, 總經理, 董事总经理, 専務取締役, 常務取締役, socio gerente, verwalter, daglig leder, gerant
senior vice president: svp, s v p, senior vp, sr vp
executive vice president: evp, e v p, exec vp
assistant vice president: avp
vice president: vp, v p, vice pres, vicepresident, vicepresidente, vice président, vice presidente, vizepräsident, вице президент, viceprezes, wiceprezes, 副总裁, 副總裁, 부사장, başkan yardımcısı, viceprezident, vicepresidenta
president: pres, presidente, presidenta, président, présidente, präsident, президент, prezes, prezident, 社長, 会長, 회장, 사장, başkan, puheenjohtaja, elnök
chairman: chairwoman, chairperson, chmn, président du conseil, presidente del consejo, aufsichtsratsvorsitzender, vorsitzender, председатель, 董事长, 董事長, 取締役会長, przewodniczący, ordförande, voorzitter
founder: gründer, gründerin, fondateur, fondatrice, fundador, fundadora, fondatore, fondatrice, oprichter, основатель, zakladatel, 创始人, 創業者, founding partner, kurucu
cofounder: co founder, mitgründer, cofondateur, cofundador, cofondatore, 联合创始人, сооснователь
owner: inhaber, inhaberin, propriétaire, propietario, proprietario, proprietário, eigenaar, właściciel, majitel, ägare, владелец, sahibi, dueño, titular
general manager: gm, gen mgr, g m
director: dir, directeur, directrice, directora, diretor, diretora, direttore, direttrice, direktor, direktorin, directoare, dyrektor, ředitel, reditel, riaditeľ, igazgató, direktör, direktør, johtaja, директор, διευθυντής, διευθύντρια, müdür, 总监, 總監, 取締役, 이사, مدير عام
head: leiter, leiterin, head of, kierownik działu, responsable de département, jefe, jefa, jefe de, chef de, chef, capo, hoofd, teamleiter, vedoucí, veduci, vedouci, начальник, руководитель, 部长, 部長, 本部長, yönetici müdür, abteilungsleiter, bereichsleiter, päällikkö
sales head: vertriebsleiter, vertriebsleiterin, leiter vertrieb, leiterin vertrieb, leiter verkauf, responsable commercial, responsabile commerciale, jefe de ventas, hoofd verkoop, начальник отдела продаж, säljchef, salgschef, myyntipäällikkö, kierownik sprzedaży, verkaufsleiter
sales director: directeur commercial, directrice commerciale, director comercial, directora comercial, direttore commerciale, diretor comercial, commercieel directeur, försäljningschef, dyrektor handlowy, obchodní ředitel, 销售总监
marketing head: marketingleiter, marketingleiterin, responsable marketing, marknadschef, marketingchef, kierownik marketingu, responsabile marketing
human resources head: personalleiter, personalleiterin, hr leiter, responsable rh, rrhh, recursos humanos
information technology head: it leiter, edv leiter, leiter it, responsable informatique
production head: produktionsleiter, werksleiter, werkleiter, betriebsleiter, directeur d'usine, jefe de producción
purchasing head: einkaufsleiter, leiter einkauf, responsable achats, jefe de compras, inköpschef
project manager: pm, projektleiter, projektleiterin, projektmanager, chef de projet, cheffe de projet, jefe de proyecto, gerente de proyecto, capo progetto, project leider, projectleider, projektledare, prosjektleder, менеджер проекта, руководитель проекта, kierownik projektu, 项目经理
product manager: produktmanager, chef de produit, jefe de producto
manager: mgr, gerente, responsable, manageur, gestionnaire, responsabile, менеджер, kierownik, manažer, 经理, 經理, マネージャー, 課長, 과장, gestor, gestora, 매니저, مدير, yönetici
supervisor: teamlead, team lead, team leader, superviseur, supervisora, capoturno, brygadzista, 主管, 係長
assistant: asst, assistent, assistentin, assistante, asistente, asistenta, assistente, ассистент, asystent, asystentka, asistent, 助理, sekretärin, secrétaire, secretaria, segretaria
intern: praktikant, praktikantin, stagiaire, becario, pasante, stagista, tirocinante, estagiário, стажер, stażysta, stážista, 实习生
trainee: azubi, auszubildender, auszubildende, apprentice, apprenti
senior: sr, snr
junior: jr, jnr
engineering: eng, engineer, engr, ingenieur, ingenieurin, ingénieur, ingénieure, ingeniero, ingeniera, ingegnere, engenheiro, engenheira, inżynier, inženýr, insinööri, ingenjör, ingeniør, инженер, mérnök, mühendis, 工程师, 工程師, エンジニア, 엔지니어, מהנדס, مهندس
software: logiciel
development: dev, developer, entwickler, entwicklerin, développeur, développeuse, desarrollador, desarrolladora, sviluppatore, desenvolvedor, desenvolvedora, ontwikkelaar, programista, vývojář, разработчик, utvecklare, udvikler, entwicklung, développement, desarrollo, sviluppo, 开发
operations: ops, operating, operaciones, opérations, operazioni, operações
human resources: hr, h r, personalabteilung, ressources humaines, risorse umane, zasoby ludzkie, personeelszaken, 人事, 人力资源, rh
information technology: it, i t, edv, informatique, informática, informatica
marketing: mktg, mkt, маркетинг, mercadeo, 市场, 마케팅
sales: vertrieb, verkauf, ventes, ventas, vendite, vendas, verkoop, sprzedaż, prodej, продажи, продаж, försäljning, salg, myynti, comercial, commerciale, satış, 销售, 営業, 영업
purchasing: einkauf, achats, compras, acquisti, inkoop, zakupy, nákup, procurement, закупки, 采购, 購買
finance: fin, financial, finanzen, finances, finanzas, finanza, finanças, financiën, finanse, финансы, 财务, 財務
accounting: acctg, buchhaltung, comptabilité, contabilidad, contabilità, contabilidade, boekhouding, księgowość, účetnictví, бухгалтерия
account: acct
executive: exec
accountant: buchhalter, buchhalterin, comptable, contable, contador, contabile, ragioniere, boekhouder, księgowy, księgowa, účetní, бухгалтер, 会计, muhasebeci
representative: rep, vertreter, représentant, representante, rappresentante
consultant: berater, beraterin, consultor, consultora, consulente, adviseur, konsultant, konsulent, консультант, danışman, 顾问, コンサルタント
lawyer: attorney, rechtsanwalt, rechtsanwältin, avocat, avocate, abogado, abogada, avvocato, advogado, advocaat, adwokat, юрист, адвокат
management: mgmt, mgt
business: biz, bus
quality: qa, qualität, qualité, calidad, qualità, qualidade
production: produktion, produzione, producción, produção
administration: admin, verwaltung, administración, amministrazione, administração
research development: r d, r and d, f und e, forschung und entwicklung
research: forschung, recherche, investigación, ricerca, pesquisa
communications: comms, communication, kommunikation, comunicación, comunicazione
logistics: logistik, logistique, logística, logistica
partner: partenaire, socio, sócio, партнер, partnerin
member board: vorstandsmitglied, mitglied des vorstands, membre du directoire, член правления, board member, vorstand
`
