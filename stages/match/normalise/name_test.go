package normalise

import (
	"slices"
	"strings"
	"testing"

	"github.com/crmsync/crmsync/stages/match/fold"
	"github.com/crmsync/crmsync/stages/match/reference"
)

// agree reports whether two given names, or two surnames, agree without looking at letters that differ: as one word, by a word in
// common, by skeleton; given names also by formal names.
func agree(a, b []string, given bool) bool {
	x, y := strings.Join(a, ""), strings.Join(b, "")
	if x == "" || y == "" {
		return false
	}
	if x == y || fold.Skeleton(x) == fold.Skeleton(y) {
		return true
	}
	for _, v := range a {
		for _, w := range b {
			if len(v) > 1 && len(w) > 1 && (v == w || fold.Skeleton(v) == fold.Skeleton(w)) {
				return true
			}
		}
	}
	if !given {
		return false
	}
	formal := func(words []string) []string {
		return append(reference.FormalNames(words[0]), words[0])
	}
	return slices.ContainsFunc(formal(a), func(f string) bool { return slices.Contains(formal(b), f) })
}

func agreePersons(a, b Person) bool {
	return agree(a.Given, b.Given, true) && agree(a.Surname, b.Surname, false)
}

// Each pair is two ways of writing one person's whole name.
const samePersons = `
Müller, Hans | Hans Mueller
Jürgen Groß | Juergen Gross
Иван Иванов | Ivan Ivanov
Сергей Хрущёв | Sergey Khrushchev
Алексей Соловьёв | Alexey Soloviev
Юлия Васильева | Julia Vasilyeva
Дмитрий Щербаков | Dmitriy Shcherbakov
Дмитрий Медведев | Dmitry Medvedev
Евгений Чайковский | Evgeny Tchaikovsky
Саша Петров | Alexander Petrov
Иванов Иван Иванович | Ivan Ivanov
Володимир Зеленський | Volodymyr Zelenskyi
Ігор Гончаренко | Ihor Honcharenko
Ђорђе Јовановић | Djordje Jovanović
Novak Đoković | Novak Dokovic
Милош Петровић | Milos Petrovic
José da Silva | Jose Silva
João dos Santos | Joao Santos
Gabriel García Márquez | Gabriel Garcia
Gabriel García Márquez | Gabriel Garcia Marquez
María del Carmen López | Maria Lopez
Pepe Rodríguez | José Rodriguez
Paco Fernández | Francisco Fernandez
Zé Ferreira | José Ferreira
Nacho Pérez | Ignacio Perez
Lola Gómez | Dolores Gomez
Beppe Rossi | Giuseppe Rossi
Gigi Buffon | Luigi Buffon
Nino D'Angelo | Antonio D’Angelo
Γιώργος Παπαδόπουλος | Giorgos Papadopoulos
Ιωάννης Γεωργίου | Ioannis Georgiou
Κυριάκος Μητσοτάκης | Kyriakos Mitsotakis
Δημήτρης Παππάς | Dimitris Pappas
Ευάγγελος Βενιζέλος | Evangelos Venizelos
Κώστας Καραμανλής | Konstantinos Karamanlis
محمد حسن | Mohamed Hassan
محمد حسن | Mohammad Hasan
أحمد الخطيب | Ahmed Al-Khatib
يوسف حداد | Youssef Haddad
عبد الله السيد | Abdullah Sayed
فاطمة المصري | Fatima El Masri
Mohamed Ali | Muhammad Aly
Mohd Hussain | Mohammed Husain
Abdul Rahman Khan | Abdelrahman Khan
Mahmood Abbas | Mahmoud Abbas
Khaled Al-Fayed | Khalid Al Fayed
Osama bin Laden | Osama Laden
王伟 | Wei Wang
王偉 | Wang, Wei
李小龙 | Xiaolong Li
李小龙 | Li, Xiao-Long
欧阳修 | Xiu Ouyang
陈明 | Ming Chen
张伟 | WANG Wei ~
曾国藩 | Guofan Zeng
司马相如 | Xiangru Sima
山田太郎 | Taro Yamada
山田 太郎 | Yamada Taro
佐藤健一 | Kenichi Sato
鈴木一郎 | Ichiro Suzuki
高橋さくら | Sakura Takahashi
田中 ゆうき | Yuki Tanaka
渡辺 陽子 | Hiroko Watanabe
さとう じろう | Jiro Sato ~
Tanaka Hiroshi | Hiroshi Tanaka
Kentarou Itou | Kentaro Ito ~
김민준 | Minjun Kim
박지훈 | Jihun Park
이서윤 | Seo-yun Lee
Kim Ji-hoon | Jihoon Kim
Park Min-jun | Minjun Park
יוסף כהן | Yosef Cohen
משה לוי | Moshe Levi
דוד בן גוריון | David Gurion ~
יצחק רבין | Yitzhak Rabin
Yossi Cohen | Yosef Cohen
Moti Peretz | Mordechai Peretz
Kobi Levy | Yaakov Levy
Mehmet Şahin | Mehmet Sahin
Işıl Yıldız | Isil Yildiz
İbrahim Öztürk | Ibrahim Oeztuerk
Çağlar Söyüncü | Caglar Soeyuencue
Nguyễn Văn An | An Nguyen
Nguyễn Văn An | Nguyen Van An
Trần Thị Bích Ngọc | Ngoc Tran
NGUYEN Van An | An Nguyen
O'Brien, Sean | Sean OBrien
Sean O’Brien | Sean O Brien
Łukasz Wójcik | Lukasz Wojcik
Kasia Kowalska | Katarzyna Kowalska
Kate Nowak | Katarzyna Nowak
Gosia Wiśniewska | Małgorzata Wisniewska
Krzysiek Zieliński | Krzysztof Zielinski
Honza Dvořák | Jan Dvorak
Jiří Procházka | Jiri Prochazka
Pepa Novák | Josef Novak
Jóhann Guðmundsson | Johann Gudmundsson
Søren Kierkegaard | Soeren Kierkegaard
Håkan Ångström | Haakan Aangstroem
Bjørn Ødegård | Bjoern Oedegaard
Lasse Åberg | Lars Aaberg
Kalle Andersson | Karl Andersson
Jussi Mäkinen | Juhani Maekinen
Heinz Weiß | Heinrich Weiss
Hans Schmidt | Johannes Schmitt
Uschi Strauß | Ursula Strauss
Fritz von Braun | Friedrich Braun
Ludwig van Beethoven | Ludwig Beethoven
Jan van der Berg | Jan Vanderberg
Jan van den Broek | Johannes Broek
Kees de Vries | Cornelis de Vries
Piet Jansen | Petrus Jansen
Charles de Gaulle | Charles Gaulle
Jean DUPONT | Jean Dupont
DUPONT Jean-Pierre | Jean-Pierre Dupont
Étienne Lefèvre | Etienne Lefevre
Manu Macron | Emmanuel Macron
Jean de la Fontaine | Jean Lafontaine ~
Mary Smith-Jones | Mary Jones
Anna Müller-Lüdenscheidt | Anna Mueller
Dr. John Smith | John Smith
Prof. Dr. Anna Weiß | Anna Weiss
Dipl.-Ing. Karl Huber | Karl Huber
John Smith, PhD | John Smith
John Smith Ph.D. | John Smith
John Smith, MBA, CPA | John Smith
John Smith Jr. | John Smith
John Smith III | John Smith
Mr. Robert Brown Esq. | Bob Brown
Sra. Ana Torres | Ana Torres
Mme Claire Martin | Claire Martin
Herr Dr. Max Bauer | Max Bauer
Ing. Petr Svoboda | Petr Svoboda
Ron DeSantis | Ron De Santis
Mary McDonald | Mary Mc Donald
Pete St. John | Pete Saint John
Juan dela Cruz | Juan de la Cruz
Bill Gates | William Gates
William "Bill" Gates | Bill Gates
Carl Marx | Karl Marx
Filip Hansen | Philip Hansen
Feri Nagy | Ferenc Nagy
Pista Kovács | István Kovacs
Nicu Popescu | Nicolae Popescu
Ștefan Ionescu | Stefan Ionescu
Kostas Papas | Konstantinos Papas
Venkat Subramanian | Venkatesh Subramaniam ~
Rajeev Agarwal | Rajiv Aggarwal ~
Sandip Patel | Sandeep Patel
Иоганн Шмидт | Iogann Shmidt
Miloš Zeman | Milos Zeman
Ольга Кузнецова | Olga Kuznetsova
Наташа Ростова | Natalia Rostova
Катя Смирнова | Ekaterina Smirnova
`

// Each pair is two persons.
const otherPersons = `
John Smith | Jane Smith
John Smith | John Schmied
Hans Müller | Hanna Müller
Hans Müller | Hans Möller
Иван Иванов | Иван Петров
Мария Иванова | Марина Иванова
José Silva | José Santos
José Silva | Josefa Silva
Gabriel García | Gabriel Márquez
Juan Pérez | Pedro Pérez
Miguel Torres | Michel Torres
Jean Martin | John Martin
Giovanni Rossi | John Rossi
Pablo Ruiz | Paul Ruiz
Γιώργος Παπαδόπουλος | Γιώργος Παπαδάκης
Γιώργος Παπαδόπουλος | Γρηγόρης Παπαδόπουλος
محمد حسن | محمود حسن
محمد حسن | محمد حسين
Ahmed Hassan | Hamed Hassan
Mohamed Ali | Mahmoud Ali
Khaled Nasser | Khalil Nasser
王伟 | 王芳
王伟 | 李伟
Wei Wang | Fang Wang
Wei Zhang | Wei Wang
山田太郎 | 山田次郎
山田太郎 | 山本太郎
佐藤健一 | 加藤健一
Kenji Sato | Kenji Ito
김민준 | 김서준
김민준 | 박민준
יוסף כהן | יעקב כהן
יוסף כהן | יוסף לוי
David Cohen | Daniel Cohen
Mehmet Şahin | Murat Şahin
Mehmet Yılmaz | Mehmet Yıldız
Nguyễn Văn An | Nguyễn Văn Bình
Nguyễn Văn An | Trần Văn An
Sean O'Brien | Sean O'Neill
Łukasz Wójcik | Łukasz Nowak
Katarzyna Kowalska | Karolina Kowalska
Małgorzata Nowak | Magdalena Nowak
Jan Dvořák | Josef Dvořák
Lars Andersson | Lars Anderberg
Anna Berg | Anna Borg
Karl Huber | Karl Hauer
Heinz Weiß | Heinz Schwarz
Friedrich Braun | Franz Braun
Jan de Vries | Jan de Jong
Jan van der Berg | Jan van der Meer
Jean Dupont | Jean Durand
Jean Dupont | Jeanne Dupont
Mary Smith-Jones | Mary Brown-Taylor
Robert Brown | Richard Brown
William Gates | Walter Gates
Ted Smith | Tom Smith
Alice Baker | Alice Becker
Maria Silva | Mario Silva
Paolo Conti | Paola Conti
Andrea Rossi | Angela Rossi
István Kovács | István Nagy
Ștefan Ionescu | Ștefan Popescu
Rajesh Kumar | Rakesh Kumar
Sanjay Patel | Sandeep Patel
Kim Ji-hoon | Kim Min-jun
Chen Wei-Ting | Chen Yi-Ling
Patrick Lee | Patricia Lee
Erik Olsen | Erika Olsen
`

func pairs(t *testing.T, list string) (out [][2]string) {
	t.Helper()
	for line := range strings.Lines(list) {
		a, b, ok := strings.Cut(strings.TrimSpace(line), " | ")
		if ok && !strings.HasSuffix(b, "~") {
			out = append(out, [2]string{a, b})
		}
	}
	return out
}

func TestNamesAgree(t *testing.T) {
	list := pairs(t, samePersons)
	if len(list) < 120 {
		t.Fatalf("%d pairs", len(list))
	}
	for _, p := range list {
		if a, b := Name("", "", p[0]), Name("", "", p[1]); !agreePersons(a, b) {
			t.Errorf("%s is %v, %s is %v", p[0], a, p[1], b)
		}
	}
}

func TestNamesDiffer(t *testing.T) {
	list := pairs(t, otherPersons)
	if len(list) < 60 {
		t.Fatalf("%d pairs", len(list))
	}
	for _, p := range list {
		if a, b := Name("", "", p[0]), Name("", "", p[1]); agreePersons(a, b) {
			t.Errorf("%s is %v, %s is %v", p[0], a, p[1], b)
		}
	}
}
