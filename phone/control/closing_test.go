package control

import (
	"errors"
	"fmt"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

func TestClosing(t *testing.T) {
	tests := []struct {
		err  error
		want event.SocketPhase
	}{
		{nil, "closed"},
		{system.Reset, "reset"},
		{fmt.Errorf("TLS with pbx: %w", system.Reset), "reset"},
		{system.TimedOut, "broken"},
		{errors.New("the counters were reset"), "broken"}, // its words do not count
	}
	for _, test := range tests {
		phase, err := Closing(test.err)
		if phase != test.want || err == nil || test.err != nil && !errors.Is(err, test.err) {
			t.Errorf("%v: phase %q, error %v", test.err, phase, err)
		}
	}
}
