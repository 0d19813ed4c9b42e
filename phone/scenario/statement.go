package scenario

import (
	"slices"
	"strings"
	"sync"

	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// A Statement is one of the sentences of the language that are the scenario's
// own. The verbs of [verb.Specs] stand beside them.
type Statement struct {
	Name string // one or more words, as they are written
	Args string // what stands behind them; "" if nothing does
	Help string
	// Above: it stands above the first test case.
	Above bool
	// Example is a line that is right.
	Example string

	// top reads a statement about the whole scenario, step one of a test
	// case. One of them is nil, or, where a line is dealt with before
	// statements are read, both.
	top  func(p *parser, l source, a *args) *problem
	step func(a *args, st *Step) *problem
}

// Usage is how the statement is written.
func (s Statement) Usage() string { return strings.TrimSpace(s.Name + " " + s.Args) }

// Statements lists the statements of the language, in the order of the
// reference.
func Statements() []Statement { return slices.Clone(statements()) }

// statements is the table. It is made once: every line is looked up in it.
var statements = sync.OnceValue(func() []Statement {
	return []Statement{
		{"use account", "NAME", "play on the phone of this account of the config", true, "use account alice", useNamed(UseAccount), nil},
		{"use profile", "NAME", "the same, as it was called before", true, "use profile alice", useNamed(UseAccount), nil},
		{"use lab", "[KEY=VALUE…]", "play against the server that the program has in itself; that is so too if nothing else is said", true, "use lab flow-timer=120s", useLab, nil},
		{"use server", "HOST[:PORT] [KEY=VALUE…]", "play against this server", true, "use server pbx.example.com user=alice password-env=PW", useNamed(UseServer), nil},
		{"use phone", "NAME [KEY=VALUE…]", "have another phone in the same process; or, by its name, settings for the phone under test", true, "use phone bob auto=answer", useNamed(UsePhone), nil},
		{"use device", "NAME [KEY=VALUE…]", "emulate this device, with these of its numbers changed", true, "use device ios-voip-socket wake-window=5s", useNamed(UseDevice), nil},
		{"use record", "RECORD", "have the DNS say this: NAPTR, SRV, A, AAAA or CNAME, as zone files have it, with single quotes inside; the lab is the host lab, and the phones find it by its domain (RFC 3263)", true, "use record \"_sip._tcp.lab.test 300 SRV 10 0 5060 lab\"", useNamed(UseRecord), nil},
		{"include", "FILE", "put another file's lines here", false, "include common.talk", nil, nil},
		{"never wake without cause", "", "fail if ever a wake finds nothing to do", true, "never wake without cause", neverWake, nil},
		{"never stay awake", "> DURATION", "fail if ever a wake lasts longer", true, "never stay awake > 10s", neverStay, nil},
		{"never", "EXPECTATION", "fail if ever that happens", true, "never killed", neverEvent, nil},
		{"==", "NAME", "begin a test case; a \"tags:\" comment behind it gives it tags", false, "== a call wakes it", nil, nil},
		{"expect", "EXPECTATION [CLAUSE…] [and EXPECTATION…]", "wait until that has happened, and fail if it does not; what has happened since the last action counts", false, "expect wake by INVITE within 2s", nil, expectStep},
		{"expect no", "EXPECTATION [for DURATION]", "fail if that has happened since the last action, or does in this time; all of it is waited", false, "expect no notification for 5s", nil, expectStep},
		{"wait for", "EXPECTATION [CLAUSE…] [and EXPECTATION…]", "the same as expect", false, "wait for call up within 5s", nil, expectStep},
		{"wait", "DURATION [wall]", "let time pass; an expectation is better", false, "wait 30s", nil, waitStep},
	}
})

// statementWords are the words of their names.
var statementWords = sync.OnceValue(func() (list [][]string) {
	for _, s := range statements() {
		list = append(list, strings.Fields(s.Name))
	}
	return list
})

// findStatement finds the statement with the most words at the start of a
// line, and how many words those are.
func findStatement(tokens []token) (found *Statement, n int) {
	for i, name := range statementWords() {
		if len(name) > n && len(name) <= len(tokens) && slices.EqualFunc(name, tokens[:len(name)], func(w string, t token) bool { return t.is(w) }) {
			found, n = &statements()[i], len(name)
		}
	}
	return found, n
}

// secondWords are the words that follow the first of some statements, such as
// "use"; nil if no statement begins with it.
func secondWords(first token) []string {
	var list []string
	for _, name := range statementWords() {
		if len(name) > 1 && first.is(name[0]) {
			list = append(list, name[1])
		}
	}
	return list
}

// firstWords are all the words that a line can begin with.
func firstWords() []string {
	var list []string
	add := func(name string) {
		if w, _, _ := strings.Cut(name, " "); !slices.Contains(list, w) {
			list = append(list, w)
		}
	}
	for _, s := range statements() {
		add(s.Name)
	}
	for _, v := range verb.Specs(verb.Phone) {
		if v.Name != "quit" {
			add(v.Name)
		}
	}
	return list
}

// notAStatement says what is wrong with a line that is neither a statement nor
// a verb.
func notAStatement(tokens []token) *problem {
	first := tokens[0]
	if seconds := secondWords(first); seconds != nil {
		return wrongSecond(tokens, seconds)
	}
	p := unknown(first, "verb", "", firstWords())
	p.known = nil
	if p.meant == "" { // some have two words
		p.meant = verb.Nearest(verb.Phone, texts(tokens))
	}
	if p.meant == "" {
		p.advice = "see: sleeptalk help scenario"
	}
	return p
}

func wrongSecond(tokens []token, seconds []string) *problem {
	first := tokens[0]
	if len(tokens) == 1 {
		p := wrong(first.after(), "something is missing after %q", first.text)
		p.kind, p.known = "there are", seconds
		return p
	}
	return unknown(tokens[1], first.text, "there are", seconds)
}
