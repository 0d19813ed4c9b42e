package app

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// ringSound is how long an incoming call's notification sounds: the most that
// iOS plays.
// https://developer.apple.com/documentation/uikit/uilocalnotification/soundname
const ringSound = 30 * time.Second

// banner is the notification of an incoming call. It keeps its number when it
// is posted again.
type banner struct {
	id     int // 0: it was never posted
	posted bool
}

// post shows the notification.
func (b *banner) post(out *outbox, nextCard func() int, title, who string) {
	if b.id == 0 {
		b.id = nextCard()
	}
	b.posted = true
	out.ask(system.Notify{ID: b.id, Title: title, Body: who, Sound: ringSound})
}

// withdraw takes the notification back, if it is there.
func (b *banner) withdraw(out *outbox) { b.end(out, false, "") }

// end takes the notification of a call back that is over. If the call was
// missed, the system shows that instead.
func (b *banner) end(out *outbox, missed bool, why string) {
	if b.posted {
		out.ask(system.Withdraw{ID: b.id, Missed: missed, Why: why})
		b.posted = false
	}
}
