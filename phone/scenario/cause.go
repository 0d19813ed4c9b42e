package scenario

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sleeptalk/phone/event"
)

// A Cause is a rule by which the likely cause of a failure is named.
type Cause struct {
	ID   string
	Help string // what it means, in one line
	// Source is where the rule comes from.
	Source string
	// words looks at the evidence; "" means that it is not this.
	words func(ev *evidence) string
}

// causes are the rules, the more telling first: the first that fits is named.
// A cause is a guess from what the phone and the caller saw. It never asks the
// server.
var causes = []Cause{
	{"killed-by-budget", "the system killed the app: too many wakes", "pjsip/pjproject issue 1482: 0xbad22222", killedByBudget},
	{"killed", "the app's process is gone", "Apple TN2151, termination reasons", processGone},
	{"wrong-password", "the server refused the credentials", "RFC 3261 §22.2", wrongPassword},
	{"not-registered", "the server refused the registration", "RFC 3261 §10.3", notRegistered},
	{"closed-at-step", "the server closed the connection in the middle of something", "RFC 5626 §4.4: a flow that fails takes its binding along", closedAtStep},
	{"duplicate-invite", "the same INVITE came twice", "RFC 3261 §8.2.2.2, merged requests", duplicateInvite},
	{"late-cancel", "the caller has hung up and no CANCEL has come", "RFC 3261 §9.2, §16.10", lateCancel},
	{"lost-bye", "the caller has hung up and no BYE has come", "RFC 3261 §15, §16.12", lostBye},
	{"binding-lost", "the registrar has lost the phone's binding", "RFC 3261 §10.3, §21.4.18", bindingLost},
	{"call-refused", "the server turned the caller down", "RFC 3261 §16.7, §21.4, §21.5", callRefused},
	{"stale-connection", "the server uses a connection that is gone", "RFC 5626 §5.3: the flow of the newest registration", staleFlow},
	{"not-routed", "the server did not send the call to the phone", "RFC 3261 §16.6", notRouted},
	{"no-pong", "the server answers no CRLF ping", "RFC 5626 §3.5.1, §4.4.1", noPongCame},
	{"server-silent", "the server has not answered a request", "RFC 3261 §17.1.2.2, timer F", serverSilent},
	{"no-audio", "no audio in either direction", "RFC 3550; RFC 3264 §5.1", audioLost},
	{"one-way-audio", "audio in one direction only", "RFC 3264 §5.1, RFC 4961", audioOneWay},
	{"wrong-tone", "another sound than the expected one", "the ear's last finding", soundIsOther},
	{"silence", "packets come, and there is no sound in them", "RFC 3550; the ear hears nothing", soundIsSilence},
	{"keepalive-refused", "the system refused the keepalive handler", "Apple, setKeepAliveTimeout:handler:", keepaliveRefused},
	{"not-suspended", "the app was not suspended: nothing had to wake it", "Apple, App Programming Guide: states of an app", wasNotSuspended},
	{"no-banner", "the system showed no notification", "Apple, UILocalNotification", bannerRefused},
	{"not-connected", "there is no connection to the server", "RFC 5626 §4.5", notConnected},
}

// Causes lists the rules.
func Causes() []Cause { return slices.Clone(causes) }

// cause names the likely cause; both are empty where no rule fits.
func (ev *evidence) cause() (rule, words string) {
	for _, c := range causes {
		if w := c.words(ev); w != "" {
			return c.ID, event.Printable(w)
		}
	}
	return "", ""
}

func killedByBudget(ev *evidence) string {
	if k := ev.death(); k != nil && k.Code == "0xbad22222" {
		return "the system killed the app (0xbad22222): " + k.Reason
	}
	return ""
}

func processGone(ev *evidence) string {
	if k := ev.death(); k != nil && k.Code != "" {
		return fmt.Sprintf("the system killed the app (%s): %s", k.Code, k.Reason)
	}
	if ev.fold.Life.State == event.Dead {
		return "the app's process is gone: " + ev.fold.Life.Why
	}
	return ""
}

// death is the app's end since the last action.
func (ev *evidence) death() *event.Killed {
	for _, r := range ev.effects(ev.phone) {
		if k, ok := r.Event.(event.Killed); ok {
			return &k
		}
	}
	return nil
}

func wrongPassword(ev *evidence) string {
	b := ev.fold.Registration
	if b.Phase != "failed" || b.Status != 401 && b.Status != 403 && b.Status != 407 || !ev.answeredChallenge() {
		return ""
	}
	return fmt.Sprintf("the server refused the credentials: %d %s", b.Status, b.Reason)
}

// answeredChallenge reports whether the last registration had credentials.
func (ev *evidence) answeredChallenge() bool {
	challenged := false
	for _, r := range ev.of(ev.phone, 0) {
		if e, ok := r.Event.(event.Registration); ok {
			switch e.Phase {
			case "sending":
				challenged = false
			case "challenged":
				challenged = true
			}
		}
	}
	return challenged
}

func notRegistered(ev *evidence) string {
	if b := ev.fold.Registration; b.Phase == "failed" {
		return fmt.Sprintf("the server refused the registration: %d %s", b.Status, b.Reason)
	}
	return ""
}

// atOnce is how soon after something its answer is its consequence.
const atOnce = time.Second

// closedAtStep looks for a connection that the server closed right after
// something had gone over it.
func closedAtStep(ev *evidence) string {
	var last event.Record
	var lastText, found string
	for _, r := range ev.of(ev.phone, 0) {
		switch e := r.Event.(type) {
		case event.Message, event.Ping:
			last, lastText = r, wireText(e)
		case event.Socket:
			ended := e.Name == "control" && (e.Phase == "closed" || e.Phase == "reset")
			if ended && r.Seq > ev.since && last.Seq > 0 && r.Device-last.Device < atOnce {
				found = fmt.Sprintf("the server closed the connection right after %s (%s)", lastText, event.Stamp(r.Device))
			}
		}
	}
	if ev.wanted("socket") || ev.fold.Socket.Phase == "failed" { // it is not only closed: it is not there
		return ""
	}
	return found
}

// wanted reports whether the expectation was about that.
func (ev *evidence) wanted(heads ...string) bool { return slices.Contains(heads, ev.head) }

func wireText(e event.Event) string {
	switch e := e.(type) {
	case event.Message:
		what := e.Method
		if e.Status != 0 {
			what = fmt.Sprintf("%d to %s", e.Status, e.Method)
		}
		if e.Out {
			return "our " + what
		}
		return "its " + what
	case event.Ping:
		if e.Out {
			return "our ping"
		}
	}
	return "its ping"
}

func noPongCame(ev *evidence) string {
	pinged := time.Duration(-1)
	for _, r := range ev.effects(ev.phone) {
		switch e := r.Event.(type) {
		case event.Ping:
			if e.Out && pinged < 0 {
				pinged = r.Device
			}
		case event.Pong:
			if !e.Out {
				pinged = -1
			}
		}
	}
	if pinged < 0 || ev.now-pinged < atOnce/2 {
		return ""
	}
	return fmt.Sprintf("the server has not answered our ping of %s; not all servers do", event.Stamp(pinged))
}

// patience is how long a server may take to answer, before its silence is
// remarkable: T2 of RFC 3261 §17.1.2.2.
const patience = 4 * time.Second

func serverSilent(ev *evidence) string {
	var waiting *event.Message
	var since time.Duration
	for _, r := range ev.of(ev.phone, 0) {
		m, ok := r.Event.(event.Message)
		switch {
		case !ok:
		case m.Out && m.Status == 0 && m.Method != "ACK":
			waiting, since = &m, r.Device
		case waiting != nil && m.Status != 0 && m.CSeq == waiting.CSeq:
			waiting = nil
		}
	}
	if waiting == nil || ev.now-since < patience {
		return ""
	}
	return fmt.Sprintf("the server has not answered our %s of %s", waiting.Method, event.Stamp(since))
}

func keepaliveRefused(ev *evidence) string {
	if ev.wanted("wake", "tick", "keepalive", "ping", "pong") && ev.fold.Keepalive.Refused != "" {
		return "the system refused the keepalive handler: " + ev.fold.Keepalive.Refused
	}
	return ""
}

func wasNotSuspended(ev *evidence) string {
	if l := ev.fold.Life; ev.wanted("wake", "frame") && l.State.Runs() && l.State != event.Awake && ev.now >= l.Since {
		return fmt.Sprintf("the app was not suspended (%s since %s): nothing had to wake it", l.State, event.Stamp(l.Since))
	}
	return ""
}

func bannerRefused(ev *evidence) string {
	for _, r := range ev.effects(ev.phone) {
		if n, ok := r.Event.(event.Notification); ok && n.Phase == "refused" {
			return "the system refused the notification: the user has turned them off"
		}
	}
	return ""
}

func notConnected(ev *evidence) string {
	s := ev.fold.Socket
	if s.Phase == "" || s.Open() {
		return ""
	}
	return strings.TrimSuffix(fmt.Sprintf("there is no connection to the server: %s at %s, %s", s.Phase, event.Stamp(s.At), s.Error), ", ")
}
