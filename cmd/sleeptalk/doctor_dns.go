package main

import (
	"cmp"
	"context"
	"fmt"
	mathrand "math/rand/v2"
	"net"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/locate"
	"github.com/sleeptalk/sleeptalk/phone/setup"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/stage"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// maxProbed bounds the servers of a domain that doctor connects to (our own number: each
// may take ten seconds).
const maxProbed = 4

// A probe is a server that is asked.
type probe struct {
	setup.Server
	name     string // whose certificate it must show; "" is its host's
	resolver live.Resolver
	// sipDomain says that this is the name of a SIP domain, not of a host.
	sipDomain bool
}

func (p probe) certificate() string { return cmp.Or(p.name, p.Host) }

// dial connects to it.
func (p probe) dial(ctx context.Context, network string) (net.Conn, error) {
	return p.resolver.Dial(ctx, network, p.Target())
}

// A lookup is what the DNS says about a domain.
type lookup struct {
	locator *locate.Locator
	said    []system.Answered
}

// lookFor looks for the servers of a domain, as a phone does; looked is false if there
// is nothing to be looked for, as the server has a port or is no domain.
func lookFor(ctx context.Context, values setup.Values, resolver live.Resolver) (found lookup, looked bool) {
	hop, err := values.Hop()
	if err != nil || !hop.Domain() || values.Control() != control.SIP {
		return found, false
	}
	var cfg sip.Config
	hop.Reach(&cfg)
	env := control.Env{Rand: mathrand.New(mathrand.NewPCG(stage.Chance(), stage.Chance())), Datagrams: app.Strategy(values["strategy"]).Traits().Datagrams}
	l, err := cfg.Locator(env)
	if err != nil {
		return found, false
	}
	return lookup{l, resolver.Search(ctx, l)}, true
}

// finding is what was asked and said, and the servers in their order.
func (l lookup) finding() finding {
	f := finding{Check: "dns", Result: "ok"}
	var lines []string
	for _, a := range l.said {
		what, detail := a.Event().Text()
		lines = append(lines, strings.TrimPrefix(what, "dns ")+": "+detail)
	}
	for i, t := range l.locator.Targets() {
		by := cmp.Or(t.By, "the domain itself")
		lines = append(lines, fmt.Sprintf("%d. %s over %s (%s)", i+1, t.Server, strings.ToUpper(t.Transport), by))
	}
	for _, left := range l.locator.LeftOut() {
		lines = append(lines, "left out: "+left)
	}
	f.Detail = strings.Join(lines, "\n")
	switch {
	case l.locator.Refused():
		f.Result, f.Fix = "bad", "the domain says that it has no such server (SRV with the target \".\"); another transport, or the server with its port"
	case len(l.locator.Faults()) > 0:
		f.Result, f.Fix = "bad", "the resolver has not answered: "+strings.Join(l.locator.Faults(), ", ")+"; --resolver ADDRESS:PORT asks another"
	}
	return f
}

// check asks the servers that were found. One that does not answer is bad only if it is
// the first: a phone goes on to the next.
func (l lookup) check(ctx context.Context, values setup.Values, resolver live.Resolver) (all []finding) {
	targets := l.locator.Targets()
	for i, t := range targets[:min(len(targets), maxProbed)] {
		host, port, _ := net.SplitHostPort(t.Server)
		p := probe{Server: setup.Server{Host: host, Port: port, Transport: t.Transport}, name: l.locator.Domain(), resolver: resolver}
		for _, f := range checkHop(ctx, p, values) {
			if i > 0 && f.Result == "bad" {
				f.Result = "note"
			}
			all = append(all, f)
		}
	}
	if more := len(targets) - maxProbed; more > 0 {
		all = append(all, finding{"server", "note", fmt.Sprintf("%d more servers were not asked", more), ""})
	}
	return all
}
