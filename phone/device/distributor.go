package device

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// distributor is the app by which others on the phone get their Web Push
// (UnifiedPush): it holds the one connection to the push service, and hands on
// what comes. It is an app like any other: where it sleeps, what comes for the
// others waits at the push service.
//
//	push service ── the distributor's connection ──▶ distributor ── intent ──▶ app
//	     │                                              │
//	     └── keeps it for as long as its TTL ◀── asleep: idle device, or put to sleep
type distributor struct {
	*sink
	p *dozeSettings

	name    string // of the subscription at the push service; "": the app has none
	key     string // of the server that may push to it
	address string // the push service has given it; "": not yet
	slept   bool   // put to sleep by hand, as vendors' battery savers do
	idle    bool   // the device is
	away    bool   // its connection is closed
}

// A Distributor puts the distributor of Web Push to sleep, or lets it run again.
type Distributor struct{ Sleeps bool }

func (Distributor) act() {}

// register is an app asking for a subscription. One for another server is
// another.
func (d *distributor) register(rng *rand.Rand, key string) {
	switch {
	case d.name == "" || d.key != key:
		d.subscribe(rng, key)
	case d.address != "":
		d.tell(system.PushToken{Token: d.address})
	}
}

// subscribe asks the push service for a subscription instead of the one that
// there is. A distributor that sleeps does so when it runs again.
func (d *distributor) subscribe(rng *rand.Rand, key string) {
	d.name, d.key, d.address = fmt.Sprintf("%016x%016x", rng.Uint64(), rng.Uint64()), key, ""
	was := d.away
	if d.govern(); !was && !d.away {
		d.connect()
	}
}

// forget is the app away: its subscription is nobody's, and waits for nothing.
func (d *distributor) forget() {
	d.name, d.key, d.address = "", "", ""
	if d.away {
		d.away = false
		d.log(event.Push{Phase: event.PushBack, Why: "the subscription went with the app"})
	}
}

func (d *distributor) connect() {
	d.kernel(system.Subscribe{Name: d.name, Key: d.key})
}

// govern closes the distributor's connection, or opens it again, as it may run now.
func (d *distributor) govern() {
	why := d.asleep()
	switch away := why != ""; {
	case d.name == "" || away == d.away:
	case away:
		d.away = true
		d.log(event.Push{Phase: event.PushAway, Why: why})
		d.kernel(system.ClosePush{})
	default:
		d.away = false
		d.log(event.Push{Phase: event.PushBack, Why: "the distributor runs"})
		d.connect()
	}
}

// asleep says why the distributor sleeps; "": it runs.
func (d *distributor) asleep() string {
	switch {
	case d.slept:
		return "the distributor was put to sleep"
	case d.idle && !d.p.DistributorExempt:
		return "the device is idle, and the distributor is not on the battery allowlist"
	}
	return ""
}

// putDistributor is the distributor being put to sleep by hand, or let run again.
func (a *android) putDistributor(sleeps bool) {
	if a.distributor.name == "" {
		a.refuse("distributor", "the app gets no Web Push", "push-provider=webpush")
		return
	}
	a.distributor.slept = sleeps
	a.distributor.govern()
}

// subscribed is the push service's answer: the app hears of it, woken if need be,
// as of a message (UnifiedPush, NEW_ENDPOINT).
func (a *android) subscribed(now time.Time, address string) {
	d := &a.distributor
	if address == d.address {
		return
	}
	d.address = address
	if a.state == event.Dead {
		return // its next process asks
	}
	a.startFor(now, a.p.DistributorWindow)
	a.tell(system.PushToken{Token: address})
}

// distributed is a push that the distributor hands on. It binds to the app, which
// for so long counts as on the screen: it runs, and has the network (UnifiedPush,
// RAISE_TO_FOREGROUND).
func (a *android) distributed(now time.Time, p system.Push) {
	switch {
	case a.distributor.address == "" || p.Token != a.distributor.address:
		a.log(pushEvent(event.PushDropped, p, notTheToken))
	case expired(now, p):
		a.log(pushEvent(event.PushExpired, p, fmt.Sprintf("%s too late", event.Round(now.Sub(p.Expires)))))
	default:
		id := a.fcm.deliver(p, "by the distributor")
		a.startFor(now, a.p.DistributorWindow)
		a.tell(system.WebPushed{ID: id, Body: p.Body, Payload: p.Payload})
	}
}
