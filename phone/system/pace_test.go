package system

import (
	"errors"
	"math"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// paced is what is written down of a change of the pace; 0: nothing.
func paced(e event.Event) float64 {
	if e == nil {
		return 0
	}
	return e.(event.ClockRate).Rate
}

// TestPaceOfAFreeze: a pace that is set while the program is frozen holds until
// it thaws.
func TestPaceOfAFreeze(t *testing.T) {
	var p Pace
	if _, err := p.Set(60); !errors.Is(err, ErrNotFrozen) || p.Rate() != 1 {
		t.Errorf("set while the program runs: x%g, %v", p.Rate(), err)
	}
	if said := p.Freeze(); said != nil {
		t.Errorf("a freeze alone changes the pace: %v", said)
	}
	if said, err := p.Set(60); err != nil || paced(said) != 60 || p.Rate() != 60 {
		t.Errorf("x%g, said %v, %v", p.Rate(), said, err)
	}
	if said, err := p.Set(60); err != nil || said != nil {
		t.Errorf("the pace that it is already: said %v, %v", said, err)
	}
	if said := p.Thaw(); paced(said) != 1 || p.Rate() != 1 {
		t.Errorf("thawed at x%g, said %v", p.Rate(), said)
	}
	if said := p.Thaw(); said != nil {
		t.Errorf("a thaw at x1 is written down: %v", said)
	}
	if _, err := p.Set(60); !errors.Is(err, ErrNotFrozen) {
		t.Errorf("set after the thaw: %v", err)
	}
	if said := p.Freeze(); said != nil || p.Rate() != 1 {
		t.Errorf("the next freeze has the pace of the last: x%g", p.Rate())
	}
}

// TestPaceAsleep: a pace for whenever the program is frozen is set at each
// freeze, this one included.
func TestPaceAsleep(t *testing.T) {
	var p Pace
	if said, err := p.Asleep(60); err != nil || said != nil || p.Rate() != 1 {
		t.Errorf("while the program runs: x%g, said %v, %v", p.Rate(), said, err)
	}
	for range 2 {
		if said := p.Freeze(); paced(said) != 60 || p.Rate() != 60 {
			t.Errorf("frozen at x%g, said %v", p.Rate(), said)
		}
		if said := p.Thaw(); paced(said) != 1 {
			t.Errorf("thawed: said %v", said)
		}
	}
	p.Freeze()
	if said, err := p.Asleep(10); err != nil || paced(said) != 10 {
		t.Errorf("in this freeze: said %v, %v", said, err)
	}
	if _, err := p.Asleep(0); err == nil {
		t.Error("x0 is taken")
	}
	p.Thaw()
	if p.Freeze(); p.Rate() != 10 {
		t.Errorf("a pace that was refused is set at the next freeze: x%g", p.Rate())
	}
}

// TestPaceBounds: the slowest and the fastest that a clock runs.
func TestPaceBounds(t *testing.T) {
	for x, ok := range map[float64]bool{
		0.1: true, 0.0999: false, 3600: true, 3600.1: false, 0: false, -60: false, math.Inf(1): false, math.NaN(): false,
	} {
		var p Pace
		p.Freeze()
		if _, err := p.Set(x); (err == nil) != ok || !ok && p.Rate() != 1 {
			t.Errorf("x%g: x%g, %v", x, p.Rate(), err)
		}
	}
}
