package picture

import (
	"cmp"
	"iter"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A Dialog is all that was said under one Call-ID, of which the phone has something, or
// should have had: a call, a registration, a message.
type Dialog struct {
	N    int // from 1, in the order in which they began
	ID   string
	At   time.Duration // when it began
	Last time.Duration // its last message

	Method   string   // of its first request
	Methods  []string // of all its requests, some at most
	With     string   // who is at the other end
	Out      bool     // whether the phone began it
	State    event.Lifecycle
	Other    bool // the app was in another state, too, when a request came or went
	Code     int  // of the last final answer; 0: there was none
	Reason   string
	Messages int      // those of others that are not the phone's, and those that were lost, too
	Ports    []string // of the phone, on which it went
	Accepted int      // 2xx to a REGISTER

	Call event.Call // the phone's last word of it; ID 0: it is no call of the phone
	Came time.Duration
	Rang time.Duration // when the phone said so to the caller; 0: never
	Up   time.Duration // since when it was talked; 0: never
	Over time.Duration // when it ended; 0: it has not
	Cut  bool          // something of it was lost on the way

	had bool // the phone has had a request of it, or sent one
}

// IsCall reports whether it is a call.
func (d *Dialog) IsCall() bool { return d.Method == "INVITE" || d.Call.ID != 0 }

// ToRinging is how long the phone took to ring, from when the call came; ok is false if it
// never did, or calls itself.
func (d *Dialog) ToRinging() (t time.Duration, ok bool) { return d.Rang - d.Came, d.Rang != 0 }

// maxPorts bounds the ports of one that outlives many connections (our own number), and
// maxMethods what a peer may call its requests.
const (
	maxPorts   = 8
	maxMethods = 16 // there are 14 (RFC 3261 and its extensions)
)

// Dialogs are those of a phone, the oldest first.
type Dialogs struct {
	List  []*Dialog
	Limit int // of the list: the oldest go first; 0: none

	byID  map[string]*Dialog
	held  event.Held    // what was read last of what had waited
	since time.Duration // and when it came
	began int
}

// DialogsOf are those of one phone of a log.
func DialogsOf(records iter.Seq[event.Record], phone string) *Dialogs {
	l, f := new(Dialogs), FoldFor(phone, records)
	for r := range records {
		f.Apply(r)
		l.Apply(r, f)
	}
	return l
}

// Of is the dialog of a Call-ID; nil: it is not known.
func (l *Dialogs) Of(id string) *Dialog { return l.byID[brief(id)] }

// Apply takes a record into account, which f already has.
func (l *Dialogs) Apply(r event.Record, f *event.Fold) {
	if r.Phone != f.Phone {
		if e, ok := r.Event.(event.Message); ok {
			l.others(r, e, f)
		}
		return
	}
	switch e := r.Event.(type) {
	case event.Message:
		l.message(r.Device, e, f)
	case event.Data:
		l.message(r.Device, event.Message{Out: e.Out, Method: e.What, From: e.From, URI: e.To, CallID: e.CallID}, f)
	case event.Held:
		l.held, l.since = e, r.Device-e.For.D()
	case event.Swallowed:
		l.swallowed(r.Device, e, f)
	case event.Call:
		l.call(r.Device, e)
	}
}

// of is the dialog of a message, which it may begin; nil: it has no Call-ID, or it answers
// for one that is not known.
func (l *Dialogs) of(at time.Duration, e event.Message, f *event.Fold) *Dialog {
	id := brief(e.CallID)
	if d := l.byID[id]; d != nil || id == "" || e.Status != 0 {
		return d
	}
	if l.byID == nil {
		l.byID = map[string]*Dialog{}
	}
	if l.Limit > 0 && len(l.List) >= l.Limit {
		old := l.List[:max(1, l.Limit/8)]
		for _, d := range old {
			delete(l.byID, d.ID)
		}
		l.List = slices.Delete(l.List, 0, len(old))
	}
	l.began++
	d := &Dialog{N: l.began, ID: id, At: at, Method: brief(e.Method), Methods: []string{brief(e.Method)}, With: withWhom(e), Out: e.Out, State: f.Life.State}
	l.List = append(l.List, d)
	l.byID[id] = d
	return d
}

// withWhom is who a request comes from, or goes to.
func withWhom(e event.Message) string {
	if e.Out && e.Method == "REGISTER" {
		return "registrar"
	}
	address := e.From
	if e.Out && e.Status == 0 {
		address = e.URI
	}
	return brief(event.Call{Peer: address}.Who())
}

// message takes in a message of the phone.
func (l *Dialogs) message(at time.Duration, e event.Message, f *event.Fold) {
	d := l.of(at, e, f)
	if d == nil {
		return
	}
	d.Messages++
	d.Last = at
	d.port(f.Socket.Local)
	switch {
	case e.Status == 0:
		l.asked(d, at, f)
		if m := brief(e.Method); !slices.Contains(d.Methods, m) && len(d.Methods) < maxMethods {
			d.Methods = append(d.Methods, m)
		}
	case e.Status >= 200:
		d.answered(e)
	case e.Out && e.Status > 100 && d.Rang == 0 && e.Method == "INVITE":
		d.Rang = at
	}
}

// asked is a request. Of the first it counts where the app was when it came: it is read
// later.
func (l *Dialogs) asked(d *Dialog, at time.Duration, f *event.Fold) {
	state, came := f.Life.State, at
	if n := len(f.SIP); n > 0 && f.SIP[n-1].Wake != 0 {
		state = event.Suspended
		if w := f.LastWake(); w != nil {
			came = w.At
		}
	}
	if l.held.Phase == event.HeldReleased && l.held.CallID != "" && brief(l.held.CallID) == d.ID {
		state, came = event.Suspended, l.since
	}
	if !d.had {
		d.had, d.State, d.Came = true, state, came
	}
	d.Other = d.Other || !d.IsCall() && state != d.State
}

// answered is a final answer: to what began it, or to the end of a call.
func (d *Dialog) answered(e event.Message) {
	if e.Method != d.Method || d.Up != 0 {
		return
	}
	d.Code, d.Reason = e.Status, brief(e.Reason)
	if e.Method == "REGISTER" && e.Status < 300 {
		d.Accepted++
	}
}

// port notes where it went.
func (d *Dialog) port(local string) {
	if _, p, err := net.SplitHostPort(local); err == nil && !slices.Contains(d.Ports, p) {
		d.Ports = keep(d.Ports, p, maxPorts)
	}
}

// port is the port of an address, as ":5060", or else the address.
func port(local string) string {
	if _, p, err := net.SplitHostPort(local); err == nil {
		return ":" + p
	}
	return local
}

// PortWord is the port of the rung's own end, as ":5060"; "" if it has none.
func (g *Rung) PortWord() string { return port(g.Port) }

// others takes in a message of somebody else: of a dialog that the phone knows, or of a call
// to it, which may never come.
func (l *Dialogs) others(r event.Record, e event.Message, f *event.Fold) {
	at := f.Now(r.Wall)
	d := l.Of(e.CallID)
	if d == nil && e.Out && e.Method == "INVITE" && e.Status == 0 && isOurs(e.URI, f) {
		e.Out = false
		d = l.of(at, e, f)
		if d != nil {
			d.With = brief(r.Phone)
		}
	}
	if d == nil {
		return
	}
	d.Messages++
	d.Last = at
	if e.Status >= 200 && !e.Out {
		d.answered(e)
	}
}

// isOurs reports whether an address is one of the phone's.
func isOurs(uri string, f *event.Fold) bool {
	user := strings.ToLower(event.Call{Peer: uri}.Who())
	is := func(aor string) bool { return user != "" && strings.ToLower(event.Call{Peer: aor}.Who()) == user }
	return is(f.Start.AOR) || slices.ContainsFunc(f.Start.Accounts, func(a event.Account) bool { return is(a.AOR) })
}

// swallowed takes in what the network has lost of it.
func (l *Dialogs) swallowed(at time.Duration, e event.Swallowed, f *event.Fold) {
	if e.CallID == "" {
		return
	}
	d := l.of(at, event.Message{Out: e.Out, Method: e.What, From: e.From, CallID: e.CallID}, f)
	d.Messages++
	d.Cut, d.Last = true, at
	d.port(e.Local)
}

// call takes in what the phone knows of a call.
func (l *Dialogs) call(at time.Duration, e event.Call) {
	d := l.ofCall(e)
	if d == nil {
		return
	}
	if e.Name != "" || d.Call.ID == 0 {
		d.With = cmp.Or(brief(e.Who()), d.With)
	}
	before := d.Call
	d.Call = e
	d.Call.Name, d.Call.Reason = brief(e.Name), brief(e.Reason)
	d.Call.Out = e.Out || before.Out
	switch e.Phase {
	case event.CallUp:
		if d.Up == 0 {
			d.Up = at
		}
	case event.CallEnded:
		d.Over = at
	}
}

// ofCall is the dialog of a call: by its Call-ID, or by its number where a step does not say
// that.
func (l *Dialogs) ofCall(e event.Call) *Dialog {
	if e.CallID != "" {
		return l.Of(e.CallID)
	}
	for _, d := range slices.Backward(l.List) {
		if d.Call.ID == e.ID && d.Over == 0 {
			return d
		}
	}
	return nil
}
