package picture_test

import (
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// TestCauseOfAWake: only a wake by the socket in which nothing was read has no
// cause.
func TestCauseOfAWake(t *testing.T) {
	for _, c := range []struct {
		wake         event.WakeRow
		word, letter string
	}{
		{event.WakeRow{Cause: event.BySocket, Timed: true, What: "INVITE"}, "INVITE", "I"},
		{event.WakeRow{Cause: event.BySocket, Timed: true, What: "FIN", Over: true}, "closed", "C"},
		{event.WakeRow{Cause: event.BySocket, Timed: true, What: "INVITE", Late: true}, "INVITE", "L"},
		{event.WakeRow{Cause: event.BySocket, Timed: true, What: "WAKE alice"}, "WAKE alice", "S"},
		{event.WakeRow{Cause: event.BySocket, Timed: true, What: "200 OK"}, "200 OK", "S"},
		{event.WakeRow{Cause: event.BySocket}, "socket", "?"},
		{event.WakeRow{Cause: event.BySocket, Over: true}, "no cause", "?"},
		{event.WakeRow{Cause: event.ByUser, Over: true}, "user", "f"},
		{event.WakeRow{Cause: event.ByQuit, Over: true}, "quit", "q"},
		{event.WakeRow{Cause: event.ByKeepalive, Over: true}, "keepalive", "K"},
		{event.WakeRow{Cause: event.ByPush, Over: true}, "push", "P"},
		{event.WakeRow{Cause: event.ByNotification, Over: true}, "tapped", "n"},
	} {
		if word, letter := picture.CauseWord(&c.wake), picture.CauseLetter(&c.wake); word != c.word || letter != c.letter {
			t.Errorf("%+v: %s %s, want %s %s", c.wake, word, letter, c.word, c.letter)
		}
	}
}
