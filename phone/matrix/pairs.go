package matrix

import "strings"

// A Factor is one thing that differs between the rows, and what it can be.
type Factor struct {
	Name   string
	Levels []string
}

// The levels of the factors.
const (
	foreground, background, suspended, terminated = "foreground", "background", "suspended", "terminated"
	on, locked, asleep                            = "on", "locked", "asleep"
	wifi, mobile, handover                        = "wifi", "mobile", "handover"
	answer, decline, early, late                  = "answer", "decline", "cancel early", "cancel late"
	no, yes                                       = "no", "yes"
)

// The factors, by their place in a [Combination].
const (
	state = iota
	screen
	network
	ending
	second
	factorCount
)

// Factors are all of them.
func Factors() []Factor {
	return []Factor{
		{"state", []string{foreground, background, suspended, terminated}},
		{"screen", []string{on, locked, asleep}},
		{"network", []string{wifi, mobile, handover}},
		{"the call", []string{answer, decline, early, late}},
		{"second call", []string{no, yes}},
	}
}

// A Combination is one level of each factor.
type Combination [factorCount]string

// String is the combination in words.
func (c Combination) String() string {
	text := strings.Join(c[:second], ", ")
	if c[second] == yes {
		text += ", a second call"
	}
	return text
}

// possible reports whether there is such a combination: an app that is on the
// screen is on one that is lit and unlocked.
func (c Combination) possible() bool { return c[state] != foreground || c[screen] == on }

// A pair is two levels of two factors that meet.
type pair struct {
	a, b   int
	la, lb string
}

// pairs are those that meet in a combination.
func (c Combination) pairs() []pair {
	var list []pair
	for a := range factorCount {
		for b := a + 1; b < factorCount; b++ {
			list = append(list, pair{a, b, c[a], c[b]})
		}
	}
	return list
}

// every is every combination that there is.
func every() []Combination {
	all := []Combination{{}}
	for i, f := range Factors() {
		var next []Combination
		for _, c := range all {
			for _, level := range f.Levels {
				c[i] = level
				next = append(next, c)
			}
		}
		all = next
	}
	var list []Combination
	for _, c := range all {
		if c.possible() {
			list = append(list, c)
		}
	}
	return list
}

// Rows are combinations in which each pair meets that can: each row is the one that
// has the most pairs that no row before it has, the first of equals.
func Rows() []Combination {
	all, open := every(), map[pair]bool{}
	for _, c := range all {
		for _, p := range c.pairs() {
			open[p] = true
		}
	}
	var rows []Combination
	for len(open) > 0 {
		best, most := all[0], 0
		for _, c := range all {
			if n := fresh(c, open); n > most {
				best, most = c, n
			}
		}
		for _, p := range best.pairs() {
			delete(open, p)
		}
		rows = append(rows, best)
	}
	return rows
}

func fresh(c Combination, open map[pair]bool) (n int) {
	for _, p := range c.pairs() {
		if open[p] {
			n++
		}
	}
	return n
}
