package ui

import (
	"strconv"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// controls are the keys that act on the phone; each sends a line of the verb
// language. What is most pressing comes first.
func controls() []binding {
	return []binding{
		{id: "answer", Binding: bind("answer", "a"), help: "answer, from the notification if it is up", why: needs("answer", notRinging), foot: onMain, do: answer},
		{id: "end", Binding: bind("end", "e"), help: "end the call, or decline it", why: needs("hang up", noCall), foot: onMain, do: end, name: endLabel},
		{id: "mute", Binding: bind("mute", "m"), help: "mute the microphone, or no longer", why: needs("mute", notUp), foot: onMain, do: mute, name: muteLabel},
		{id: "hold call", Binding: bind("hold", "o"), help: "hold the call, or resume it", why: needs("hold", notUp), foot: onMain, do: hold, name: holdLabel},
		{id: "swap", Binding: bind("swap", "S"), help: "take the call on hold, and hold the other", why: needs("swap", noneHeld), foot: amongCalls, do: swap, shown: []panel{callPanel}},
		{id: "transfer", Binding: bind("transfer", "T"), help: "transfer the held call to the other (asks)", why: needs("attended transfer", noTransfer), foot: amongCalls, do: transferHeld},
		{id: "tones", Binding: bind("tones", "t"), help: "send tones (DTMF)", why: needs("dtmf", notUp), foot: onMain, do: opens(tonesMode)},
		{id: "background", Binding: bind("background", "b"), help: "send the app to the background", why: needs("background", notOpen), foot: onMain, do: says("background"), shown: []panel{devicePanel}},
		{id: "open", Binding: bind("open", "f"), help: "open the app, by its notification if that is up", why: needs("foreground", alreadyOpen), foot: onMain, do: foreground, shown: []panel{devicePanel}},
		{id: "dial", Binding: bind("dial", "d"), help: "dial", why: needs("call", notOpen), foot: callless, do: opens(dialMode), shown: []panel{callPanel}},
		{id: "break", Binding: bind("break", "!"), help: "break the network: NAT, handover, server", why: needs("fault", nil), foot: onMain, do: opens(breakMode)},
		{id: "next", Binding: bind("next timer", "."), help: "turn the device clock to the next timer", why: needs("clock", awake), foot: onMain, do: says("clock next")},
		{id: "faster", Binding: bind("faster", ">"), help: "device clock faster: ×10, ×60, ×600", why: needs("clock", awake), foot: onMain, do: warp(+1)},
		{id: "lock", Binding: bind("lock", "l"), help: "lock or unlock the screen", why: needs("lock", nil), foot: onMain, do: lock, name: lockLabel, shown: []panel{devicePanel}},
		{id: "kill", Binding: bind("kill", "K"), help: "kill the app, as a swipe does (asks)", why: needs("kill", dead), foot: callless, do: askKill},
		{id: "slower", Binding: bind("slower", "<"), help: "device clock slower", why: needs("clock", awake), do: warp(-1)},
		{id: "x1", Binding: bind("×1", "="), help: "device clock back to ×1", why: needs("clock", nil), do: says("clock x1")},
	}
}

// needs is why a key is of no use: the phone has no such verb, or why says so.
func needs(verb string, why func(situation) string) func(situation) string {
	return func(s situation) string {
		switch {
		case len(s.verbs) == 0:
			return "this is a recording: it can be looked at, not told what to do"
		case !s.offers(verb):
			return "this phone does not know the verb " + verb
		case why != nil:
			return why(s)
		}
		return ""
	}
}

func notOpen(s situation) string {
	return when(s.fold.Life.State != event.Foreground, "the app is not open")
}

func alreadyOpen(s situation) string {
	return when(s.fold.Life.State == event.Foreground && !s.fold.Locked, "the app is open already")
}

func dead(s situation) string {
	return when(s.fold.Life.State == event.Dead, "the app is dead already")
}

func notRinging(s situation) string { return when(s.ringing() == nil, "no call is ringing") }

func noCall(s situation) string { return when(len(s.fold.Calls) == 0, "there is no call") }

func notUp(s situation) string {
	c := s.call()
	return when(c == nil || !c.Connected(), "no call is up")
}

func awake(s situation) string {
	return when(s.fold.Life.State != event.Suspended, "the clock can be turned only while the app is suspended")
}

func lock(s situation) request { return sayReq(lockLabel(s)) }

func lockLabel(s situation) string {
	if s.fold.Locked {
		return "unlock"
	}
	return "lock"
}

func answer(s situation) request {
	if s.fold.Banner != nil && !s.several() {
		return sayReq("answer from notification")
	}
	return s.numbered("answer", s.ringing())
}

// declines reports whether the call that matters most waits for an answer.
func declines(s situation) bool {
	c := s.call()
	return c != nil && !c.Connected() && !c.Out
}

func end(s situation) request {
	if declines(s) {
		return s.numbered("decline", s.call())
	}
	return s.numbered("hang up", s.call())
}

func endLabel(s situation) string {
	if declines(s) {
		return "decline"
	}
	return "end"
}

// foreground opens the app: through the notification if it is up, and then a
// call goes on ringing.
func foreground(s situation) request {
	if s.fold.Banner != nil && s.offers("open notification") {
		return sayReq("open notification")
	}
	return sayReq("foreground")
}

func mute(s situation) request { return s.numbered(muteLabel(s), s.call()) }

func muteLabel(s situation) string {
	if c := s.call(); c != nil && c.Muted {
		return "unmute"
	}
	return "mute"
}

func hold(s situation) request { return s.numbered(holdLabel(s), s.call()) }

func holdLabel(s situation) string {
	if c := s.call(); c != nil && c.Held {
		return "resume"
	}
	return "hold"
}

// rates are the speeds of the device clock that the keys step through.
var rates = []int{1, 10, 60, 600}

func warp(step int) func(situation) request {
	return func(s situation) request {
		i := 0
		for i < len(rates)-1 && float64(rates[i]) < s.fold.Rate {
			i++
		}
		i = max(0, min(len(rates)-1, i+step))
		return sayReq("clock x" + strconv.Itoa(rates[i]))
	}
}

func askKill(situation) request { return askReq{"Kill the app?", "kill"} }
