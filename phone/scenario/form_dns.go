package scenario

import (
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// recordTypes are what the DNS is asked for, besides addresses.
var recordTypes = []string{"NAPTR", "SRV"}

// lookupForm matches a question to the DNS and its answer.
func lookupForm(a *args) (meaning, *problem) {
	kind := ""
	if len(a.tokens) > 0 && among(a.tokens[0].text, recordTypes) {
		t, _ := a.next()
		kind = t.text
	}
	rest, p := a.options("with")
	if p != nil {
		return meaning{}, p
	}
	m := happens(func(e event.Lookup) bool {
		said := strings.Join(append([]string{e.Name, e.Fault}, e.Answers...), "\n")
		return (kind == "" || strings.EqualFold(e.Type, kind)) && contains(said, rest["with"].text)
	})
	return keeping(m, func(e event.Lookup) string { return e.Name }, nil), nil
}

// targetForm matches a server that is tried.
func targetForm(a *args) (meaning, *problem) {
	server := a.unless("over").text
	rest, p := a.options("over")
	if p != nil {
		return meaning{}, p
	}
	over := rest["over"].text
	m := happens(func(e event.Target) bool {
		host, _, _ := strings.Cut(e.Server, ":")
		return (server == "" || strings.EqualFold(e.Server, server) || strings.EqualFold(host, server)) && (over == "" || strings.EqualFold(e.Transport, over))
	})
	return keeping(m, func(e event.Target) string { return e.Server }, nil), nil
}
