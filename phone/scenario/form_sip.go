package scenario

import (
	"strconv"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

func registration(phase event.RegistrationPhase) meaning {
	return happens(func(e event.Registration) bool { return e.Phase == phase })
}

// registered is fulfilled by a binding that was accepted or holds; one "from
// a new contact" only by the first that has another contact than the one
// before.
func registered(a *args) (meaning, *problem) {
	m := registration(event.RegistrationActive).while(func(f *event.Fold) bool { return f.Registration.Active })
	m = keeping(m, func(e event.Registration) string { return e.Contact },
		func(f *event.Fold) string { return f.Registration.Contact })
	if !a.skip("from") {
		return m, nil
	}
	if !a.skip("a", "new", "contact") && !a.skip("new", "contact") {
		t, p := a.need(`"a new contact"`)
		if p != nil {
			return meaning{}, p
		}
		return meaning{}, wrong(t, "unexpected %q", t.text)
	}
	active := m.match
	m.holds = nil
	m.match = func(before *event.Fold, ev event.Event) bool {
		e, _ := ev.(event.Registration)
		return active(before, ev) && before != nil && before.Registration.Contact != event.Printable(e.Contact)
	}
	return m, nil
}

func registrationStep(a *args) (meaning, *problem) {
	phase, p := stepOf(a, event.RegistrationPhases())
	if p != nil {
		return meaning{}, p
	}
	status, p := a.status()
	m := happens(func(e event.Registration) bool { return e.Phase == phase && (status == 0 || e.Status == status) })
	return keeping(m, func(e event.Registration) string { return strconv.Itoa(e.Status) }, nil), p
}

// status reads "with STATUS", if it comes next; 0 if it does not.
func (a *args) status() (int, *problem) {
	t, ok, p := a.option("with")
	if p != nil || !ok {
		return 0, p
	}
	return parseStatus(t)
}

func parseStatus(t token) (int, *problem) {
	if !isStatus(t.text) {
		return 0, wrong(t, "%q is no status code, which is from 100 to 699", t.text)
	}
	n, err := strconv.Atoi(t.text)
	if err != nil { // isStatus has read it
		return 0, wrong(t, "%v", err)
	}
	return n, nil
}

func socket(a *args) (meaning, *problem) {
	phase, p := stepOf(a, event.SocketPhases())
	resumed := phase == event.SocketOpen && a.skip("resumed")
	m := happens(func(e event.Socket) bool { return e.Name == "control" && e.Phase == phase && (e.Resumed || !resumed) }).
		while(func(f *event.Fold) bool { return f.Socket.Phase == phase && (f.Socket.Resumed || !resumed) })
	return keeping(m, func(e event.Socket) string { return e.Local },
		func(f *event.Fold) string { return f.Socket.Local }), p
}

func message(out bool) func(*args) (meaning, *problem) {
	return func(a *args) (meaning, *problem) {
		t, p := a.need("a SIP method or a status code")
		if p != nil {
			return meaning{}, p
		}
		methods := frames[:len(frames)-3] // without what is no message
		if !isStatus(t.text) && !among(t.text, methods) {
			return meaning{}, unknown(t, "SIP method or status code", "methods", methods)
		}
		status := 0
		if isStatus(t.text) {
			status, p = parseStatus(t)
		}
		m := happens(func(e event.Message) bool {
			return e.Out == out && e.Status == status && (status != 0 || strings.EqualFold(e.Method, t.text))
		})
		return keeping(m, func(e event.Message) string { return e.CallID }, nil), p
	}
}

// data is a frame of a protocol that is not SIP.
func data(a *args) (meaning, *problem) {
	sent, received := a.skip("sent"), false
	if !sent {
		received = a.skip("received")
	}
	what := ""
	if len(a.tokens) > 0 && !a.tokens[0].is("with") {
		t, _ := a.next()
		what = t.text
	}
	rest, p := a.options("with")
	text := rest["with"].text
	m := happens(func(e event.Data) bool {
		return !(sent && !e.Out) && !(received && e.Out) && (what == "" || strings.EqualFold(e.What, what)) && contains(e.Raw+e.Hex, text)
	})
	return keeping(m, func(e event.Data) string { return e.What }, nil), p
}

func textForm(a *args) (meaning, *problem) {
	rest, p := a.options("from", "to", "with")
	from, to, text := rest["from"].text, rest["to"].text, rest["with"].text
	m := happens(func(e event.Text) bool {
		_, sent := rest["to"]
		taken := !e.Out || e.Status/100 == 2
		return e.Out == sent && taken && contains(e.From+" "+e.Name, from) && contains(e.To, to) && contains(e.Body, text)
	})
	return keeping(m, func(e event.Text) string { return e.Body }, nil), p
}

func notification(a *args) (meaning, *problem) {
	phase := event.NotificationPosted
	if len(a.tokens) > 0 && !a.tokens[0].is("from") {
		name, p := a.oneOf("step", "steps", append(namesOf(event.NotificationPhases()), "from"))
		if p != nil {
			return meaning{}, p
		}
		phase = event.NotificationPhase(name)
	}
	rest, p := a.options("from")
	from := rest["from"].text
	m := happens(func(e event.Notification) bool {
		return e.Phase == phase && (contains(e.Title, from) || contains(e.Body, from))
	})
	return keeping(m, func(e event.Notification) string { return e.Title }, nil), p
}

func call(a *args) (meaning, *problem) {
	peer := func(e event.Call) string { return e.Peer }
	number, p := a.callNumber()
	if p != nil {
		return meaning{}, p
	}
	if len(a.tokens) == 0 {
		return keeping(happens(func(e event.Call) bool { return number == 0 || e.ID == number }), peer, nil), nil
	}
	name, p := a.oneOf("step of a call", "steps", namesOf(event.CallPhases()))
	if p != nil {
		return meaning{}, p
	}
	rest, p := a.options("by", "from", "with")
	if p != nil {
		return meaning{}, p
	}
	status := 0
	if t, ok := rest["with"]; ok {
		if status, p = parseStatus(t); p != nil {
			return meaning{}, p
		}
	}
	if t, ok := rest["by"]; ok && !among(t.text, ends) {
		return meaning{}, unknown(t, "end", "ended by", ends)
	}
	phase := event.CallPhase(name)
	c := callWanted{number: number, phase: phase, by: rest["by"].text, from: rest["from"].text, status: status}
	m := happens(c.event)
	held := phase == event.CallHeld
	if c.status == 0 && (held || c.by == "" && (phase == event.CallUp || phase == event.CallMuted)) {
		m = m.while(func(f *event.Fold) bool { return c.row(f) != nil })
	}
	return keeping(m, peer, func(f *event.Fold) string {
		if row := c.row(f); row != nil {
			return row.Peer
		}
		return ""
	}), nil
}

// callNumber reads the number of a call, if it comes next; 0 if it does not.
func (a *args) callNumber() (int, *problem) {
	if len(a.tokens) == 0 || strings.Trim(a.tokens[0].text, "0123456789") != "" {
		return 0, nil
	}
	t, _ := a.next()
	n, err := strconv.Atoi(t.text)
	if err != nil || n < 1 {
		return 0, wrong(t, "%q is no number of a call; the first of a phone is 1", t.text)
	}
	return n, nil
}

// ends are those who can end a call.
var ends = []string{"us", "peer", "timeout", "network"}

// callWanted is the call that is expected.
type callWanted struct {
	number   int // 0: any
	phase    event.CallPhase
	by, from string
	status   int
}

func (c callWanted) event(e event.Call) bool {
	return e.Phase == c.phase && (c.number == 0 || e.ID == c.number) && (c.by == "" || strings.EqualFold(e.By, c.by)) &&
		(c.status == 0 || e.Status == c.status) && c.with(e)
}

// with reports whether the call is with the one who is meant.
func (c callWanted) with(e event.Call) bool {
	return contains(e.Peer, c.from) || contains(e.Name, c.from)
}

// held reports whether the one who is meant holds the call.
func (c callWanted) held(row *event.CallRow) bool {
	return row.Held && !strings.EqualFold(c.by, "peer") || row.HeldByPeer && !strings.EqualFold(c.by, "us")
}

// row is the call that is in the wanted state now; nil if there is none.
func (c callWanted) row(f *event.Fold) *event.CallRow {
	for i := range f.Calls {
		row := &f.Calls[i]
		in := map[event.CallPhase]bool{event.CallUp: row.Connected(), event.CallHeld: c.held(row), event.CallMuted: row.Muted}
		if in[c.phase] && (c.number == 0 || row.ID == c.number) && c.with(row.Call) {
			return row
		}
	}
	return nil
}
