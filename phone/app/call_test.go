package app

import (
	"errors"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/media"
)

func TestCallStates(t *testing.T) {
	for state, want := range map[callState]struct{ rings, alerts bool }{
		dialling:  {},
		calling:   {},
		alerting:  {alerts: true},
		ringing:   {rings: true},
		answering: {rings: true},
		up:        {},
	} {
		l := callList{{state: state}}
		if got := l.ringing() != nil; got != want.rings {
			t.Errorf("state %d: rings %v", state, got)
		}
		if got := l.alerting(); got != want.alerts {
			t.Errorf("state %d: alerts %v", state, got)
		}
	}
	if (callList{{state: alerting, voice: voice{session: new(media.Session)}}}).alerting() {
		t.Error("the user hears the other end, and ringback too")
	}
}

func TestCallListFinds(t *testing.T) {
	talks := voice{session: new(media.Session), rtp: 3, rtcp: 4}
	held := talks
	held.held = true
	waits := talks
	waits.report = &report{answered: true}
	r := new(report)
	l := callList{
		{id: 1, state: ringing, report: r},
		{id: 2, state: ringing},
		{id: 3, state: up, voice: talks},
		{id: 4, state: up, voice: held},
		{id: 5, state: up, voice: waits},
	}
	for name, c := range map[string]struct{ got, want *call }{
		"the one that has rung longest": {l.ringing(), l[0]},
		"the newest that talks":         {l.talking(), l[2]},
		"its number":                    {l.byID(2), l[1]},
		"no number":                     {l.byID(9), nil},
		"its RTP":                       {l.bySocket(3), l[2]},
		"its RTCP":                      {l.bySocket(4), l[2]},
		"no socket":                     {l.bySocket(5), nil},
		"its report":                    {l.byReport(r), l[0]},
	} {
		if c.got != c.want {
			t.Errorf("by %s: %+v", name, c.got)
		}
	}
}

// A call without audio has no sockets, whatever their number.
func TestNoSocketOfASilentCall(t *testing.T) {
	l := callList{{id: 1, state: up, voice: voice{none: true}}}
	if l.bySocket(0) != nil {
		t.Error("the socket 0 is a call's")
	}
}

func TestNoTalk(t *testing.T) {
	for _, c := range []struct {
		calls callList
		want  error
	}{
		{nil, ErrNoTalk},
		{callList{{state: up}}, ErrNoTalk},
		{callList{{state: ringing, voice: voice{none: true}}}, ErrNoTalk},
		{callList{{state: up, voice: voice{none: true}}}, ErrNoAudio},
	} {
		if err := c.calls.noTalk(); !errors.Is(err, c.want) {
			t.Errorf("%v, want %v", err, c.want)
		}
	}
}

func TestBannerKeepsItsNumber(t *testing.T) {
	var out outbox
	var n numbers
	var b banner
	b.withdraw(&out) // it is not there
	if len(out.take()) != 0 {
		t.Error("withdrawn without having been posted")
	}
	b.post(&out, n.nextCard, "Incoming call", "Bob")
	b.end(&out, true, "")
	n.nextCard() // another's
	b.post(&out, n.nextCard, "Incoming call", "Bob")
	if b.id != 1 || len(out.take()) != 3 {
		t.Errorf("%+v", b)
	}
}
