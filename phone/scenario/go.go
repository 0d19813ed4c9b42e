package scenario

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// Event is an expectation in Go: of an event of one type for which ok holds
// (nil: any). The text names it in messages: "no TEXT within 2 s".
func Event[E event.Event](text string, ok func(E) bool) Expectation {
	var zero E
	return Expectation{text: text, head: zero.Kind(), meaning: happens(ok)}
}

// Await is a step that waits for an expectation, as the line at a place says.
func Await(at Place, actor string, e Expectation, within time.Duration) Step {
	return Step{
		Place: at, Text: "expect " + e.text, Actor: actor, Kind: Expecting,
		Expect: &Expect{Terms: []Term{{Place: at, Expectation: e}}, Within: within},
	}
}
