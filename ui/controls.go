package ui

import (
	"strconv"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// controls are the keys that act on the device and the app; each sends a line of
// the verb language. What is most pressing comes first.
func controls() []binding {
	return []binding{
		{id: "background", modes: callModes, Binding: bind("background", "b"), help: "send the app to the background", why: needs("background", notOpen), foot: onMain, do: says("background"), shown: []panel{devicePanel}},
		{id: "open", modes: callModes, Binding: bind("open", "f"), help: "open the app, by its notification if that is up", why: needs("foreground", alreadyOpen), foot: onMain, do: foreground, shown: []panel{devicePanel}},
		{id: "dial", modes: callModes, Binding: bind("dial", "d"), help: "dial", why: needs("call", notOpen), foot: callless, do: opens(dialMode), shown: []panel{callPanel}},
		{id: "break", modes: callModes, Binding: bind("break", "!"), help: "break the network: NAT, handover, server", why: needs("fault", nil), foot: onMain, do: opens(breakMode)},
		{id: "next", modes: callModes, Binding: bind("next timer", "."), help: "turn the device clock to the next timer", why: needs("clock", awake), foot: onMain, do: says("clock next")},
		{id: "faster", modes: callModes, Binding: bind("faster", ">"), help: "device clock faster: ×10, ×60, ×600", why: needs("clock", fastest), foot: onMain, do: warp(+1)},
		{id: "lock", modes: callModes, Binding: bind("lock", "l"), help: "lock or unlock the screen", why: needs("lock", nil), foot: onMain, do: lock, name: lockLabel, shown: []panel{devicePanel}},
		{id: "kill", modes: callModes, Binding: bind("kill", "K"), help: "kill the app, as a swipe does (asks)", why: needs("kill", dead), foot: callless, do: askKill},
		{id: "slower", modes: callModes, Binding: bind("slower", "<"), help: "device clock slower", why: needs("clock", slowest), do: warp(-1)},
		{id: "x1", modes: callModes, Binding: bind("×1", "="), help: "device clock back to ×1", why: needs("clock", nil), do: realTime},
	}
}

// needs is why a key is of no use: the phone has no such verb, or why says so.
func needs(verb string, why func(situation) string) func(situation) string {
	return func(s situation) string {
		switch {
		case s.running:
			return "the scenario drives this phone: only its lines are done"
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

func awake(s situation) string {
	return when(s.fold.Life.State != event.Suspended, "the clock can be turned only while the app is suspended")
}

func unhurried(s situation) string { return when(s.fold.Rate <= 1, "the device clock runs at ×1") }

func slowest(s situation) string {
	if why := awake(s); why != "" {
		return why
	}
	return unhurried(s)
}

func fastest(s situation) string {
	if why := awake(s); why != "" {
		return why
	}
	return when(s.fold.Rate >= float64(rates[len(rates)-1]), "the device clock runs as fast as it can")
}

func lock(s situation) request { return sayReq(lockLabel(s)) }

func lockLabel(s situation) string {
	if s.fold.Locked {
		return "unlock"
	}
	return "lock"
}

// foreground opens the app: through the notification if it is up, and then a
// call goes on ringing.
func foreground(s situation) request {
	if s.fold.Banner != nil && s.offers("open notification") {
		return sayReq("open notification")
	}
	return sayReq("foreground")
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

// realTime also ends a faster clock that is to come back with the next sleep, which
// nothing shows while the app runs.
func realTime(situation) request {
	return bothReq{sayReq("clock x1"), tellReq{dim, "device clock: ×1"}}
}

func askKill(s situation) request {
	question := "Kill the app?"
	if len(s.fold.Calls) > 0 {
		question += " It ends " + s.everybody() + "."
	}
	return askReq{question, "kill", askKill}
}
