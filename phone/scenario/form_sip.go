package scenario

import (
	"strconv"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

func registration(phase event.RegistrationPhase) meaning {
	m := happens(func(e event.Registration) bool { return e.Phase == phase })
	m.ofAll(phase)
	return m
}

// ofAll makes it one that is of all accounts, where a step leads to a binding, or to
// none: an account is registered if one of its flows is.
func (m *meaning) ofAll(step event.RegistrationPhase) {
	switch step {
	case event.RegistrationActive:
		m.whole = bound
	case event.RegistrationRemoved:
		m.gone = bound
	}
}

// bound reports whether there is a binding.
func bound(f *event.Fold) bool { return f.Registration.Active }

// registered is fulfilled by a binding that was accepted or holds; one "from
// a new contact" only by the first that has another contact than the one
// before.
func registered(a *args) (meaning, *problem) {
	m := registration(event.RegistrationActive).while(bound)
	m = keeping(m, func(e event.Registration) string { return e.Contact },
		func(f *event.Fold) string { return f.Registration.Contact })
	if !a.skip("from") {
		return m, nil
	}
	m.whole = nil
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
	why, p := a.answer()
	m := happens(func(e event.Registration) bool { return e.Phase == phase && why.is(e.Status, e.Reason, e.Cause) })
	m.ofAll(phase)
	return keeping(m, func(e event.Registration) string { return strconv.Itoa(e.Status) }, nil), p
}

// statusIn is the STATUS of "with", if that is among the options; 0 if it is not.
func statusIn(options map[string]token) (int, *problem) {
	t, ok := options["with"]
	if !ok {
		return 0, nil
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
	is := func(f *event.Fold) bool { return f.Socket.Phase == phase && (f.Socket.Resumed || !resumed) }
	m := happens(func(e event.Socket) bool { return e.Name == "control" && e.Phase == phase && (e.Resumed || !resumed) }).while(is)
	if phase == event.SocketOpen {
		m.whole = is
	}
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
		if p != nil {
			return meaning{}, p
		}
		tcp := a.skip("over", "tcp")
		why, p := a.reason()
		m := happens(func(e event.Message) bool {
			return e.Out == out && (e.Socket == "tcp" || !tcp) && e.Status == status && (status != 0 || strings.EqualFold(e.Method, t.text)) && why.is(e.Status, e.Reason, e.Cause)
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
	what := a.unless("with").text
	rest, p := a.options("with")
	text := rest["with"].text
	m := happens(func(e event.Data) bool {
		return !(sent && !e.Out) && !(received && e.Out) && (what == "" || strings.EqualFold(e.What, what)) && contains(e.Raw+e.Hex, text)
	})
	return keeping(m, func(e event.Data) string { return e.What }, nil), p
}

func textForm(a *args) (meaning, *problem) {
	refused := a.skip("refused")
	rest, p := a.options("from", "to", "with", "reason")
	if p != nil {
		return meaning{}, p
	}
	from, text := rest["from"].text, rest["with"].text
	to, sent := rest["to"]
	if p := sidesOfText(rest, sent || refused); p != nil {
		return meaning{}, p
	}
	why := answerWanted{reason: rest["reason"].text}
	m := happens(func(e event.Text) bool {
		taken := !e.Out || e.Status/100 == 2
		return e.Out == (sent || refused) && taken != refused && contains(e.From+" "+e.Name, from) && contains(e.To, to.text) && contains(e.Body, text) &&
			why.is(e.Status, e.Reason, e.Cause)
	})
	return keeping(m, func(e event.Text) string { return e.Body }, nil), nil
}

// sidesOfText refuses what a text cannot have: one of the phone's own says not whom it is
// from, and one that came in has no answer.
func sidesOfText(options map[string]token, own bool) *problem {
	if from, given := options["from"]; given && own {
		return wrong(from, "a text that was sent or refused is from the phone itself").advise(`write it as: text refused to NAME, or: text from NAME`)
	}
	if reason, given := options["reason"]; given && !own {
		return wrong(reason, "a text from somebody has no answer that could say why").advise("write it as: text refused to NAME reason TEXT")
	}
	return nil
}

// messageWaiting is what a server says of the mailbox.
func messageWaiting(a *args) (meaning, *problem) {
	yes, no := a.skip("yes"), a.skip("no")
	kind, named := a.mailKind()
	rest, p := a.options("new", "old")
	if p != nil {
		return meaning{}, p
	}
	wanted := mailWanted{yes: yes, no: no, kind: kind, named: named, count: map[string]uint32{}}
	for word, t := range rest {
		n, err := strconv.ParseUint(t.text, 10, 32) // RFC 3842 §5.2
		if err != nil {
			return meaning{}, wrong(t, "%q is no number of messages, from 0 to 4294967295", t.text)
		}
		wanted.count[word] = uint32(n)
	}
	return keeping(happens(wanted.is), func(e event.MessageWaiting) string {
		if c, known := e.Of(kind); known {
			return strconv.FormatUint(uint64(c.New), 10)
		}
		return "unknown"
	}, nil), nil
}

// mailWanted is what is expected to wait.
type mailWanted struct {
	yes, no bool
	kind    string
	named   bool              // the kind is given
	count   map[string]uint32 // of it, "new" and "old"; none: any
}

// is reports whether that waits. Nothing is said of a count that is not known, but that
// nothing new of it waits where no messages do.
func (w mailWanted) is(e event.MessageWaiting) bool {
	c, known := e.Of(w.kind)
	if w.yes && !e.Waiting || w.no && e.Waiting || w.named && w.no && c.New > 0 {
		return false
	}
	if len(w.count) == 0 {
		return !w.named || w.no || c.New > 0 || c.Old > 0
	}
	fresh, newGiven := w.count["new"]
	old, oldGiven := w.count["old"]
	return known && !(newGiven && c.New != fresh) && !(oldGiven && c.Old != old)
}

// mailKind takes the kind of messages that are counted, if it comes next: voice, if none does.
func (a *args) mailKind() (kind string, named bool) {
	for _, kind := range event.MailKinds() {
		if a.skip(kind) {
			return kind, true
		}
	}
	return event.MailVoice, false
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
