package event

import "fmt"

// Held is data that waited in the kernel while the app was suspended: waiting, where it
// does not wake the app, and then released, when the app has read it, or dropped. The
// emulator sees that it is there and does not read it; the app cannot know how long it was.
type Held struct {
	Phase     HeldPhase `json:"phase"`
	Transport string    `json:"transport"`
	Local     string    `json:"local"` // of the phone
	Remote    string    `json:"remote,omitempty"`
	// What it was, once the app has read it, as that of a [Swallowed].
	What   string `json:"what,omitempty"`
	From   string `json:"from,omitempty"`
	CallID string `json:"call_id,omitempty"`
	Bytes  int    `json:"bytes,omitempty"` // 0: not known
	// For is how long it waited, from when it came. At least says that it may have been
	// longer, or more bytes.
	For     Millis `json:"for_ms"`
	AtLeast bool   `json:"at_least,omitempty"`
	// Wake is the number of the wake in which it was read; 0: the user opened the app.
	Wake int `json:"wake,omitempty"`
}

// A HeldPhase is a step of what waits in the kernel.
type HeldPhase string

// The steps of what waits.
const (
	HeldWaiting  HeldPhase = "waiting"
	HeldReleased HeldPhase = "released"
	HeldDropped  HeldPhase = "dropped" // the app's socket is gone, and nobody has read it
)

// HeldPhases are all of them.
func HeldPhases() []HeldPhase { return []HeldPhase{HeldWaiting, HeldReleased, HeldDropped} }

func (e Held) Text() (string, string) {
	least := ""
	if e.AtLeast {
		least = "at least "
	}
	return "kernel " + string(e.Phase), join(", ", e.What, unless(e.From == "", "from %s", e.From), unless(e.Bytes == 0, "%s%d B", least, e.Bytes),
		unless(e.Phase == HeldWaiting, "held for %s%s", least, e.For), unless(e.Phase != HeldWaiting, "%s", "it does not wake the app"),
		unless(e.Wake == 0, "read in wake %s", fmt.Sprint(e.Wake)), ends(e.Transport, e.Local, e.Remote))
}
