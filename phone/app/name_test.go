package app

import (
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// naming is an agent that names whatever it is shown.
type naming struct{ control.Agent }

func (naming) NameFrame(data []byte) string { return "frame " + string(data) }

// TestNameFrame: the agent names what arrives, but for what the wake server
// says.
func TestNameFrame(t *testing.T) {
	wake := newRig(t, Config{Strategy: WakeSocket, WakeServer: "192.0.2.1:5070"})
	wake.plays(play{system.Launched{}, "wake connecting, connect 1"})
	for _, c := range []struct {
		strategy strategy
		socket   system.Socket
		data     string
		want     string
	}{
		{wake.strategy, 1, "WAKE 17\r\n", "WAKE"},
		{wake.strategy, 1, "\x16\x03", control.Unnamed},
		{wake.strategy, 2, "WAKE 17", "frame WAKE 17"},
		{newRig(t, Config{Strategy: WakeSocket, WakeServer: "192.0.2.1:5070"}).strategy, 0, "x", "frame x"}, // there is none yet
		{newRig(t, Config{Strategy: VoIPSocket}).strategy, 1, "WAKE 17", "frame WAKE 17"},
	} {
		a := &App{strategy: c.strategy, lines: lines{{agent: naming{}}}}
		if got := a.NameFrame(c.socket, []byte(c.data)); got != c.want {
			t.Errorf("%q on socket %d: %q, want %q", c.data, c.socket, got, c.want)
		}
	}
}
