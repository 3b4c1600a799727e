package generate

import (
	"math/rand/v2"
	"strings"
)

// nicknames are what people with a formal name are called, by the formal name in small ASCII letters.
var nicknames = func() map[string][]string {
	m := map[string][]string{}
	for _, line := range strings.Split(`robert bob rob bobby|william bill will billy|richard rick dick rich|james jim jimmy|john jack johnny|michael mike mick|
thomas tom tommy|charles charlie chuck|joseph joe joey|david dave|daniel dan danny|matthew matt|anthony tony|donald don|steven steve|andrew andy drew|kenneth ken|
joshua josh|edward ed ted eddie|ronald ron|timothy tim|jeffrey jeff|gregory greg|benjamin ben|samuel sam|patrick pat|alexander alex|nicholas nick|jonathan jon|
stephen steve|christopher chris|lawrence larry|raymond ray|gerald jerry|walter walt|peter pete|henry hank harry|douglas doug|zachary zach|nathan nate|frederick fred|
philip phil|leonard len lenny|albert al bert|eugene gene|theodore ted theo|vincent vince|russell russ|stanley stan|clifford cliff|francis frank|arthur art|harold harry hal|
margaret maggie meg peggy|elizabeth liz beth betty|patricia pat patty|jennifer jen jenny|susan sue|jessica jess|katherine kate kathy|rebecca becky|deborah debbie|
barbara barb|dorothy dot|sandra sandy|christine chris tina|victoria vicky|samantha sam|pamela pam|catherine cathy kate|theresa terry|judith judy|jacqueline jackie|
kimberly kim|cynthia cindy|kathleen kathy|amanda mandy|stephanie steph|melissa missy|nancy nan|virginia ginny|abigail abby|gabrielle gabby|josephine josie|eleanor ellie nell|
francisco paco|jose pepe|ignacio nacho|antonio toni tono|manuel manolo|rafael rafa|enrique quique|guadalupe lupe|dolores lola|concepcion concha|mercedes merche|
johannes hans|joachim achim jochen|wolfgang wolf|stefan steffen|michael michi|susanne susi|katharina kathi|gabriele gabi|sebastian basti|tobias tobi|maximilian max|
giuseppe beppe peppe|giovanni gianni|francesco franco|salvatore totò|domenico mimmo|alessandro sandro|luigi gigi|
jean-pierre jp|dominique dom|frederic fred|stephanie steph|nathalie nat|philippe phil|
aleksandr sasha alex|aleksandra sasha|mikhail misha|dmitry dima|ekaterina katya kate|sergey serge|evgeny zhenya eugene|natalya natasha|vladimir vova volodya|tatyana tanya|anastasiya nastya|elena lena|mariya masha|nikolay kolya|
jan janek|katarzyna kasia|malgorzata gosia|agnieszka aga|tomasz tomek|krzysztof krzysiek|cornelis kees|johannes jan|hendrik henk|wilhelmus wim|
luiz lula|jose ze|joao joaozinho|eduardo edu|fernando nando|leonardo leo|mohamed mo|mohammed mo|venkatesh venky|srinivas srini|subramanian subbu|konstantinos kostas|georgios giorgos|ioannis giannis|dimitrios dimitris`, "|") {
		if names := strings.Fields(line); len(names) > 1 {
			m[names[0]] = append(m[names[0]], names[1:]...)
		}
	}
	return m
}()

// nickname returns what somebody is called, the name itself when there is nothing.
func nickname(r *rand.Rand, given string) string {
	called := nicknames[strings.ToLower(given)]
	if len(called) == 0 {
		return given
	}
	n := one(r, called)
	return strings.ToUpper(n[:1]) + n[1:]
}
