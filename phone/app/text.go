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

// showText takes in a text. An app on the screen shows it there; otherwise the
// user is told by a notification.
func showText(out *outbox, n control.Texted, foreground bool, nextCard func() int) {
	out.note(event.Text{From: n.From, Name: n.Name, Body: n.Text})
	if !foreground {
		out.ask(system.Notify{ID: nextCard(), Title: cmp.Or(n.Name, n.From, "Message"), Body: n.Text, Sound: textSound})
	}
}
