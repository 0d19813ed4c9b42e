package scenario

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"sleeptalk/phone/event"
	"sleeptalk/phone/words"
)

// toneToleranceHz is how far a heard tone may be from the expected one: the
// detector works in blocks of 100 ms, which resolve 10 Hz.
const toneToleranceHz = 10

// A form is one kind of expectation: the word that it begins with, and what
// reads the words after that.
type form struct {
	head, usage, help string
	parse             func(args []string) (matcher, error)
}

var forms = []form{
	{"launched", "launched", "the app's process was started", plain(is[event.Launch])},
	{"registered", "registered", "the registrar accepted the binding", plain(registration("active"))},
	{"unregistered", "unregistered", "the binding was removed", plain(registration("removed"))},
	{"registration", "registration sending|challenged|active|failed|lost|removed", "a step of the registration", phase(registration)},
	{"foreground", "foreground", "the app is on the screen", plain(state(event.Foreground))},
	{"background", "background", "the app has left the screen and still runs", plain(state(event.Entering, event.Task, event.InCall))},
	{"suspended", "suspended", "no code of the app runs", plain(state(event.Suspended))},
	{"awake", "awake", "the app runs in the background, for one window", plain(state(event.Awake))},
	{"dead", "dead", "the app has no process", plain(state(event.Dead))},
	{"state", "state NAME", "the app's state changed to dead, foreground, entering, background-task, suspended, awake, background-call", stateNamed},
	{"locked", "locked", "the screen was locked", plain(locked(true))},
	{"unlocked", "unlocked", "the screen was unlocked", plain(locked(false))},
	{"wake", "wake [by keepalive|socket|notification|user|sip|close|METHOD]", "the system let the suspended app run", wake},
	{"frame", "frame [WHAT]", "the bytes that had arrived while suspended were read", frame},
	{"tick", "tick", "the keepalive handler was called", plain(is[event.Tick])},
	{"keepalive", "keepalive installed|refused|cleared", "the keepalive handler changed", phase(keepalive)},
	{"ping", "ping", "a CRLF CRLF keepalive, either way", plain(is[event.Ping])},
	{"pong", "pong", "the CRLF that answers a ping, either way", plain(is[event.Pong])},
	{"socket", "socket connecting|open|failed|closed|reset|broken", "a step in the life of the control socket", phase(socket)},
	{"recovery", "recovery", "the app waits before it opens a new flow", plain(is[event.Recovery])},
	{"sent", "sent METHOD|STATUS", "a SIP message went out", message(true)},
	{"received", "received METHOD|STATUS", "a SIP message came in", message(false)},
	{"notification", `notification [posted|updated|tapped|withdrawn|missed|expired|refused] [from NAME]`, "a step in the life of a banner; posted unless said", notification},
	{"call", "call PHASE [by us|peer|timeout|network] [from NAME]", "a step in the life of a call: calling, incoming, ringing, early, answered, up, held, resumed, ended", call},
	{"audio", "audio offer|start|stop", "a step in the life of a call's audio", phase(media)},
	{"heard", "heard tone [HZ] | heard sample [NAME] | heard silence", "something was recognised in the received audio", heard},
	{"dtmf", "dtmf [DIGIT]", "a digit came in", dtmf},
	{"clock", "clock xRATE", "device time changed its pace", clock},
	{"killed", "killed [CODE]", "the system killed the app", killed},
	{"error", "error", "something went wrong", plain(is[event.Error])},
	{"warning", "warning", "something that a tester should know", plain(is[event.Warning])},
}

// is matches every event of one type.
func is[E event.Event](ev event.Event) bool {
	_, ok := ev.(E)
	return ok
}

// on matches the events of one type for which ok holds.
func on[E event.Event](ok func(E) bool) matcher {
	return func(ev event.Event) bool {
		e, is := ev.(E)
		return is && ok(e)
	}
}

// plain is a form without words after its head.
func plain(m matcher) func([]string) (matcher, error) {
	return func(args []string) (matcher, error) {
		if len(args) > 0 {
			return nil, fmt.Errorf("unexpected %q", args[0])
		}
		return m, nil
	}
}

// phase is a form with exactly one word after its head.
func phase(m func(string) matcher) func([]string) (matcher, error) {
	return func(args []string) (matcher, error) {
		if len(args) != 1 {
			return nil, fmt.Errorf("wants one word, has %d", len(args))
		}
		return m(strings.ToLower(args[0])), nil
	}
}

func registration(phase string) matcher {
	return on(func(e event.Registration) bool { return e.Phase == phase })
}

func keepalive(phase string) matcher {
	return on(func(e event.Keepalive) bool { return e.Phase == phase })
}

func socket(phase string) matcher {
	return on(func(e event.Socket) bool { return e.Name == "control" && e.Phase == phase })
}

func media(phase string) matcher {
	return on(func(e event.Media) bool { return e.Phase == phase })
}

func locked(want bool) matcher {
	return on(func(e event.Lock) bool { return e.On == want })
}

func state(want ...event.Lifecycle) matcher {
	return on(func(e event.State) bool { return slices.Contains(want, e.To) })
}

func stateNamed(args []string) (matcher, error) {
	states := []string{
		string(event.Dead), string(event.Foreground), string(event.Entering), string(event.Task),
		string(event.Suspended), string(event.Awake), string(event.InCall),
	}
	if len(args) != 1 {
		return nil, fmt.Errorf("wants the name of a state")
	}
	for _, s := range states {
		if strings.EqualFold(s, args[0]) {
			return state(event.Lifecycle(s)), nil
		}
	}
	return nil, fmt.Errorf("unknown state %q%s", args[0], words.DidYouMean(args[0], states))
}

// wake matches the wake itself where the system knows the cause, and the
// frame that was read after it where only the bytes tell.
func wake(args []string) (matcher, error) {
	if len(args) == 0 {
		return is[event.Wake], nil
	}
	if len(args) != 2 || !strings.EqualFold(args[0], "by") {
		return nil, fmt.Errorf("wants: by CAUSE")
	}
	switch cause := event.WakeCause(strings.ToLower(args[1])); cause {
	case event.BySocket, event.ByKeepalive, event.ByNotification, event.ByUser:
		return on(func(e event.Wake) bool { return e.Cause == cause }), nil
	case "close":
		return on(func(e event.Frame) bool { return closes(e.What) }), nil
	case "sip":
		return on(func(e event.Frame) bool { return !closes(e.What) && e.What != "CRLF" }), nil
	}
	if !isMethod(args[1]) {
		return nil, fmt.Errorf("unknown wake cause %q%s", args[1], words.DidYouMean(args[1], wakeCauses()))
	}
	return frame(args[1:])
}

func closes(what string) bool { return what == "FIN" || what == "RST" }

// frames are what a wake frame can be called: the methods of RFC 3261 and its
// extensions, and what else arrives on a socket.
var frames = []string{
	"INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REGISTER", "MESSAGE", "NOTIFY", "SUBSCRIBE",
	"REFER", "INFO", "UPDATE", "PRACK", "PUBLISH", "CRLF", "FIN", "RST",
}

func wakeCauses() []string {
	return append([]string{"keepalive", "socket", "notification", "user", "sip", "close"}, frames...)
}

// isMethod reports whether s names a frame, or is a status code.
func isMethod(s string) bool {
	if n, err := strconv.Atoi(s); err == nil {
		return n >= 100 && n <= 699
	}
	return slices.Contains(frames, strings.ToUpper(s))
}

// frame matches the first word of what a wake frame was: the method, or the
// status code.
func frame(args []string) (matcher, error) {
	if len(args) == 0 {
		return is[event.Frame], nil
	}
	if len(args) > 1 {
		return nil, fmt.Errorf("unexpected %q", args[1])
	}
	return on(func(e event.Frame) bool {
		first, _, _ := strings.Cut(e.What, " ")
		return strings.EqualFold(first, args[0])
	}), nil
}

func message(out bool) func([]string) (matcher, error) {
	return func(args []string) (matcher, error) {
		if len(args) != 1 || !isMethod(args[0]) {
			return nil, fmt.Errorf("wants a SIP method or a status code")
		}
		status, _ := strconv.Atoi(args[0])
		return on(func(e event.Message) bool {
			return e.Out == out && e.Status == status && (status != 0 || strings.EqualFold(e.Method, args[0]))
		}), nil
	}
}

func notification(args []string) (matcher, error) {
	phase := "posted"
	if len(args) > 0 && !strings.EqualFold(args[0], "from") {
		phase, args = strings.ToLower(args[0]), args[1:]
	}
	rest, err := clauses(args, "from")
	if err != nil {
		return nil, err
	}
	return on(func(e event.Notification) bool {
		return e.Phase == phase && (contains(e.Title, rest["from"]) || contains(e.Body, rest["from"]))
	}), nil
}

func call(args []string) (matcher, error) {
	if len(args) == 0 {
		return is[event.Call], nil
	}
	phase := strings.ToLower(args[0])
	rest, err := clauses(args[1:], "by", "from")
	if err != nil {
		return nil, err
	}
	return on(func(e event.Call) bool {
		return e.Phase == phase && (rest["by"] == "" || strings.EqualFold(e.By, rest["by"])) &&
			(contains(e.Peer, rest["from"]) || contains(e.Name, rest["from"]))
	}), nil
}

func heard(args []string) (matcher, error) {
	if len(args) == 0 || len(args) > 2 {
		return nil, fmt.Errorf("wants what was heard")
	}
	what, detail := strings.ToLower(args[0]), strings.Join(args[1:], "")
	switch {
	case what == "tone" && detail != "":
		hz, err := strconv.ParseFloat(detail, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is no frequency in Hz", detail)
		}
		return on(func(e event.Heard) bool { return e.What == what && math.Abs(e.Hz-hz) <= toneToleranceHz }), nil
	case what == "tone", what == "sample", what == "silence" && detail == "":
		return on(func(e event.Heard) bool { return e.What == what && (detail == "" || e.Name == detail) }), nil
	}
	return nil, fmt.Errorf("%q cannot be heard", strings.Join(args, " "))
}

func dtmf(args []string) (matcher, error) {
	if len(args) > 1 {
		return nil, fmt.Errorf("unexpected %q", args[1])
	}
	digit := strings.Join(args, "")
	return on(func(e event.DTMF) bool { return !e.Out && (digit == "" || e.Digit == digit) }), nil
}

func clock(args []string) (matcher, error) {
	if len(args) != 1 {
		return nil, fmt.Errorf("wants a rate")
	}
	rate, err := strconv.ParseFloat(strings.TrimPrefix(strings.ToLower(args[0]), "x"), 64)
	if err != nil {
		return nil, fmt.Errorf("%q is no rate", args[0])
	}
	return on(func(e event.ClockRate) bool { return e.Rate == rate }), nil
}

func killed(args []string) (matcher, error) {
	if len(args) > 1 {
		return nil, fmt.Errorf("unexpected %q", args[1])
	}
	code := strings.Join(args, "")
	return on(func(e event.Killed) bool { return code == "" || strings.EqualFold(e.Code, code) }), nil
}

// clauses reads pairs of a known word and its value.
func clauses(args []string, known ...string) (map[string]string, error) {
	got := make(map[string]string)
	for ; len(args) > 0; args = args[2:] {
		name := strings.ToLower(args[0])
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("unexpected %q%s", args[0], words.DidYouMean(name, known))
		}
		if len(args) < 2 {
			return nil, fmt.Errorf("nothing after %q", args[0])
		}
		got[name] = args[1]
	}
	return got, nil
}

// contains reports whether part stands in s, in any case.
func contains(s, part string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(part))
}
