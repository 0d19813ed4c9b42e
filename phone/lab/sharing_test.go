package lab

import (
	"strings"
	"testing"
)

// contactsOf are connections of carol's, each with a phone that says to be at one address.
func (b *bench) contactsOf(contacts ...string) (phones []*wire) {
	b.t.Helper()
	for _, contact := range contacts {
		c := b.wire()
		if res := c.register("carol", "secret", "Contact: "+contact); res.StatusCode != 200 {
			b.t.Fatal(res)
		}
		phones = append(phones, c)
	}
	return phones
}

// TestContactsThatShareAnAddress: phones of one account whose contacts differ in a
// parameter alone, or not at all, each have the requests of their own calls, whichever
// registered last, and keep them when another one leaves.
func TestContactsThatShareAnAddress(t *testing.T) {
	const at = "sip:carol@10.7.7.7:1234"
	for name, contacts := range map[string][]string{
		"a parameter of their own": {"<" + at + ";line=1>", "<" + at + ";line=2>", "<" + at + ";line=3>"},
		"transport":                {"<" + at + ">", "<" + at + ";transport=tcp>", "<" + at + ";transport=udp>"},
		"an instance":              {"<" + at + `>;+sip.instance="<urn:x:1>"`, "<" + at + `>;+sip.instance="<urn:x:2>"`, "<" + at + `>;+sip.instance="<urn:x:3>"`},
	} {
		for i := range contacts {
			b := newBench(t, nil)
			phones := b.contactsOf(contacts...)
			guest := b.wire()
			mine := phones[i]
			ok, route := guest.talksTo(mine)
			uri, _, _ := strings.Cut(strings.TrimPrefix(contacts[i], "<"), ">")
			reaches := func(when, uri string, more ...string) {
				t.Helper()
				mine.reqs = nil
				for _, p := range phones {
					p.reqs = nil
				}
				guest.ask("INFO", uri, ok.To().Value(), more...)
				if len(mine.reqs) != 1 {
					t.Errorf("%s, phone %d, %s, %s: no request", name, i+1, when, uri)
				}
			}
			reaches("by its route", uri, route)
			if name != "transport" { // without one it is the URI of the first
				reaches("without parameters", at+";x=y", route)
			}
			if name != "an instance" {
				reaches("without a route", uri)
			}
			for k, p := range phones {
				if k == i {
					continue
				}
				p.register("carol", "secret", "Contact: "+contacts[k]+";expires=0")
				reaches("when another one has left", uri, route)
				if name != "an instance" {
					reaches("when another one has left, without a route", uri)
				}
			}
		}
	}
}

// A phone whose contact has changed is reached over its connection in the call, and not the
// one that is at its old address but for a parameter.
func TestContactsThatSharedAnAddress(t *testing.T) {
	b := newBench(t, nil)
	phones := b.contactsOf("<sip:carol@10.7.7.7:1234;line=1>", "<sip:carol@10.7.7.7:1234;transport=tcp>")
	guest := b.wire()
	ok, route := guest.talksTo(phones[1])
	phones[1].register("carol", "secret", "Contact: <sip:carol@10.7.7.7:1234;transport=tcp>;expires=0")
	phones[1].register("carol", "secret", "Contact: <sip:carol@10.7.7.9:1234;transport=tcp>")
	phones[0].reqs, phones[1].reqs = nil, nil
	guest.ask("INFO", "sip:carol@10.7.7.7:1234;transport=tcp", ok.To().Value(), route)
	if len(phones[0].reqs) != 0 || len(phones[1].reqs) != 1 {
		t.Errorf("%d requests at the other phone, %d at its own", len(phones[0].reqs), len(phones[1].reqs))
	}
}

// A PURR is the name of one phone, also where another one differs in a parameter alone.
func TestNamesOfPhonesThatShareAnAddress(t *testing.T) {
	e := newEdge(t, nil)
	var phones []*wire
	var purrs []string
	for _, n := range []string{"1", "2"} {
		c := e.wire()
		res := c.register("alice", "secret", "Contact: <sip:alice@10.7.7.7:1234;line="+n+";pn-provider=apns;pn-param=app;pn-prid=t"+n+">")
		phones, purrs = append(phones, c), append(purrs, text(res, "Feature-Caps"))
	}
	for i, purr := range purrs {
		_, name, found := strings.Cut(purr, "+sip.pnspurr=\"")
		name, _, _ = strings.Cut(name, `"`)
		if !found {
			t.Fatalf("no PURR in %q", purr)
		}
		phones[0].reqs, phones[1].reqs = nil, nil
		e.wire().ask("INFO", "sip:alice@10.7.7.77;pn-purr="+name, "<sip:alice@lab.test>;tag=x")
		if len(phones[i].reqs) != 1 {
			t.Errorf("phone %d has %d requests, the other %d", i+1, len(phones[i].reqs), len(phones[1-i].reqs))
		}
	}
}
