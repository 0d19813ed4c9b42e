package verb

import (
	"slices"
	"strings"
	"sync"

	"github.com/sleeptalk/sleeptalk/phone/words"
)

// Who is a set of those who can be told something.
type Who uint8

// Those who can be told something.
const (
	Phone Who = 1 << iota
	Robot
	Lab
)

// LabName is the name by which a line speaks to the lab.
const LabName = "lab"

// A Spec is one verb.
type Spec struct {
	Name string // one or more words
	Args string // how the arguments are written; "": there are none; in brackets: they can be left out
	Help string
	Who  Who // who can be told
	// Says is the first word of the verb in a sentence about somebody, as in
	// "bob hangs up"; "" if there is no such sentence.
	Says string
	// Aliases are other ways to write the name.
	Aliases []string
	// Stage: it is carried out by what the phone runs in, not by the phone.
	Stage bool

	read func(r *reader, l *Line) *Error
	as   asPlace
}

// Usage is how the verb is written.
func (s *Spec) Usage() string { return strings.TrimSpace(s.Name + " " + s.Args) }

// Specs lists the verbs of some, in the order in which help shows them.
func Specs(who Who) []*Spec { return slices.Clone(specs()[who]) }

// specs are the verbs of each set of those who can be told something. It is made
// once: every line is looked up in it.
var specs = sync.OnceValue(func() (by [Phone | Robot | Lab + 1][]*Spec) {
	for _, table := range [][]Spec{phoneSpecs, labSpecs} {
		for i := range table {
			for who := range by {
				if table[i].Who&Who(who) != 0 {
					by[who] = append(by[who], &table[i])
				}
			}
		}
	}
	return by
})

// Usages are the verbs of some as they are written.
func Usages(who Who) []string {
	var list []string
	for _, s := range specs()[who] {
		list = append(list, s.Usage())
	}
	return list
}

// Names are the names and aliases of the verbs of some, sorted.
func Names(who Who) []string {
	var list []string
	for _, s := range specs()[who] {
		list = append(append(list, s.Name), s.Aliases...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Nearest is the verb of some whose name, or another way to write it, is
// nearest to a line's first word or words; "" if none is near.
func Nearest(who Who, line []string) string {
	for n := 1; n <= min(2, len(line)); n++ {
		if near := words.Nearest(strings.Join(line[:n], " "), Names(who)); near != "" {
			s, _ := find(who, strings.Fields(near))
			return s.Name
		}
	}
	return ""
}

// find finds the verb with the most words at the start of a line, and how many
// words of the line those are. An alias counts where no name fits.
func find(who Who, line []string) (found *Spec, n int) {
	begins := func(name string) int {
		w := strings.Fields(name)
		if len(w) <= len(line) && slices.EqualFunc(w, line[:len(w)], strings.EqualFold) {
			return len(w)
		}
		return 0
	}
	for _, s := range specs()[who] {
		if k := begins(s.Name); k > n {
			found, n = s, k
		}
	}
	if found != nil {
		return found, n
	}
	for _, s := range specs()[who] {
		for _, alias := range s.Aliases {
			if k := begins(alias); k > n {
				found, n = s, k
			}
		}
	}
	return found, n
}

// saying finds the verb that a word is in a sentence, as "calls" is "call";
// base is the word as an order has it.
func saying(word string) (base string, ok bool) {
	for _, s := range specs()[Phone|Robot|Lab] {
		if s.Says != "" && strings.EqualFold(s.Says, word) {
			base, _, _ = strings.Cut(s.Name, " ")
			return base, true
		}
	}
	return "", false
}
