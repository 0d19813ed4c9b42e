package picture

import "strings"

// A Sign is a mark that stands for something that happened, or that lasts.
type Sign int

// The signs.
const (
	NoSign    Sign = iota
	Posted         // a notification is on the screen
	Gone           // it was tapped, or taken down
	Missed         // nobody looked at it, or nobody may see it
	Lost           // a socket, a push, a registration
	Death          // of the app's process
	Delivered      // a push has come
	Queued         // a push waits
	Sent           // a push was sent
	Ring           // of a call
	Connected      // of a call
	Mute           // of a call whose app is suspended
	Held           // the control socket is open
	Registered
	StillBound   // between two registrations
	Unregistered // by the app itself
	LightIdle    // of the device
	DeepIdle
	Maintenance // a window in which apps may run
	PacketCame  // of audio
	PacketLate
	PacketGone
	PacketsSome // were lost: nobody knows which
	PacketSent  // nobody knows yet whether it came
	DozesOff    // on its way to being idle
	signs
)

// A mark is how a sign is drawn where there are characters alone.
type mark struct {
	glyph, ascii string
	ink          Ink
}

var marks = [signs]mark{
	NoSign:       {" ", " ", Faint},
	Posted:       {"◆", "N", Banner},
	Gone:         {"◇", "n", Banner},
	Missed:       {"◇", "n", Fault},
	Lost:         {"╳", "x", Fault},
	Death:        {"╳", "x", Fault},
	Delivered:    {"↓", "v", Talk},
	Queued:       {"↓", "v", Dim},
	Sent:         {"↑", "^", Dim},
	Ring:         {"▒", "r", Talk},
	Connected:    {"█", "c", Talk},
	Mute:         {"░", "_", Fault},
	Held:         {"━", "=", Bright},
	Registered:   {"R", "R", Talk},
	StillBound:   {"╶", "-", Dim},
	Unregistered: {"○", "o", Dim},
	LightIdle:    {"░", ":", Dim},
	DeepIdle:     {"▒", "%", Grace},
	Maintenance:  {"○", "o", Talk},
	PacketCame:   {"·", ".", Talk},
	PacketLate:   {"»", ">", Woken},
	PacketGone:   {"╳", "x", Fault},
	PacketsSome:  {"~", "~", Woken},
	PacketSent:   {"-", "-", Dim},
	DozesOff:     {"·", ".", Faint},
}

// Ink is the sign's colour.
func (s Sign) Ink() Ink { return marks[s].ink }

// Glyph is the sign in one cell.
func (s Sign) Glyph() string { return marks[s].glyph }

// ASCII is the same for a terminal that has nothing else.
func (s Sign) ASCII() string { return marks[s].ascii }

// PostSign is the sign of a step of a notification.
func PostSign(p Post) Sign {
	switch p {
	case "posted", "updated":
		return Posted
	case "missed", "expired", "refused":
		return Missed
	}
	return Gone
}

// PushSign is the sign of a step of a push.
func PushSign(p Push) Sign {
	switch p {
	case "sent":
		return Sent
	case "delivered":
		return Delivered
	case "queued":
		return Queued
	}
	return Lost
}

// BindingSign is the sign of a step of the registration. An app that takes
// its binding away has lost nothing.
func BindingSign(p BindingPhase) Sign {
	switch p {
	case "active":
		return Registered
	case "removed":
		return Unregistered
	}
	return Lost
}

// FateSign is the sign of what became of packets of audio.
func FateSign(f Fate) Sign {
	return [...]Sign{FateNone: NoSign, FateCame: PacketCame, FateLate: PacketLate, FateGone: PacketGone, FateSome: PacketsSome, FateSent: PacketSent}[f]
}

// CallSign is the sign of a state of the call.
func CallSign(s CallState) Sign {
	switch s {
	case Ringing:
		return Ring
	case Up:
		return Connected
	case Frozen:
		return Mute
	}
	return NoSign
}

// IdleSign is the sign of a state of the device's idleness.
func IdleSign(s Idleness) Sign {
	switch {
	case s == "" || s == "active":
		return NoSign
	case strings.HasSuffix(string(s), "-maintenance"):
		return Maintenance
	case s == "light-idle":
		return LightIdle
	case s == "deep-idle":
		return DeepIdle
	}
	return DozesOff
}

// IdleOutranks reports whether state a hides state b where there is room for
// one alone: a window is short, and what it is all about.
func IdleOutranks(a, b Idleness) bool { return idleWorth(a) >= idleWorth(b) }

func idleWorth(s Idleness) int {
	switch IdleSign(s) {
	case Maintenance:
		return 3
	case LightIdle, DeepIdle:
		return 2
	case DozesOff:
		return 1
	}
	return 0
}
