package link

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// The names of faults that happen by themselves.
const (
	natExpired = "nat expired"
	handover   = "handover"
)

func doNetwork(l *Link, now time.Time, f Fault) error {
	switch {
	case f.From != "" && f.From != l.network:
		return fmt.Errorf("the handset is on %s, not on %s", l.network, f.From)
	case f.Network == l.network:
		return fmt.Errorf("the handset is on %s already", l.network)
	}
	l.join(now, f.Network)
	return nil
}

// join puts the handset on another network. Back on its former network it has
// its former address, and what was held continues; another network knows none
// of the open flows. The system reconnects to the push service at once.
func (l *Link) join(now time.Time, to string) {
	from := l.network
	if to == Offline {
		l.before, l.network = from, to
		l.log(event.Network{Name: to, Why: "lost " + from})
		if l.push != nil {
			l.kernel(system.ClosePush{})
		}
		return
	}
	if from == Offline {
		l.rouse(now)
		from = l.before
		if l.push != nil {
			l.kernel(l.push)
		}
	}
	l.network = to
	if from == to {
		l.log(event.Network{Name: to, Why: "back, with the same address"})
		return
	}
	l.log(event.Network{Name: to, Why: "handover from " + from})
	l.kill(now, handover, false)
}

// rouse counts the tries that have failed while the handset was offline, so
// that the next one happens when TCP would make it.
func (l *Link) rouse(now time.Time) {
	for _, f := range l.flows {
		l.move(now, f)
	}
}

// kill makes the network forget every open flow, and reports whether there was
// any.
func (l *Link) kill(now time.Time, cause string, answers bool) bool {
	detail, n := "", 0
	for _, f := range l.flows {
		if !f.alive() && !f.ending(now) {
			continue
		}
		if n++; n == 1 {
			detail = f.String()
		}
		l.die(now, f, cause, answers)
	}
	if n > 1 {
		detail += fmt.Sprintf(" and %d more", n-1)
	}
	if n > 0 {
		l.log(event.Fault{Name: cause, On: true, Detail: detail})
	}
	return n > 0
}

func doNATDrop(l *Link, now time.Time, f Fault) error {
	switch {
	case l.offline():
		return errOffline
	case !l.kill(now, f.Name, l.nat.reset):
		return errNoFlow
	}
	return nil
}

func doNAT(l *Link, now time.Time, f Fault) error {
	if f.Preset == off {
		if l.nat.on() {
			l.nat = nat{}
			l.log(event.Fault{Name: f.Name})
		}
		return nil
	}
	p := presetOf(f.Preset)
	before := l.nat.on()
	l.nat = nat{preset: p.name, udp: p.udp, tcp: p.tcp, reset: f.Reset}
	l.log(event.Fault{Name: f.Name, On: true, Detail: l.nat.detail()})
	if !before {
		l.mapAll(now)
	}
	return nil
}

// mapAll gives each open flow a mapping.
func (l *Link) mapAll(now time.Time) {
	for _, f := range l.flows {
		f.touched, f.sent, f.sent2 = now, true, true
		if f.alive() {
			l.mapping(now, f, event.MappingMade, "")
		}
	}
}

// onStreams calls do for each open connection. An offline handset cannot reach
// the server.
func (l *Link) onStreams(name string, which func(*flow) bool, none error, do func(*flow)) error {
	if l.offline() {
		return errOffline
	}
	detail := ""
	for _, f := range l.flows {
		if f.kind == stream && f.open && f.alive() && which(f) {
			l.know(f, "the connection has ended")
			do(f)
			f.cause, detail = name, f.String()
		}
	}
	if detail == "" {
		return none
	}
	l.log(event.Fault{Name: name, On: true, Detail: detail})
	return nil
}

func anyFlow(*flow) bool { return true }

func doServerClose(l *Link, _ time.Time, f Fault) error {
	return l.onStreams(f.Name, anyFlow, errNoStream, func(f *flow) {
		l.hangUp(f, system.Close{Socket: f.kernel}, nil)
	})
}

func doServerReset(l *Link, _ time.Time, f Fault) error {
	return l.onStreams(f.Name, anyFlow, errNoStream, func(f *flow) {
		l.hangUp(f, system.Close{Socket: f.kernel, Reset: true}, system.Reset)
	})
}

// hangUp ends a connection as if the server had. It also ends it for the
// server, as if from our side, so that the server no longer has it.
func (l *Link) hangUp(f *flow, c system.Close, err error) {
	l.pass(f, c)
	f.stalled = false
	f.up.clear()
	f.ended = true
	f.down.push(packet{sig: system.Closed{Socket: f.app, Err: err}})
}

func doServerHalfOpen(l *Link, now time.Time, f Fault) error {
	return l.onStreams(f.Name, anyFlow, errNoStream, func(flow *flow) {
		l.drop(flow)
		l.die(now, flow, f.Name, true)
	})
}

func doServerStall(l *Link, _ time.Time, f Fault) error {
	return l.onStreams(f.Name, func(f *flow) bool { return !f.stalled }, errNoStream, func(f *flow) { f.stalled = true })
}

func doServerUnstall(l *Link, now time.Time, f Fault) error {
	found := false
	for _, flow := range l.flows {
		found = found || flow.stalled
		if flow.stalled {
			flow.stalled = false
			l.know(flow, "the server goes on")
			l.move(now, flow)
		}
	}
	if !found {
		return errNotStalled
	}
	return nil
}

// setting returns an order that changes both directions of the link.
func setting(set func(*shape, Fault)) func(*Link, time.Time, Fault) error {
	return func(l *Link, _ time.Time, f Fault) error {
		for _, s := range []*shape{&l.up, &l.down} {
			s.rng = l.luck()
			set(s, f)
		}
		value := f.Value()
		if value == off {
			l.log(event.Fault{Name: f.Name})
		} else {
			l.log(event.Fault{Name: f.Name, On: true, Detail: value + " each way"})
		}
		return nil
	}
}

// doClear switches all settings off. Flows that the network has forgotten stay
// forgotten.
func doClear(l *Link, now time.Time, _ Fault) error {
	if l.offline() {
		l.join(now, l.before)
	}
	for _, s := range Specs() {
		if s.on != nil && s.on(l) {
			if err := s.do(l, now, Fault{Name: s.Name, Preset: off}); err != nil {
				return err
			}
		}
	}
	if l.flows.stalled() {
		return doServerUnstall(l, now, Fault{})
	}
	return nil
}
