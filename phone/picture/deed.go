package picture

import (
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A Deed is something that somebody else in the log of a phone did, sent or got; or something
// that happened on the way between them.
type Deed struct {
	Seq   uint64
	At    time.Duration // by the clock of the phone
	Who   string        // "": it happened on the way
	Way   Way           // of a message; "": it is none
	Lost  bool          // a message that did not come
	Title string
	Note  string
	Ink   Ink
	State event.Lifecycle // of their app from here on; "": it is as before
}

// Deeds are what others did, oldest first.
type Deeds struct {
	Limit int // of the list: the oldest go first; 0: none
	List  []Deed
	Who   []string // those who did anything, in the order in which they began

	phones  []string // those of them that are handsets
	servers []string // those that say what a server does
}

// Sides are those who did anything: servers, which carry what the others send, come last.
func (d *Deeds) Sides() []string {
	list := slices.Clone(d.Who)
	slices.SortStableFunc(list, func(a, b string) int {
		switch x, y := slices.Contains(d.servers, a), slices.Contains(d.servers, b); {
		case x == y:
			return 0
		case y:
			return -1
		}
		return 1
	})
	return list
}

// maxDoers bounds how many others are told apart (our own number).
const maxDoers = 16

// Apply takes a record into account, which f, the fold of the phone, already has.
func (d *Deeds) Apply(r event.Record, f *event.Fold) {
	var one Deed
	if r.Phone == f.Phone {
		one = onTheWay(r.Event)
	} else {
		if _, on := r.Event.(event.Start); on && len(d.phones) < maxDoers {
			d.phones = append(d.phones, r.Phone)
		}
		if _, serves := r.Event.(event.Server); serves && !slices.Contains(d.servers, r.Phone) && len(d.servers) < maxDoers {
			d.servers = append(d.servers, r.Phone)
		}
		one = d.deedOf(r)
	}
	if one.Title == "" {
		return
	}
	one.Seq, one.At = r.Seq, f.Now(r.Wall)
	if r.Phone == f.Phone {
		one.At = r.Device
	} else if !d.knows(r.Phone) {
		return
	}
	d.List = keep(d.List, one, d.Limit)
}

// knows notes who does something, and reports whether there is room for them.
func (d *Deeds) knows(who string) bool {
	switch {
	case slices.Contains(d.Who, who):
		return true
	case len(d.Who) >= maxDoers:
		return false
	}
	d.Who = append(d.Who, who)
	return true
}

// deedOf is what somebody did; without a title it is not worth a row. How a robot signs on is
// nobody's story.
func (d *Deeds) deedOf(r event.Record) (one Deed) {
	switch e := r.Event.(type) {
	case event.Message:
		if e.Method == "REGISTER" && !slices.Contains(d.phones, r.Phone) {
			return one
		}
	case event.Registration:
		if !slices.Contains(d.phones, r.Phone) {
			return one
		}
	}
	one = deedOf(r.Event)
	one.Who = r.Phone
	return one
}

func deedOf(e event.Event) (d Deed) {
	d.Ink = Dim
	switch e := e.(type) {
	case event.Message:
		d.Way, d.Title, d.Ink = wayOf(e.Out), brief(MessageTitle(e)), Text
		if e.Status == 0 {
			d.Note = brief(e.URI)
		}
	case event.Audio, event.RTP, event.Step, event.Scenario, event.Check, event.Socket, event.Ping, event.Pong:
	case event.State:
		d.Title, d.Note = texts(e)
		d.State, d.Ink = e.To, LookOf(e.To).Ink
	case event.Verb:
		d.Title, d.Ink = brief("› "+e.Line), Text
	case event.Call:
		d.Title, d.Note = texts(e)
		if d.Ink = Talk; e.Phase == event.CallEnded && e.Status >= 300 {
			d.Ink = Fault
		}
	case event.Error, event.Warning, event.Loss, event.Killed:
		d.Title, d.Note = texts(e)
		d.Ink = Fault
	default:
		d.Title, d.Note = texts(e)
	}
	return d
}

// onTheWay is what the link did to what went to the phone or from it.
func onTheWay(e event.Event) (d Deed) {
	switch e := e.(type) {
	case event.Swallowed:
		if e.Transport == "udp" && e.What == "data" {
			return d
		}
		d.Way, d.Lost = wayOf(!e.Out), true // as the others see it
	case event.Fault, event.Mapping, event.Loss:
	default:
		return d
	}
	d.Title, d.Note = texts(e)
	d.Ink = Fault
	return d
}

func texts(e event.Event) (title, note string) {
	title, note = e.Text()
	return brief(title), brief(note)
}
