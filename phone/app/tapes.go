package app

import (
	"fmt"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// tapes are what is known of the recordings, of which each has the rate of the first call
// in it.
type tapes struct {
	rate int  // of both; 0: nothing has been recorded
	told bool // that a call has more
}

// takes notes that sound of a rate is recorded, and returns what there is to say of it.
func (t *tapes) takes(rate int) (event.Warning, bool) {
	if t.rate == 0 {
		t.rate = rate
	}
	if t.told || rate <= t.rate {
		return event.Warning{}, false
	}
	t.told = true
	return event.Warning{
		Rule: event.RuleSoundNarrowed,
		Note: fmt.Sprintf("the recording began with a call of %d Hz: of this one, of %d Hz, it keeps what lies below %d Hz", t.rate, rate, t.rate/2),
		Hint: "record each call into a file of its own",
	}, true
}
