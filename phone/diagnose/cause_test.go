package diagnose

import (
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestCausesAreRules wants every likely cause to be explained, once.
func TestCausesAreRules(t *testing.T) {
	seen := map[event.Rule]bool{}
	for _, c := range causes {
		if _, err := Find(string(c.rule)); err != nil || seen[c.rule] {
			t.Errorf("cause %q: %v, or twice", c.rule, err)
		}
		seen[c.rule] = true
	}
}

// TestStrangersAreNoCause: somebody who knocks on the phone has nothing to do with what went
// wrong, unless nobody else called; nor has a server of STUN without which calls go on.
func TestStrangersAreNoCause(t *testing.T) {
	knocks := func(what string) event.Event {
		return event.Warning{Rule: event.RuleUnknownSender, Note: what + " from 198.51.100.7:5060 refused"}
	}
	invite := event.Message{Method: "INVITE"}
	for name, test := range map[string]struct {
		events []event.Event
		want   event.Rule
	}{
		"a scanner":                        {[]event.Event{knocks("OPTIONS")}, ""},
		"a call that nobody else made":     {[]event.Event{knocks("INVITE")}, event.RuleUnknownSender},
		"a call of the server's was there": {[]event.Event{knocks("INVITE"), invite}, ""},
		"a silent server of STUN":          {[]event.Event{event.Warning{Rule: event.RuleStunSilent, Note: "x"}}, ""},
		"another warning is more telling":  {[]event.Event{event.Warning{Rule: event.RuleWakeRace, Note: "x"}, knocks("INVITE")}, event.RuleWakeRace},
	} {
		log := new(event.Log)
		for _, e := range append([]event.Event{event.Registration{Phase: event.RegistrationActive}}, test.events...) {
			log.Append(event.Record{Phone: "alice", Device: time.Second, Event: e})
		}
		if got, words := Examine(log, Question{Phone: "alice", Now: time.Second}).Cause(); got != test.want {
			t.Errorf("%s: %q, %q; want %q", name, got, words, test.want)
		}
	}
}

// TestTheCauseOfAWarning: what the phone has told of is in the words of its cause, if that
// is to be seen, and else in the phone's own.
func TestTheCauseOfAWarning(t *testing.T) {
	invite := event.Message{Method: "INVITE", CallID: "a", CSeq: 1}
	other := event.Message{Method: "INVITE", CallID: "b", CSeq: 1}
	for want, events := range map[string][]event.Event{
		"the server sent the same INVITE twice, by two ways": {invite, invite},
		"answered 482": {invite, other},
	} {
		log := new(event.Log)
		for _, e := range append(events, event.Warning{Rule: event.RuleDuplicateInvite, Note: "answered 482"}) {
			log.Append(event.Record{Phone: "alice", Device: time.Second, Event: e})
		}
		if rule, got := Examine(log, Question{Phone: "alice", Now: time.Second}).Cause(); rule != event.RuleDuplicateInvite || got != want {
			t.Errorf("%q: %q, %q", want, rule, got)
		}
	}
}

// TestAnOddityWakesNobody: why an app that ran was not woken is that it ran, whatever
// else was odd meanwhile; an app that was suspended may not have been woken for that.
func TestAnOddityWakesNobody(t *testing.T) {
	for _, c := range []struct {
		head  string
		state event.Lifecycle
		want  event.Rule
	}{
		{"wake", event.Foreground, event.RuleNotSuspended},
		{"wake", event.Suspended, event.RuleNoOutbound},
		{"call", event.Foreground, event.RuleNoOutbound},
	} {
		log := new(event.Log)
		log.Append(event.Record{Phone: "alice", Event: event.State{To: c.state}})
		log.Append(event.Record{Phone: "alice", Event: event.Warning{Rule: event.RuleNoOutbound, Note: "x"}})
		if rule, words := Examine(log, Question{Phone: "alice", Head: c.head}).Cause(); rule != c.want {
			t.Errorf("expect %s, %s: %q, %q, want %q", c.head, c.state, rule, words, c.want)
		}
	}
}

// TestAShortStandstillCostsSound, and nothing else.
func TestAShortStandstillCostsSound(t *testing.T) {
	for _, c := range []struct {
		head string
		d    time.Duration
		want event.Rule
	}{
		{"call", time.Second, event.RuleStoodStill},
		{"call", time.Second - 1, ""},
		{"heard", 300 * time.Millisecond, event.RuleStoodStill},
	} {
		log := new(event.Log)
		log.Append(event.Record{Phone: "alice", Event: event.Standstill{For: event.Seconds(c.d)}})
		if rule, _ := Examine(log, Question{Phone: "alice", Head: c.head}).Cause(); rule != c.want {
			t.Errorf("expect %s after a standstill of %s: %q, want %q", c.head, c.d, rule, c.want)
		}
	}
}

// A password that the phone kept to itself is not the server's refusal.
func TestNotInClear(t *testing.T) {
	log := new(event.Log)
	log.Append(event.Record{Phone: "alice", Event: event.Registration{Phase: event.RegistrationFailed, Reason: "not in clear", Rule: event.RuleClearPassword}})
	rule, words := Examine(log, Question{Phone: "alice"}).Cause()
	if rule != event.RuleClearPassword || words != "the phone did not register: not in clear" {
		t.Errorf("got %s, %s", rule, words)
	}
}

// A connection that the app has closed itself was not closed by the server,
// whatever the reason.
func TestClosedAtStep(t *testing.T) {
	tests := []struct {
		socket event.Socket
		found  bool
	}{
		{event.Socket{Phase: "closed", Error: "the server closed the connection"}, true},
		{event.Socket{Phase: "reset", Error: "connection reset by peer"}, true},
		{event.Socket{Phase: "closed", By: "us", Error: "wrong password"}, false},
		{event.Socket{Phase: "closed"}, false},
	}
	for _, test := range tests {
		test.socket.Name = "control"
		log := new(event.Log)
		log.Append(event.Record{Phone: "alice", Device: time.Second, Event: event.Message{Out: true, Method: "REGISTER"}})
		log.Append(event.Record{Phone: "alice", Device: time.Second, Event: test.socket})
		if got := closedAtStep(Examine(log, Question{Phone: "alice", Now: time.Second})); (got != "") != test.found {
			t.Errorf("%+v: %q", test.socket, got)
		}
	}
}

// Who called several times has called when it was first.
func TestTheFirstRequestCounts(t *testing.T) {
	log := new(event.Log)
	for i := range 3 {
		log.Append(event.Record{Phone: "bob", Device: time.Duration(i+1) * time.Second, Event: event.Message{Out: true, Method: "INVITE"}})
		log.Append(event.Record{Phone: "bob", Device: time.Duration(i+1) * time.Second, Event: event.Message{Method: "INVITE", Status: 408}})
	}
	ev := Examine(log, Question{Phone: "alice"})
	if who, at := ev.sentBy("INVITE"); who != "bob" || at != time.Second {
		t.Errorf("%q at %s", who, at)
	}
	if ev = Examine(log, Question{Phone: "alice", Since: 2}); len(ev.others()) != 1 || ev.reached("INVITE") {
		t.Errorf("%q, reached: %v", ev.others(), ev.reached("INVITE"))
	}
	if _, at := ev.sentBy("INVITE"); at != 2*time.Second {
		t.Errorf("since the last action: at %s", at)
	}
}

// A shelf is a store that counts how often it is read.
type shelf struct {
	data  []byte
	reads int
}

func (s *shelf) WriteAt(b []byte, at int64) (int, error) {
	if need := int(at) + len(b); need > len(s.data) {
		s.data = append(s.data, make([]byte, need-len(s.data))...)
	}
	return copy(s.data[at:], b), nil
}

func (s *shelf) ReadAt(b []byte, at int64) (int, error) {
	s.reads++
	return copy(b, s.data[at:]), nil
}

// TestCauseReadsTheLogOnce: who looks for the cause of what failed at the end of a
// long log goes through it once, however many causes there are.
func TestCauseReadsTheLogOnce(t *testing.T) {
	store := new(shelf)
	log := event.NewLog(func() (event.Store, error) { return store, nil })
	for i := range 60_000 {
		log.Append(event.Record{Phone: "alice", Event: event.Message{Method: "OPTIONS", CSeq: uint32(i)}})
	}
	for range log.From(0) {
	}
	pass := store.reads
	store.reads = 0
	Examine(log, Question{Phone: "alice", Actor: "alice", Head: "ring", Acted: true, Since: log.Len()}).Cause()
	if pass == 0 || store.reads > pass {
		t.Errorf("%d blocks were read, one pass takes %d", store.reads, pass)
	}
}
