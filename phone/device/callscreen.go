package device

import (
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// screenCall is a call that a process has reported to the system's call
// screen. While it rings there is a card for it, too.
type screenCall struct {
	id       int
	answered bool
	active   bool // the system has activated its audio session
}

// callScreen holds the calls that a process has reported.
type callScreen struct{ calls []screenCall }

// find finds a reported call; nil if there is none of that name.
func (s *callScreen) find(id int) *screenCall {
	for i := range s.calls {
		if s.calls[i].id == id {
			return &s.calls[i]
		}
	}
	return nil
}

func (s *callScreen) add(id int) { s.calls = append(s.calls, screenCall{id: id}) }

func (s *callScreen) remove(id int) {
	s.calls = slices.DeleteFunc(s.calls, func(c screenCall) bool { return c.id == id })
}

func (s *callScreen) empty() bool { return len(s.calls) == 0 }

// answered reports whether the user has answered a call that goes on, active
// whether the system has activated the audio of one.
func (s *callScreen) answered() bool {
	return slices.ContainsFunc(s.calls, func(c screenCall) bool { return c.answered })
}

func (s *callScreen) active() bool {
	return slices.ContainsFunc(s.calls, func(c screenCall) bool { return c.active })
}

// activate activates the audio of all that the user has answered, and lists
// those whose audio was not active before.
func (s *callScreen) activate() []int {
	var fresh []int
	for i := range s.calls {
		if c := &s.calls[i]; c.answered && !c.active {
			c.active = true
			fresh = append(fresh, c.id)
		}
	}
	return fresh
}

// barred are the callers whom the user has blocked, by address or user name.
type barred []string

func (b *barred) set(who string, on bool) {
	*b = slices.DeleteFunc(*b, func(other string) bool { return other == who })
	if on {
		*b = append(*b, who)
	}
}

func (b barred) has(peer string) bool {
	_, user, _ := strings.Cut(peer, ":")
	user, _, _ = strings.Cut(user, "@")
	return slices.Contains(b, peer) || slices.Contains(b, user)
}

// report puts an incoming call on the system's call screen, or a better name
// to one that is there. One that the system refuses has been reported, too.
func (k *pushKit) report(now time.Time, c system.ReportCall) {
	k.warnMustReport()
	k.duties.fulfil()
	if why := k.refusal(c); why != nil {
		k.refuseCall(c, why)
		return
	}
	t := &k.tray
	if k.screen.find(c.ID) == nil {
		k.screen.add(c.ID)
		until := now.Add(k.p.CallScreenTime)
		t.post(now, event.NotificationPosted, card{id: c.ID, title: c.Name, body: c.Peer, screen: true, shown: true, until: until}, 0)
		k.lend(now, k.p.RingWindow, "a call rings")
	} else if i := t.index(c.ID, true); i >= 0 {
		t.rename(i, c.Name, c.Peer)
	}
	k.tell(system.CallReported{ID: c.ID})
}

// refusal is why the system does not show a call
// (CXErrorCodeIncomingCallError), or nil.
func (k *pushKit) refusal(c system.ReportCall) error {
	switch {
	case !k.p.CallScreen:
		return ErrNoCallScreen
	case k.tray.quiet:
		return ErrDoNotDisturb
	case k.barred.has(c.Peer):
		return ErrBlockedCaller
	}
	return nil
}

// tapCall is the user's choice on the call screen, false if no call of that
// name is there. To answer or decline there does not open the app; its button
// does, and the call rings on.
func (k *pushKit) tapCall(now time.Time, t Tap) bool {
	i := k.tray.index(t.ID, true)
	if i < 0 {
		return false
	}
	if t.Action == system.Open {
		k.open(now, event.ByNotification, "opened from the call screen")
		k.tell(system.Tapped{ID: t.ID, Action: t.Action})
		return true
	}
	k.tray.choose(i, t.Action)
	if k.state == event.Suspended {
		k.wakeUncounted(now, event.ByNotification, k.profile.PushWindow)
	} else {
		k.lend(now, k.profile.PushWindow, "the user has chosen on the call screen")
	}
	if t.Action == system.Answer {
		k.answer(now, k.screen.find(t.ID))
	}
	k.tell(system.Tapped{ID: t.ID, Action: t.Action})
	return true
}

// answer begins the audio of a call, in a moment.
func (k *pushKit) answer(now time.Time, c *screenCall) {
	c.answered = true
	k.timers[activateTimer] = now.Add(k.p.AudioActivation)
}

// answerInApp is the app answering a call that rings on the call screen.
func (k *pushKit) answerInApp(now time.Time, id int) {
	c := k.screen.find(id)
	if c == nil || c.answered {
		return
	}
	if i := k.tray.index(id, true); i >= 0 {
		k.tray.takeDown(i, false, "")
	}
	k.answer(now, c)
}

// activateAudio is the system activating the audio session of what the user
// has answered (provider:didActivateAudioSession:).
func (k *pushKit) activateAudio(now time.Time) {
	k.wakeUncounted(now, event.ByNotification, k.profile.PushWindow) // if it has been suspended since
	for _, id := range k.screen.activate() {
		k.tell(system.AudioActivated{ID: id})
	}
	k.setAudio(now, true)
}

// endCall takes a reported call off the call screen. The audio session ends
// with the last that was answered; after the last of all, the app has not long
// to run.
func (k *pushKit) endCall(now time.Time, e system.ReportEnd) {
	if k.screen.find(e.ID) == nil {
		return
	}
	k.screen.remove(e.ID)
	if i := k.tray.index(e.ID, true); i >= 0 {
		k.tray.takeDown(i, e.Why.Missed(), string(e.Why))
	}
	last := k.screen.empty()
	if last {
		k.lent = time.Time{}
	}
	if !k.screen.answered() {
		k.stop(activateTimer)
		k.setAudio(now, false)
	}
	if last && k.state == event.Awake && !k.duties.any() {
		k.settleWhy = "the reported call has ended"
		k.timers[settleTimer] = now.Add(k.profile.AudioGrace)
	}
}
