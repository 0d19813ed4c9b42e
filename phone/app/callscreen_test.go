package app

import (
	"slices"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// newScreen is a call screen of its own, and what it asks of the system since
// the last time.
func newScreen() (*callScreen, func() []string) {
	out, numbers := new(outbox), new(numbers)
	asked := func() (list []string) {
		for _, c := range out.take() {
			list = append(list, wordsOf(c))
		}
		return list
	}
	return &callScreen{out: out, nextCard: numbers.nextCard}, asked
}

func TestClaim(t *testing.T) {
	for name, c := range map[string]struct {
		reports []report
		want    int // its index; -1: none
	}{
		"by the Call-ID":                   {[]report{{callID: "b", peer: "bob"}, {callID: "a", peer: "eve"}}, 1},
		"by the caller":                    {[]report{{callID: "b", peer: "eve"}, {callID: "c", peer: "bob"}}, 1},
		"a push that had no Call-ID":       {[]report{{callID: "b", peer: "eve"}, {}}, 1},
		"the Call-ID before the caller":    {[]report{{callID: "b", peer: "bob"}, {callID: "a"}}, 1},
		"the one that has waited longest":  {[]report{{peer: "bob"}, {peer: "bob"}}, 0},
		"not one that has its call":        {[]report{{callID: "a", joined: true}}, -1},
		"not what is there for a push":     {[]report{{summons: true}}, -1},
		"another call of another caller":   {[]report{{callID: "b", peer: "eve"}}, -1},
		"nothing, where nothing is pushed": {nil, -1},
	} {
		s, _ := newScreen()
		for i := range c.reports {
			s.reports = append(s.reports, &c.reports[i])
		}
		if got := slices.Index(s.reports, s.claim("a", "bob")); got != c.want {
			t.Errorf("%s: report %d, want %d", name, got, c.want)
		}
	}
}

func TestExpected(t *testing.T) {
	s, _ := newScreen()
	s.add("", "bob", "")
	a := s.add("a", "bob", "")
	if got := s.expected(push.Payload{CallID: "a"}); got != a {
		t.Errorf("got %+v", got)
	}
	if got := s.expected(push.Payload{}); got != nil {
		t.Errorf("a push without a Call-ID is for %+v", got)
	}
}

func TestCallScreenShows(t *testing.T) {
	s, asked := newScreen()
	want := func(words ...string) {
		t.Helper()
		if got := asked(); !slices.Equal(got, words) {
			t.Errorf("asked for %q, want %q", got, words)
		}
	}
	r := s.add("a", "", "")
	r.handlers = []int{1, 2}
	s.show(r)
	want("report unknown caller")
	s.show(r)
	want() // it knows
	r.join("sip:bob@lab.test", "Bob")
	s.ring(r)
	want("report Bob", "handled 1", "handled 2")
	s.answered(r)
	want("system.AnswerReported")
	s.answered(r)
	want()
	s.over(r, control.Ended{By: "peer"}, false)
	want("over: remote ended")
	if len(s.reports) != 0 {
		t.Error("it is still there")
	}
}

func TestCallScreenSaysWhy(t *testing.T) {
	for _, c := range []struct {
		by   string
		rang bool
		want system.EndReason
	}{
		{"peer", true, system.EndedByPeer},
		{"us", true, system.Declined},
		{"us", false, system.EndedByUser},
		{"timeout", false, system.EndFailed},
		{"network", true, system.EndFailed},
	} {
		s, asked := newScreen()
		r := s.add("a", "sip:bob@lab.test", "")
		s.show(r)
		asked()
		s.over(r, control.Ended{By: c.by}, c.rang)
		if got := asked(); !slices.Equal(got, []string{"over: " + string(c.want)}) {
			t.Errorf("%+v: asked for %q", c, got)
		}
	}
	for other, want := range map[control.Elsewhere]system.EndReason{
		control.AnsweredElsewhere: system.AnsweredElsewhere, control.DeclinedElsewhere: system.DeclinedElsewhere,
	} {
		s, asked := newScreen()
		r := s.add("a", "sip:bob@lab.test", "")
		s.show(r)
		asked()
		s.over(r, control.Ended{By: "peer", Elsewhere: other}, true)
		if got := asked(); !slices.Equal(got, []string{"over: " + string(want)}) || want.Missed() {
			t.Errorf("%s: asked for %q", other, got)
		}
	}
}

func TestCallScreenOfARefusedCall(t *testing.T) {
	s, asked := newScreen()
	r := s.add("a", "sip:bob@lab.test", "")
	s.show(r)
	asked()
	r.refused = true
	s.answered(r)
	s.end(r, system.EndFailed)
	if got := asked(); got != nil {
		t.Errorf("asked for %q of a call that the system does not show", got)
	}
}

func TestHiddenCallScreen(t *testing.T) {
	s, asked := newScreen()
	s.hidden = true
	r := s.add("a", "sip:bob@lab.test", "")
	s.ring(r)
	s.answered(r)
	s.end(r, system.EndFailed)
	if got := asked(); got != nil {
		t.Errorf("asked for %q", got)
	}
}

func TestAudioOfAReportedCall(t *testing.T) {
	for _, c := range []struct {
		r    *report
		want bool
	}{
		{nil, true},       // it was never reported
		{&report{}, true}, // nobody answered it on the call screen
		{&report{answered: true}, false},
		{&report{answered: true, audio: true}, true},
	} {
		if got := c.r.mayTalk(); got != c.want {
			t.Errorf("%+v: %v", c.r, got)
		}
	}
	s, _ := newScreen()
	s.early = true
	if r := s.add("a", "", ""); !r.audio {
		t.Error("early audio waits")
	}
}

func TestOverdueReports(t *testing.T) {
	s, _ := newScreen()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s.add("a", "", "") // for ever
	b := s.add("b", "", "")
	b.by = now
	if s.overdue(now.Add(-1)) != nil || s.overdue(now) != b {
		t.Error("not at its time")
	}
	b.join("sip:bob@lab.test", "")
	if s.overdue(now.Add(time.Hour)) != nil {
		t.Error("its call is there")
	}
}
