package app

import (
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// overPush is a push that says that a call is over.
func overPush(id int, callID string, why push.Purpose) system.Pushed {
	return system.Pushed{ID: id, Payload: push.Payload{CallID: callID, Name: "Bob", Purpose: why}.Map(), MustReport: true}
}

// TestPushCancelled: a push that says that a call is over is reported like any
// other, and the call ends there, unless its INVITE has come.
func TestPushCancelled(t *testing.T) {
	r := newRig(t, Config{Strategy: Push})
	r.plays(
		play{system.PushToken{Token: "t1"}, "register"},
		play{aPush(1, "a"), "report Bob, hang up the line, register, handled 1"},
		play{overPush(2, "a", push.Cancelled), "report Bob, over: remote ended, handled 2"},
		play{aPush(3, "b"), "report Bob, hang up the line, register, handled 3"},
		play{overPush(4, "b", push.Elsewhere), "report Bob, over: answered elsewhere, handled 4"},
		play{overPush(5, "never heard of", push.Cancelled), "report Bob, over: remote ended, handled 5"},
		play{time.Minute, "hang up the line"},
		play{aPush(6, "c"), "report Bob, hang up the line, register, handled 6"},
		play{func() { r.screen.reports[0].joined = true }, ""},
		play{overPush(7, "c", push.Cancelled), "report Bob, register, handled 7"},
	)
	if len(r.screen.reports) != 1 {
		t.Errorf("%d calls on the screen, want the one whose INVITE is there", len(r.screen.reports))
	}
	android := newRig(t, Config{Strategy: Push, Push: Pushing{Provider: "fcm"}})
	android.plays(
		play{system.PushToken{Token: "t1"}, "register"},
		play{need(overPush(1, "a", push.Cancelled)), "handled 1"}, // which wants no call for each push
	)
}

// need is a push for which the system wants no call.
func need(s system.Pushed) system.Pushed {
	s.MustReport = false
	return s
}

// TestPushThatNeedNotBeReported: an app that looks at mustReport reports no call that it
// need not, and lets the server say whether there is one.
func TestPushThatNeedNotBeReported(t *testing.T) {
	for _, c := range []struct {
		report Report
		want   string
	}{
		{ReportAtOnce, "report Bob, hang up the line, register, handled 1"},
		{ReportMust, "hang up the line, register, handled 1"},
	} {
		r := newRig(t, Config{Strategy: Push, Push: Pushing{Report: c.report}})
		r.plays(
			play{system.PushToken{Token: "t1"}, "register"},
			play{need(aPush(1, "a")), c.want},
		)
	}
	r := newRig(t, Config{Strategy: Push, Push: Pushing{Report: ReportMust}})
	r.plays(
		play{system.PushToken{Token: "t1"}, "register"},
		play{aPush(1, "a"), "report Bob, hang up the line, register, handled 1"},
		play{need(overPush(2, "b", push.Cancelled)), "handled 2"}, // a background push
	)
}

// TestPushAndINVITEDisagree: an INVITE that has another Call-ID than the push for
// it is named, unless it is of another caller, or its own push is there, too.
func TestPushAndINVITEDisagree(t *testing.T) {
	const warning = "warning push-other-call"
	for _, c := range []struct {
		what    string
		pushes  []push.Payload
		callID  string
		warning string
	}{
		{"no push", nil, "x", ""},
		{"the same", []push.Payload{{CallID: "x", Name: "Bob"}}, "x", ""},
		{"a push that names no call", []push.Payload{{Name: "Bob"}}, "x", ""},
		{"another, of nobody", []push.Payload{{CallID: "y", Name: "Bob"}}, "x", warning},
		{"another, of the caller", []push.Payload{{CallID: "y", Peer: "sip:bob@lab.test"}}, "x", warning},
		{"another, of another caller", []push.Payload{{CallID: "y", Peer: "sip:eve@lab.test"}}, "x", ""},
		{"its own, and another", []push.Payload{{CallID: "y"}, {CallID: "x"}}, "x", ""},
	} {
		s, _ := newScreen()
		for _, p := range c.pushes {
			s.add(p.CallID, p.Peer, p.Name)
		}
		s.compare(control.Offered{From: "sip:bob@lab.test", CallID: c.callID})
		got := ""
		for _, e := range s.out.take() {
			got += wordsOf(e)
		}
		if got != c.warning {
			t.Errorf("%s: %q, want %q", c.what, got, c.warning)
		}
	}
}
