package app

import (
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestAutoAnswerHeader: a caller who asks to be answered is, if the app was told
// to obey, its user talks to nobody, and the time has come; else a warning says why
// the call rings.
func TestAutoAnswerHeader(t *testing.T) {
	at := func(after time.Duration) *control.AutoAnswer {
		return &control.AutoAnswer{By: "Call-Info", After: after}
	}
	for _, c := range []struct {
		what    string
		cfg     Config
		wish    *control.AutoAnswer
		busy    bool
		answers bool // at once
		warned  bool
		later   time.Duration // when it is answered; 0: never
	}{
		{"nobody asks", Config{AutoAnswerHeader: true}, nil, false, false, false, 0},
		{"not obeyed", Config{}, at(0), false, false, true, 0},
		{"obeyed", Config{AutoAnswerHeader: true}, at(0), false, true, false, 0},
		{"in a call", Config{AutoAnswerHeader: true}, at(0), true, false, true, 0},
		{"later", Config{AutoAnswerHeader: true}, at(5 * time.Second), false, false, false, 5 * time.Second},
		{"rings for ever", Config{AutoAnswerHeader: true, Auto: Ring}, at(0), false, false, false, 0},
	} {
		b := newBoard(t, c.cfg)
		if c.busy {
			b.comes(7)
			b.user(b.Answer)
		}
		b.notice(b.now, b.lines[0], control.Offered{ID: 1, From: "sip:bob@lab.test", NoAudio: true, AutoAnswer: c.wish})
		warned, answered := false, false
		look := func() {
			for _, e := range b.out.take() {
				switch e := e.(type) {
				case system.Log:
					w, _ := e.Event.(event.Warning)
					warned = warned || w.Rule == event.RuleAutoAnswerIgnored
				case system.Send:
					answered = answered || string(e.Data) == "answer 1"
				}
			}
		}
		if look(); warned != c.warned || answered != c.answers {
			t.Errorf("%s: warned %t, answered %t", c.what, warned, answered)
		}
		if c.answers || c.busy {
			continue
		}
		b.advanceTo(b.now.Add(c.later - time.Millisecond))
		if look(); answered {
			t.Errorf("%s: answered too early", c.what)
		}
		b.advanceTo(b.now.Add(c.later))
		if look(); answered != (c.later > 0) {
			t.Errorf("%s: answered %t after %s", c.what, answered, c.later)
		}
	}
}

// TestAutoAnswerOrNothing: a call whose caller wants it answered without a user or not
// at all is refused where that is not done, with a word about why.
func TestAutoAnswerOrNothing(t *testing.T) {
	for _, c := range []struct {
		what string
		cfg  Config
		busy bool
		want string
	}{
		{"not obeyed", Config{}, false, "auto-answer-ignored, reject 403"},
		{"obeyed", Config{AutoAnswerHeader: true}, false, "answer 1"},
		{"in a call", Config{AutoAnswerHeader: true}, true, "auto-answer-ignored, reject 403"},
		{"everybody is answered", Config{Auto: Accept}, false, "answer 1"},
		{"rings for ever", Config{Auto: Ring}, false, "ring"},
	} {
		b := newBoard(t, c.cfg)
		if c.busy {
			b.comes(7)
			b.user(b.Answer)
		}
		wish := &control.AutoAnswer{By: "Answer-Mode", Must: true}
		b.want(c.what, b.hears(control.Offered{ID: 1, From: "sip:bob@lab.test", NoAudio: true, AutoAnswer: wish}), c.want)
	}
	b := newBoard(t, Config{})
	lax := control.Offered{ID: 1, From: "sip:bob@lab.test", NoAudio: true, AutoAnswer: &control.AutoAnswer{By: "Answer-Mode"}}
	b.want("or by its user", b.hears(lax), "auto-answer-ignored, ring")
	b = newBoard(t, Config{})
	b.comes(7)
	b.user(b.Answer)
	strict := lax
	strict.AutoAnswer = &control.AutoAnswer{By: "Answer-Mode", Must: true}
	b.want("in the place of a call that is up", b.hears(control.Replacing{Offered: strict, Call: 7}), "answer 1")
}

// advanceTo does what is due for the calls.
func (b *board) advanceTo(at time.Time) {
	if system.Due(b.App.board.deadline(), at) {
		b.App.board.advance(at)
	}
}
