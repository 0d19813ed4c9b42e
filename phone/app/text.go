package app

import (
	"cmp"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// textSound is how long the notification of a text sounds: a chime (our own
// number).
const textSound = time.Second

// mail is what the user is told that does not ring: texts, what waits in the mailbox, and
// calls for which there was no room. An
// app on the screen shows them there; otherwise the user gets a notification.
type mail struct {
	out        *outbox
	nextCard   func() int
	foreground func() bool

	card    int                    // of what waits; 0: none was posted
	waiting control.MessageWaiting // as it was last told
}

// texted takes in a text.
func (m *mail) texted(n control.Texted) {
	m.out.note(event.Text{From: n.From, Name: n.Name, Body: n.Text})
	if !m.foreground() {
		m.out.ask(system.Notify{ID: m.nextCard(), Title: cmp.Or(n.Name, n.From, "Message"), Body: n.Text, Sound: textSound})
	}
}

// missed has the user know of a call that nothing else shows: it found no room.
func (m *mail) missed(n control.Missed) {
	if !m.foreground() {
		m.out.ask(system.Notify{ID: m.nextCard(), Title: cmp.Or(n.Name, n.From), Body: "Missed call", Sound: textSound})
	}
}

// messagesWait takes in what waits in the mailbox. Servers say it again with each
// registration, so that only news are worth a notification.
func (m *mail) messagesWait(n control.MessageWaiting) {
	before := event.MessageWaiting(m.waiting)
	m.waiting = n
	e := event.MessageWaiting(n)
	m.out.note(e)
	switch {
	case !n.Waiting && m.card != 0:
		m.out.ask(system.Withdraw{ID: m.card})
		m.card = 0
	case n.Waiting && (!before.Waiting || e.Newer(before)) && !m.foreground():
		if m.card == 0 {
			m.card = m.nextCard()
		}
		m.out.ask(system.Notify{ID: m.card, Title: e.Title(), Body: cmp.Or(e.Counts(), "messages wait"), Sound: textSound})
	}
}
