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

// ringing reports whether the card rings on the screen.
func (c card) ringing() bool { return c.shown && !c.until.IsZero() }

// tray holds the notifications. They outlive the process.
type tray struct {
	*sink
	*timers
	p         *NotificationSettings
	sinceWake func(now time.Time) event.Millis // 0: the app runs for another reason
	quiet     bool                             // Do Not Disturb
	cards     []card                           // the oldest first
}

// banner is the notification that rings on the screen, the newest if there
// are several.
func (t *tray) banner() (id int, ok bool) {
	for _, c := range slices.Backward(t.cards) {
		if c.ringing() {
			return c.id, true
		}
	}
	return 0, false
}

// index finds a card, or a call on the call screen: apps number them apart.
func (t *tray) index(id int, screen bool) int {
	return slices.IndexFunc(t.cards, func(c card) bool { return c.id == id && c.screen == screen })
}

// find is the index of what the user sees under that name, a call before a
// notification; -1 if nothing is shown.
func (t *tray) find(id int) int {
	i := t.index(id, true)
	if i < 0 {
		i = t.index(id, false)
	}
	if i < 0 || !t.cards[i].shown {
		return -1
	}
	return i
}

func (t *tray) logCard(phase event.NotificationPhase, c card) {
	t.log(event.Notification{ID: c.id, Screen: c.screen, Phase: phase, Title: c.title, Body: c.body, Shown: c.shown})
}

// post puts a card on the screen.
func (t *tray) post(now time.Time, phase event.NotificationPhase, c card, sound time.Duration) {
	e := event.Notification{ID: c.id, Screen: c.screen, Phase: phase, Title: c.title, Body: c.body, Shown: c.shown, Sound: event.Seconds(sound)}
	if c.shown {
		e.AfterWake = t.sinceWake(now)
	}
	t.cards = append(t.cards, c)
	t.log(e)
	t.keep()
	t.arm()
}

// ringsUntil has a notification that rings do so until then; false: none does.
func (t *tray) ringsUntil(id int, until time.Time) bool {
	i := t.index(id, false)
	if i < 0 || !t.cards[i].ringing() {
		return false
	}
	t.cards[i].until = until
	t.arm()
	return true
}

// rename gives a card another text.
func (t *tray) rename(i int, title, body string) {
	t.cards[i].title, t.cards[i].body = title, body
	t.logCard(event.NotificationUpdated, t.cards[i])
}

// notify posts a notification, or updates one that is there. It is shown where
// the app is not, on the screen. It reports whether the user sees it.
func (t *tray) notify(now time.Time, n system.Notify, onScreen bool) bool {
	c := card{id: n.ID, title: n.Title, body: n.Body, shown: !onScreen}
	if !t.p.Notifications {
		c.shown = false
		t.logCard(event.NotificationRefused, c)
		return false
	}
	phase := event.NotificationPosted
	if i := t.index(n.ID, false); i >= 0 {
		if t.cards[i].shown && c.shown {
			phase = event.NotificationUpdated
		}
		t.cards = slices.Delete(t.cards, i, i+1)
	}
	var sound time.Duration
	if c.shown {
		c.until = now.Add(t.p.NotificationTime)
		sound = t.soundOf(n.Sound)
	}
	t.post(now, phase, c, sound)
	return c.shown
}

// soundOf is how long a notification's sound plays: one that is too long is
// replaced by the default sound, and Do Not Disturb silences any.
func (t *tray) soundOf(sound time.Duration) time.Duration {
	if sound > t.p.SoundMax {
		t.log(event.Warning{
			Rule: event.RuleSoundTooLong, Note: fmt.Sprintf("a notification's sound of %s is longer than %s: the default sound plays instead", sound, t.p.SoundMax),
			Hint: fmt.Sprintf("a sound of at most %s, posted again while the call rings", t.p.SoundMax),
		})
		sound = t.p.DefaultSound
	}
	if t.quiet {
		return 0
	}
	return sound
}

// keep throws the oldest cards away when there are too many.
func (t *tray) keep() {
	for len(t.cards) > t.p.NotificationsKept {
		t.logCard(event.NotificationWithdrawn, t.cards[0])
		t.cards = t.cards[1:]
	}
}

// withdraw cancels a notification, or leaves a missed one in its place.
func (t *tray) withdraw(w system.Withdraw) {
	if i := t.index(w.ID, false); i >= 0 {
		t.takeDown(i, w.Missed, w.Why)
	}
}

// takeDown takes a card down, or has it stay as a missed one.
func (t *tray) takeDown(i int, missed bool, why string) {
	c := t.cards[i]
	c.until = time.Time{}
	switch {
	case missed:
		c.shown = true // a call that was missed is worth a card anywhere
		t.logCard(event.NotificationMissed, c)
		c.screen = false
		t.cards[i] = c
	default:
		t.cards = slices.Delete(t.cards, i, i+1)
		t.log(event.Notification{
			ID: c.id, Screen: c.screen, Phase: event.NotificationWithdrawn, Title: c.title, Body: c.body, Shown: c.shown, Why: why,
		})
	}
	t.arm()
}

// choose takes down a card on which the user has chosen an action.
func (t *tray) choose(i int, a system.Action) {
	c := t.cards[i]
	t.cards = slices.Delete(t.cards, i, i+1)
	t.arm()
	t.log(event.Notification{
		ID: c.id, Screen: c.screen, Phase: event.NotificationTapped, Title: c.title, Body: c.body, Action: string(a), Shown: true,
	})
}

// expire has the notifications stop ringing that have rung for long enough.
// They stay, as missed ones.
func (t *tray) expire(now time.Time) {
	for i, c := range t.cards {
		if system.Due(c.until, now) {
			t.logCard(event.NotificationExpired, c)
			t.cards[i].until, t.cards[i].screen = time.Time{}, false
		}
	}
	t.arm()
}

func (t *tray) arm() {
	var next time.Time
	for _, c := range t.cards {
		next = system.Earliest(next, c.until)
	}
	t.timers[cardTimer] = next
}

// clearScreen takes the calls off the call screen, with their process.
func (t *tray) clearScreen() {
	for i := len(t.cards) - 1; i >= 0; i-- {
		if t.cards[i].screen {
			t.takeDown(i, false, "")
		}
	}
}
