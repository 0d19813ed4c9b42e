package lines

import (
	"errors"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// What a log has let go is not held against a phone: its recordings are not
// taken for those of one that was never on the network.
func TestReachedOfACutLog(t *testing.T) {
	log := event.NewLog(func() (event.Store, error) { return nil, errors.New("no disk") })
	log.Append(event.Record{Phone: "alice", Event: event.Registration{Phase: event.RegistrationFailed, Status: 403}})
	if Reached(log, "alice") || Refused(log, "alice") == nil {
		t.Error("a phone that was refused is taken for one that was let in")
	}
	raw := make([]byte, 1<<20)
	for n := byte(0); log.Lost() == 0; n++ {
		for i := range raw {
			raw[i] = byte(i*i>>7) ^ byte(i*31>>3) ^ n*77
		}
		log.Append(event.Record{Phone: "alice", Event: event.Data{Raw: string(raw)}})
	}
	if !Reached(log, "alice") || Refused(log, "alice") != nil {
		t.Error("what is lost is taken for what never was")
	}
}
