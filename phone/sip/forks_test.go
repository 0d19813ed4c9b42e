package sip

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestHundredForks: whoever answers gets an ACK and a BYE, up to a bound that is
// said, and the log is not flooded.
func TestHundredForks(t *testing.T) {
	for forks, note := range map[int]string{
		100:          "100 more answered the call to sip:bob@example.com: each was acknowledged and hung up",
		maxForks + 5: fmt.Sprintf("%d more answered the call to sip:bob@example.com: each was acknowledged and hung up, and 5 more answers acknowledged only", maxForks),
	} {
		r := registered(t)
		r.plays("invite bob", "respond INVITE 200 tag=first sdp Contact: <sip:bob@192.0.2.7>")
		sent, notes := map[string]int{}, []string{}
		r.seen = func(out control.Output, _ int) {
			for _, e := range out.Effects {
				l, _ := e.(system.Log)
				switch e := l.Event.(type) {
				case event.Message:
					if e.Out {
						sent[e.Method]++
					}
				case event.Warning:
					notes = append(notes, e.Note)
				}
			}
		}
		for i := range forks {
			r.plays(fmt.Sprintf("respond INVITE 200 tag=%d sdp Contact: <sip:bob@192.0.2.8>", i))
		}
		r.plays("advance 2s")
		if sent["ACK"] != forks || sent["BYE"] != min(forks, maxForks) || len(notes) != 1 || notes[0] != note {
			t.Errorf("%d forks: sent %v, told %q", forks, sent, notes)
		}
	}
}

// TestForkTagsAreBounded: a tag may be as long as a message.
func TestForkTagsAreBounded(t *testing.T) {
	var f forks
	if !f.hangUp(time.Time{}, strings.Repeat("x", 60_000)) || len(f.tags[0]) != maxForkTag {
		t.Errorf("%d bytes are kept", len(f.tags[0]))
	}
}
