package ui

import (
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// The modes in which keys act on calls: whatever is open, but for a line to type in. Only
// what is most pressing goes on in an overlay whose own letters they are.
const (
	callModes   = screenModes | helpMode | explainMode
	urgentModes = callModes | tonesMode | confirmMode | breakMode | labMode | saidMode | inboxMode
)

// callControls are the keys that act on calls. Each says on which.
func callControls() []binding {
	return []binding{
		{
			id: "answer", modes: urgentModes | runMode, Binding: bind("answer", "a"), help: "answer, from the notification if it is up",
			about: scene.ringing, why: needs("answer", notRinging), foot: always, do: answer, name: naming("answer", scene.ringing), shown: []panel{callPanel},
		},
		{
			id: "answer alone", modes: screenModes, Binding: bind("answer and end", "A"), help: "answer, and end the call under the bar",
			about: scene.ringing, why: needs("answer", nothingToEnd), do: answerAlone, name: answerAloneLabel, shown: []panel{callPanel},
		},
		{
			id: "end", modes: urgentModes | runMode, Binding: bind("end", "e"), help: "end the call under the bar, or decline it",
			about: scene.call, why: needs("hang up", noCall), foot: always, do: end, name: endLabel, shown: []panel{callPanel},
		},
		{
			id: "hold call", modes: callModes, Binding: bind("hold", "o"), help: "hold the call, or resume it and hold the other",
			about: scene.call, why: needs("hold", notUp), foot: inSight, do: hold, name: holdLabel, shown: []panel{callPanel},
		},
		{
			id: "mute", modes: callModes, Binding: bind("mute", "m"), help: "mute the microphone, or no longer",
			about: scene.call, why: needs("mute", notUp), foot: inSight, do: mute, name: muteLabel, shown: []panel{callPanel},
		},
		{
			id: "tones", modes: callModes, Binding: bind("tones", "t"), help: "send tones (DTMF)",
			about: scene.call, why: needs("dtmf", notTalking), foot: inSight, do: opens(tonesMode), shown: []panel{callPanel},
		},
		{
			id: "swap", Binding: bind("swap", "S"), help: "take the call on hold, and hold the other",
			about: scene.heldCall, why: needs("swap", noneHeld), do: swap, name: naming("swap to", scene.heldCall), shown: []panel{callPanel},
		},
		{
			id: "transfer", Binding: bind("transfer", "T"), help: "transfer the call on hold to the other (asks), or one to somebody",
			about: scene.transferred, why: needs("attended transfer", noTransfer), do: transfer, name: transferLabel, shown: []panel{callPanel},
		},
	}
}

// inSight reports whether the panels or a view has the keys.
func inSight(s situation) bool { return onMain(s) || zoomed(s) || inViews(s) }

// naming is a label that names the call that it is about.
func naming(label string, of func(scene) *event.CallRow) func(situation) string {
	return func(s situation) string {
		if c := of(s.scene); c != nil {
			return label + " " + s.name(c)
		}
		return label
	}
}

func notRinging(s situation) string { return when(s.ringing() == nil, "no call is ringing") }

func noCall(s situation) string {
	switch c := s.call(); {
	case c == nil:
		return "there is no call"
	case c.Ended != 0:
		return "the call with " + s.name(c) + " is over; " + s.keyOf("next call") + " chooses another"
	}
	return ""
}

func notUp(s situation) string {
	c := s.call()
	switch {
	case c == nil:
		return "no call is up"
	case noCall(s) != "":
		return noCall(s)
	}
	return when(!c.Connected(), "the call with "+s.name(c)+" is not up")
}

// notTalking says why no tones can be sent: they go to the call that the user talks in.
func notTalking(s situation) string {
	if why := notUp(s); why != "" {
		return why
	}
	return when(s.call() != s.talking(), "nobody talks in the call with "+s.name(s.call())+": it is on hold")
}

func nothingToEnd(s situation) string {
	if why := notRinging(s); why != "" {
		return why
	}
	c := s.current()
	return when(c == nil || c == s.ringing(), "no other call is under the bar that it could end")
}

func answer(s situation) request {
	if s.fold.Banner != nil && len(s.fold.Calls) < 2 {
		return sayReq("answer from notification")
	}
	return sayReq(s.numbered("answer", s.ringing()))
}

// answerAlone ends the call under the bar first: one that is answered puts the others on
// hold, which their peers would hear. The bar goes with the user.
func answerAlone(s situation) request {
	ends, answers := sayReq(s.numbered(endVerb(s), s.call())), sayReq(s.numbered("answer", s.ringing()))
	return bothReq{bothReq{ends, answers}, chooseReq(s.ringing().ID)}
}

func answerAloneLabel(s situation) string {
	ring, bar := s.ringing(), s.call()
	if ring == nil || bar == nil || ring == bar {
		return "answer and end"
	}
	return "answer " + s.name(ring) + ", end " + s.name(bar)
}

// endVerb ends the call under the bar, or declines it.
func endVerb(s situation) string {
	if c := s.current(); c != nil && c.Rings() {
		return "decline"
	}
	return "hang up"
}

func end(s situation) request { return sayReq(s.numbered(endVerb(s), s.call())) }

func endLabel(s situation) string {
	c := s.current()
	switch {
	case c == nil:
		return "end"
	case c.Rings():
		return "decline " + s.name(c)
	}
	return "end " + s.name(c)
}

func mute(s situation) request { return sayReq(s.numbered(muteVerb(s), s.call())) }

func muteVerb(s situation) string {
	if c := s.call(); c != nil && c.Muted {
		return "unmute"
	}
	return "mute"
}

func muteLabel(s situation) string {
	if !s.several() {
		return muteVerb(s)
	}
	return naming(muteVerb(s), scene.current)(s)
}

func hold(s situation) request { return sayReq(s.numbered(holdVerb(s), s.call())) }

func holdVerb(s situation) string {
	if c := s.call(); c != nil && c.Held {
		return "resume"
	}
	return "hold"
}

// holdLabel says what becomes of the call that the user talks in, if that is another.
func holdLabel(s situation) string {
	label := naming(holdVerb(s), scene.current)(s)
	if t := s.talking(); holdVerb(s) == "resume" && t != nil && t != s.call() {
		return label + ", hold " + s.name(t)
	}
	return label
}

// swap takes the call back that is on hold.
func swap(s situation) request { return sayReq(s.numbered("swap", s.heldCall())) }

func noneHeld(s situation) string {
	return when(len(s.fold.Calls) < 2 || s.heldCall() == nil, "no other call is on hold")
}

// attended reports whether there are two calls that can be put through to each other.
func (s scene) attended() bool { return s.newest(true) != nil && s.talking() != nil }

// transferred is the call that is handed over: that on hold, to the one that the user talks
// in, as the verb takes them; else the one under the bar.
func (s scene) transferred() *event.CallRow {
	if s.attended() {
		return s.newest(true)
	}
	return s.current()
}

func noTransfer(s situation) string {
	if s.attended() {
		return ""
	}
	return notUp(s)
}

func transferLabel(s situation) string {
	label := naming("transfer", scene.transferred)(s)
	if s.attended() {
		return label + " to " + s.name(s.talking())
	}
	return label
}

// transfer asks before it puts two calls through to each other: both are gone then.
// Otherwise it asks to whom a call is to go.
func transfer(s situation) request {
	if s.attended() {
		return askTransfer(s)
	}
	return openReq(transferMode)
}

func askTransfer(s situation) request {
	if !s.attended() {
		return nil
	}
	return askReq{"Transfer " + s.newest(true).Who() + " to " + s.talking().Who() + "?", "attended transfer", askTransfer}
}
