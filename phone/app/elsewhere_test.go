package app

import (
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestAnsweredElsewhereIsNotMissed: only a call that the caller gave up leaves
// the card of a missed one.
func TestAnsweredElsewhereIsNotMissed(t *testing.T) {
	for _, c := range []struct {
		n    control.Ended
		want string
	}{
		{control.Ended{ID: 1, By: "peer"}, "missed"},
		{control.Ended{ID: 1, By: "network"}, "missed"},
		{control.Ended{ID: 1, By: "us"}, "withdraw"},
		{control.Ended{ID: 1, By: "peer", Elsewhere: control.AnsweredElsewhere}, "withdraw"},
		{control.Ended{ID: 1, By: "peer", Elsewhere: control.DeclinedElsewhere}, "withdraw"},
	} {
		b := newBoard(t, Config{})
		b.foreground = false
		b.hears(control.Offered{ID: 1, From: "sip:bob@lab.test", NoAudio: true})
		if got := b.hears(c.n); got != c.want {
			t.Errorf("%+v: %s, want %s", c.n, got, c.want)
		}
	}
}

// TestCallThatIsOverBeforeItRings: an INVITE and its CANCEL may be read in one go.
// Nothing is said to such a call, whatever the app does with calls, and the user
// still learns of it.
func TestCallThatIsOverBeforeItRings(t *testing.T) {
	for auto, want := range map[Behaviour]string{
		Manual: "notify 1 for 30s, bind 1, missed, close 1, close 2",
		Accept: "bind 1, close 1, close 2",
		Busy:   "",
	} {
		b := newBoard(t, Config{Auto: auto})
		b.foreground = false
		got := b.does(func() []system.Effect {
			b.lines[0].do(b.now, control.Output{Notices: []control.Notice{
				control.Offered{ID: 1, From: "sip:bob@lab.test"}, control.Ended{ID: 1, By: "peer"},
			}})
			return nil
		})
		if got != want {
			t.Errorf("%q: %s, want %s", auto, got, want)
		}
		if got := b.hears(control.Offered{ID: 1, From: "sip:bob@lab.test"}); auto == Busy && got != "reject 486" {
			t.Errorf("the next call: %s", got)
		}
	}
}
