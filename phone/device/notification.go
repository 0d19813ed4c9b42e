package device

import (
	"slices"
	"time"

	"sleeptalk/phone/event"
	"sleeptalk/phone/system"
)

// card is a local notification.
type card struct {
	id          int
	title, body string
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

func (d *Device) cardIndex(id int) int {
	return slices.IndexFunc(d.cards, func(c card) bool { return c.id == id })
}

func (d *Device) logCard(phase string, c card) {
	d.log(event.Notification{ID: c.id, Phase: phase, Title: c.title, Body: c.body, Shown: c.shown})
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
	if i := d.cardIndex(n.ID); i >= 0 {
		if d.cards[i].shown && c.shown {
			phase = "updated"
		}
		d.cards = slices.Delete(d.cards, i, i+1)
	}
	e := event.Notification{ID: n.ID, Phase: phase, Title: n.Title, Body: n.Body, Shown: c.shown}
	if c.shown {
		d.fcm.owed = 0 // what was pushed has shown something
		c.until = now.Add(d.profile.NotificationTime)
		e.Sound = event.Seconds(d.soundOf(n.Sound))
		if d.wake.current {
			e.AfterWake = event.Millis(now.Sub(d.wake.at))
		}
	}
	d.cards = append(d.cards, c)
	d.log(e)
	d.keepCards()
	d.armCards()
}

// soundOf is how long a notification's sound plays: one that is too long is
// replaced by the default sound.
func (d *Device) soundOf(sound time.Duration) time.Duration {
	if sound > d.profile.SoundMax {
		return d.profile.DefaultSound
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
	i := d.cardIndex(w.ID)
	if i < 0 {
		return
	}
	c := d.cards[i]
	c.until = time.Time{}
	switch {
	case w.Missed:
		c.shown = true // a call that was missed is worth a card anywhere
		d.cards[i] = c
		d.logCard("missed", c)
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
			d.cards[i].until = time.Time{}
			d.logCard("expired", c)
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
// comes to the screen, launched if need be, and is told.
func (d *Device) tap(now time.Time, t Tap) {
	i := d.cardIndex(t.ID)
	if i < 0 || !d.cards[i].shown {
		d.refuse("tap", "that notification is not on the screen", "")
		return
	}
	if t.Action == "" {
		t.Action = system.Open
	}
	c := d.cards[i]
	d.cards = slices.Delete(d.cards, i, i+1)
	d.armCards()
	d.log(event.Notification{ID: c.id, Phase: "tapped", Title: c.title, Body: c.body, Action: string(t.Action), Shown: true})
	d.open(now, event.ByNotification, "opened from a notification")
	d.tell(system.Tapped{ID: t.ID, Action: t.Action})
}
