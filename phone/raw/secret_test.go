package raw

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestPasswordIsNotShown: no frame is logged with the password in it, not in hex
// either, whoever has sent it.
func TestPasswordIsNotShown(t *testing.T) {
	const password = "hunter22"
	w := &wire{cfg: &Config{Password: password}}
	for _, frame := range []string{"WELCOME " + password + "\r\n", "\x00\x08" + password + "\xff"} {
		e := w.trace(event.Data{}, []byte(frame))
		bytes := strings.Join(strings.Fields(e.Hex), "")
		if strings.Contains(e.Raw+e.Hex, password) || strings.Contains(bytes, hex.EncodeToString([]byte(password))[:16]) || e.Raw+e.Hex == "" {
			t.Errorf("%q is logged as %q %s", frame, e.Raw, e.Hex)
		}
	}
	short := &wire{cfg: &Config{Password: "E"}}
	if e := short.trace(event.Data{}, []byte("WELCOME")); e.Raw != "WELCOME" {
		t.Errorf("a password of one letter has made %q of it", e.Raw)
	}
}
