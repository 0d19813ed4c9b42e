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

// TestRefused says what a server has answered, with its number if it has one.
func TestRefused(t *testing.T) {
	for status, want := range map[int]string{
		403: "the server refused to register alice: 403 no",
		0:   "the server refused to register alice: no",
	} {
		log := new(event.Log)
		log.Append(event.Record{Phone: "alice", Event: event.Registration{Phase: event.RegistrationFailed, Status: status, Reason: "no"}})
		if err := Refused(log, "alice"); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestRefusedFlows: of several flows of one account, one that was let in is enough.
func TestRefusedFlows(t *testing.T) {
	for flow, want := range map[int]bool{0: true, 1: false} {
		log := new(event.Log)
		is := func(account string, e event.Event) {
			log.Append(event.Record{Phone: "alice", Account: account, Event: e})
		}
		is("", event.Start{Accounts: []event.Account{{Name: "one", Flow: flow}, {Name: "two", Flow: flow}}})
		is("one", event.Registration{Phase: event.RegistrationFailed, Status: 403, Reason: "no"})
		if Refused(log, "alice") == nil {
			t.Errorf("flow %d: none was let in", flow)
		}
		is("two", event.Registration{Phase: event.RegistrationActive})
		if err := Refused(log, "alice"); err != nil != want {
			t.Errorf("flow %d: %v", flow, err)
		}
	}
}
