package system

import (
	"errors"
	"fmt"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// Bounds of the pace of a device clock: at the fastest, a day passes in
// 24 s. They keep a slip of the keyboard from being a clock that stands
// still.
const (
	MinRate = 0.1
	MaxRate = 3600
)

// ErrNotFrozen answers a wish to change the device clock while the program
// runs: a real server would meet hurried timers.
var ErrNotFrozen = errors.New("the device clock can be changed only while the app is suspended")

// A Pace is how fast a device clock runs against that on the wall, by the rule
// that every shell has: it can be changed only while the program is frozen, a
// thaw brings it back to x1, and a pace that was asked for "while suspended" is
// set at each freeze. The zero value runs at x1.
type Pace struct {
	rate   float64 // 0: 1
	asleep float64 // what a freeze sets; 0: nothing
	frozen bool
}

// Rate is the pace now.
func (p *Pace) Rate() float64 {
	if p.rate == 0 {
		return 1
	}
	return p.rate
}

// Set changes the pace until the next thaw. It gives what is to be written
// down; nil: that was the pace already.
func (p *Pace) Set(x float64) (event.Event, error) {
	switch {
	case !(x >= MinRate && x <= MaxRate): // also refuses NaN
		return nil, fmt.Errorf("clock x%g: must be between x%g and x%g", x, MinRate, float64(MaxRate))
	case x == p.Rate():
		return nil, nil
	case !p.frozen:
		return nil, ErrNotFrozen
	}
	p.rate = x
	return event.ClockRate{Rate: x, Why: "while the app is suspended"}, nil
}

// Asleep sets the pace of this freeze, if there is one, and of every later one.
func (p *Pace) Asleep(x float64) (event.Event, error) {
	said, err := p.Set(x)
	if err == nil || errors.Is(err, ErrNotFrozen) {
		p.asleep = x
		return said, nil
	}
	return nil, err
}

// Freeze notes that the program is frozen.
func (p *Pace) Freeze() event.Event {
	p.frozen = true
	if p.asleep == 0 {
		return nil
	}
	said, _ := p.Set(p.asleep) // which has been let pass, and now it is frozen
	return said
}

// Thaw notes that the program runs.
func (p *Pace) Thaw() event.Event {
	p.frozen = false
	if p.Rate() == 1 {
		return nil
	}
	p.rate = 1
	return event.ClockRate{Rate: 1, Why: "the app runs"}
}
