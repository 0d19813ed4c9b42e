package scenario

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// inState is fulfilled by one of some states of the app.
func inState(want ...event.Lifecycle) meaning {
	m := happens(func(e event.State) bool { return slices.Contains(want, e.To) }).
		while(func(f *event.Fold) bool { return slices.Contains(want, f.Life.State) })
	return keeping(m, func(e event.State) string { return string(e.To) },
		func(f *event.Fold) string { return string(f.Life.State) })
}

// states are the names of the states of the app.
var states = []string{
	string(event.Dead), string(event.Foreground), string(event.Entering), string(event.Background), string(event.Task),
	string(event.Suspended), string(event.Awake), string(event.InCall),
}

func stateNamed(a *args) (meaning, *problem) {
	name, p := a.oneOf("state", "states", states)
	return inState(event.Lifecycle(name)), p
}

func locked(want bool) meaning {
	return happens(func(e event.Lock) bool { return e.On == want }).
		while(func(f *event.Fold) bool { return f.Locked == want })
}

// wakeCauses are the causes of a wake that go by a name of their own. Where
// the bytes tell more than the system knows, what they were is a cause, too.
var wakeCauses = []string{
	"INVITE", "sip", "keepalive", "push", "alarm", "maintenance", "close", "socket", "notification", "user", "quit",
}

// frames are what a wake frame can be called: the methods of RFC 3261 and its
// extensions, and what else arrives on a socket.
var frames = []string{
	"INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REGISTER", "MESSAGE", "NOTIFY", "SUBSCRIBE",
	"REFER", "INFO", "UPDATE", "PRACK", "PUBLISH", "CRLF", "FIN", "RST",
}

// wake matches the wake itself where the system knows the cause, and the
// frame that was read after it where only the bytes tell.
func wake(a *args) (meaning, *problem) {
	if len(a.tokens) == 0 {
		return ofWake(nil), nil
	}
	if !a.skip("by") {
		t, _ := a.next()
		return meaning{}, wrong(t, "unexpected %q", t.text).advise("a cause is written: wake by " + t.text)
	}
	t, p := a.need("the cause")
	if p != nil {
		p.kind, p.known = "causes", wakeCauses
		return meaning{}, p
	}
	switch cause := event.WakeCause(strings.ToLower(t.text)); {
	case slices.Contains(event.WakeCauses, cause):
		return ofWake(func(e event.Wake) bool { return e.Cause == cause }), nil
	case cause == "close":
		return ofFrame(func(e event.Frame) bool { return closes(e.What) }), nil
	case cause == "sip":
		return ofFrame(func(e event.Frame) bool { return !closes(e.What) && e.What != "CRLF" }), nil
	}
	if isFrame(t.text) {
		return frameCalled(t.text), nil
	}
	p = unknown(t, "wake cause", "causes", append(slices.Clone(wakeCauses), frames...))
	p.known = wakeCauses // the nearest may be any; the list is for reading
	return meaning{}, p
}

func ofWake(ok func(event.Wake) bool) meaning {
	return keeping(happens(ok), func(e event.Wake) string { return string(e.Cause) }, nil)
}

func ofFrame(ok func(event.Frame) bool) meaning {
	return keeping(happens(ok), func(e event.Frame) string { return e.What }, nil)
}

func closes(what string) bool { return what == "FIN" || what == "RST" }

// isStatus reports whether s is a status code of SIP.
func isStatus(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= 100 && n <= 699
}

func isFrame(s string) bool { return isStatus(s) || among(s, frames) }

// frame matches the first word of what a wake frame was: the method, or the
// status code.
func frame(a *args) (meaning, *problem) {
	t, ok := a.next()
	if !ok {
		return ofFrame(nil), nil
	}
	if !isFrame(t.text) {
		return meaning{}, unknown(t, "frame", "frames", append(slices.Clone(frames), "a status code"))
	}
	return frameCalled(t.text), nil
}

func frameCalled(what string) meaning {
	return ofFrame(func(e event.Frame) bool {
		first, _, _ := strings.Cut(e.What, " ")
		return strings.EqualFold(first, what)
	})
}

// stepOf reads the name of one of some phases.
func stepOf[P ~string](a *args, phases []P) (P, *problem) {
	name, p := a.oneOf("step", "steps", namesOf(phases))
	return P(name), p
}

func namesOf[S ~string](list []S) []string {
	names := make([]string, len(list))
	for i, s := range list {
		names[i] = string(s)
	}
	return names
}

// pushPhases are the steps of a push that a phone sees.
func pushPhases() []event.PushPhase {
	return slices.DeleteFunc(event.PushPhases(), func(p event.PushPhase) bool { return p == event.PushSent })
}

func pushStep(a *args) (meaning, *problem) {
	phase := event.PushDelivered
	if len(a.tokens) > 0 {
		var p *problem
		if phase, p = stepOf(a, pushPhases()); p != nil {
			return meaning{}, p
		}
	}
	m := happens(func(e event.Push) bool { return e.Phase == phase })
	return keeping(m, func(e event.Push) string { return e.ID }, nil), nil
}

func mark(a *args) (meaning, *problem) {
	phase, p := stepOf(a, event.MarkPhases())
	if p != nil {
		return meaning{}, p
	}
	rule, t, p := a.rule()
	if p == nil && rule != "" && (phase == event.MarkAccepted || !slices.Contains(event.MarkRules(), rule)) {
		p = wrong(t, "%q is not why a mark is %s", t.text, phase)
	}
	m := happens(func(e event.SocketMark) bool { return e.Phase == phase && (rule == "" || e.Rule == rule) })
	return keeping(m, func(e event.SocketMark) string { return e.Why }, nil), p
}

func keepalive(a *args) (meaning, *problem) {
	phase, p := stepOf(a, event.KeepalivePhases())
	return happens(func(e event.Keepalive) bool { return e.Phase == phase }), p
}

func task(a *args) (meaning, *problem) {
	phase, p := stepOf(a, event.TaskPhases())
	m := happens(func(e event.BackgroundTask) bool { return e.Phase == phase })
	return keeping(m, func(e event.BackgroundTask) string { return e.Name }, nil), p
}

func killed(a *args) (meaning, *problem) {
	code, _ := a.next()
	m := happens(func(e event.Killed) bool { return code.text == "" || strings.EqualFold(e.Code, code.text) })
	return keeping(m, func(e event.Killed) string { return e.Code }, nil), nil
}

func clockAt(a *args) (meaning, *problem) {
	t, p := a.need("the rate")
	if p != nil {
		return meaning{}, p
	}
	rate, p := parseRate(t)
	return happens(func(e event.ClockRate) bool { return e.Rate == rate }), p
}

// ways are the directions of a call's audio.
var ways = []string{string(event.Inward), string(event.Outward)}

func warning(a *args) (meaning, *problem) {
	var rule event.Rule
	if len(a.tokens) > 0 && !among(a.tokens[0].text, []string{"call", "way"}) {
		r, t, p := a.rule()
		if p == nil && r.OnlyOnError() {
			p = wrong(t, "%q is the rule of an error, never of a warning", t.text).advise("expect error " + string(r))
		}
		if p != nil {
			return meaning{}, p
		}
		rule = r
	}
	rest, p := a.options("call", "way")
	if p != nil {
		return meaning{}, p
	}
	call, p := numberOfCall(rest["call"])
	if way := rest["way"]; p == nil && way.text != "" && !among(way.text, ways) {
		p = unknown(way, "way of audio", "ways", ways)
	}
	m := happens(func(e event.Warning) bool {
		return (rule == "" || e.Rule == rule) && (call == 0 || e.Call == call) &&
			(rest["way"].text == "" || strings.EqualFold(rest["way"].text, string(e.Way)))
	})
	return keeping(m, func(e event.Warning) string { return string(e.Rule) }, nil), p
}

func errorForm(a *args) (meaning, *problem) {
	rule, t, p := a.rule()
	if p == nil && rule != "" && !rule.OnError() {
		p = wrong(t, "%q is a rule that no error has", t.text).advise("if it is that of a warning: expect warning " + string(rule))
	}
	if rule == "" {
		return keeping(happens[event.Error](nil), func(e event.Error) string { return string(e.Rule) }, nil), p
	}
	return meaning{
		match: func(_ *event.Fold, e event.Event) bool { return event.FailureOf(e) == rule },
		value: func(*event.Fold, event.Event) string { return string(rule) },
	}, p
}

// rule reads the rule that a warning or an error is to have; "" if any will do.
func (a *args) rule() (event.Rule, token, *problem) {
	t, some := a.next()
	rule := event.Rule(strings.ToLower(t.text))
	if some && !slices.Contains(event.Rules(), rule) {
		return "", t, unknown(t, "rule", "rules", namesOf(event.Rules()))
	}
	return rule, t, nil
}
