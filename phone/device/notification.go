package device

import (
	"fmt"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// card is a local notification.
type card struct {
	id          int
	title, body string
	screen      bool      // it is a call on the system's call screen
	shown       bool      // false: the app was on the screen and drew its own
	until       time.Time // when it stops ringing; zero: it has, and is a missed one
}

// Banner is the notification that rings on the screen now, the newest if
// there are several.
func (d *Device) Banner() (id int, ok bool) {
	for _, c := range slices.Backward(d.cards) {
		if c.shown && !c.until.IsZero() {
			return c.id, true
		}
	}
	return 0, false
}

// cardIndex finds a card, or a call on the call screen: apps number them
// apart.
func (d *Device) cardIndex(id int, screen bool) int {
	return slices.IndexFunc(d.cards, func(c card) bool { return c.id == id && c.screen == screen })
}

func (d *Device) logCard(phase string, c card) {
	d.log(event.Notification{ID: c.id, Screen: c.screen, Phase: phase, Title: c.title, Body: c.body, Shown: c.shown})
}

func (d *Device) logTap(c card, a system.Action) {
	d.log(event.Notification{
		ID: c.id, Screen: c.screen, Phase: "tapped", Title: c.title, Body: c.body, Action: string(a), Shown: true,
	})
}

// post puts a card on the screen.
func (d *Device) post(now time.Time, phase string, c card, sound time.Duration) {
	e := event.Notification{ID: c.id, Screen: c.screen, Phase: phase, Title: c.title, Body: c.body, Shown: c.shown, Sound: event.Seconds(sound)}
	if c.shown && d.wake.current {
		e.AfterWake = event.Millis(now.Sub(d.wake.at))
	}
	d.cards = append(d.cards, c)
	d.log(e)
	d.keepCards()
	d.armCards()
}

// notify posts a notification, or updates one that is on the screen.
func (d *Device) notify(now time.Time, n system.Notify) {
	c := card{id: n.ID, title: n.Title, body: n.Body, shown: d.state != event.Foreground}
	if !d.profile.Notifications {
		c.shown = false
		d.logCard("refused", c)
		return
	}
	phase := "posted"
	if i := d.cardIndex(n.ID, false); i >= 0 {
		if d.cards[i].shown && c.shown {
			phase = "updated"
		}
		d.cards = slices.Delete(d.cards, i, i+1)
	}
	var sound time.Duration
	if c.shown {
		d.fcm.owed = 0 // what was pushed has shown something
		c.until = now.Add(d.profile.NotificationTime)
		sound = d.soundOf(n.Sound)
	}
	d.post(now, phase, c, sound)
}

// soundOf is how long a notification's sound plays: one that is too long is
// replaced by the default sound, and Do Not Disturb silences any.
func (d *Device) soundOf(sound time.Duration) time.Duration {
	p := &d.profile
	if sound > p.SoundMax {
		d.log(event.Warning{
			Rule: event.RuleSoundTooLong, Note: fmt.Sprintf("a notification's sound of %s is longer than %s: the default sound plays instead", sound, p.SoundMax),
			Hint: fmt.Sprintf("a sound of at most %s, posted again while the call rings", p.SoundMax),
		})
		sound = p.DefaultSound
	}
	if d.quiet {
		return 0
	}
	return sound
}

// keepCards throws the oldest away when there are too many.
func (d *Device) keepCards() {
	for len(d.cards) > d.profile.NotificationsKept {
		d.logCard("withdrawn", d.cards[0])
		d.cards = d.cards[1:]
	}
}

// withdraw cancels a notification, or leaves a missed one in its place.
func (d *Device) withdraw(w system.Withdraw) {
	if i := d.cardIndex(w.ID, false); i >= 0 {
		d.takeDown(i, w.Missed)
	}
}

// takeDown takes a card down, or has it stay as a missed one.
func (d *Device) takeDown(i int, missed bool) {
	c := d.cards[i]
	c.until = time.Time{}
	switch {
	case missed:
		c.shown = true // a call that was missed is worth a card anywhere
		d.logCard("missed", c)
		c.screen = false
		d.cards[i] = c
	default:
		d.cards = slices.Delete(d.cards, i, i+1)
		d.logCard("withdrawn", c)
	}
	d.armCards()
}

// expireCards has the notifications stop ringing that have rung for long
// enough. They stay, as missed ones.
func (d *Device) expireCards(now time.Time) {
	for i, c := range d.cards {
		if system.Due(c.until, now) {
			d.logCard("expired", c)
			d.cards[i].until, d.cards[i].screen = time.Time{}, false
		}
	}
	d.armCards()
}

func (d *Device) armCards() {
	var next time.Time
	for _, c := range d.cards {
		next = system.Earliest(next, c.until)
	}
	d.timers[cardTimer] = next
}

// tap is the user choosing an action on a notification: it goes away, the app
// comes to the screen, launched if need be, and is told. On the call screen it
// is otherwise, see tapScreen.
func (d *Device) tap(now time.Time, t Tap) {
	i := d.cardIndex(t.ID, true)
	if i < 0 {
		i = d.cardIndex(t.ID, false)
	}
	if i < 0 || !d.cards[i].shown {
		d.refuse("tap", "that notification is not on the screen", "")
		return
	}
	if t.Action == "" {
		t.Action = system.Open
	}
	if d.cards[i].screen {
		d.tapScreen(now, i, t.Action)
		return
	}
	c := d.cards[i]
	d.cards = slices.Delete(d.cards, i, i+1)
	d.armCards()
	d.logTap(c, t.Action)
	d.open(now, event.ByNotification, "opened from a notification")
	d.tell(system.Tapped{ID: t.ID, Action: t.Action})
}
