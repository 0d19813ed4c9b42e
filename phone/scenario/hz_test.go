package scenario

import (
	"testing"

	"github.com/sleeptalk/sleeptalk/audio/endpoint"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// TestHz: what can be spoken and expected as a tone is what a microphone can be.
func TestHz(t *testing.T) {
	for _, hz := range []string{"-1", "0", "19.9", "20", "440", "20000", "20000.5", "48000", "NaN", "+Inf", "loud", ""} {
		_, mic := endpoint.ParseMic("tone:" + hz)
		_, err := verb.ParseHz(hz)
		if _, p := Parse("audio tone " + hz); hz != "" && (p == nil) != (mic == nil) || (err == nil) != (mic == nil) {
			t.Errorf("%s Hz: a microphone: %v; a verb: %v; a claim: %v", hz, mic, err, p)
		}
	}
}
