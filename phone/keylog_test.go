package phone_test

import (
	"bytes"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/lab"
	"github.com/sleeptalk/sleeptalk/phone/link"
	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/sip/server"
	"github.com/sleeptalk/sleeptalk/phone/verb"
	"github.com/sleeptalk/sleeptalk/phone/world"
)

// TestKeyLogOfAudio: the file for secrets has those of the handshakes for audio keys, though
// the signalling has no TLS, and the log begins with that.
func TestKeyLogOfAudio(t *testing.T) {
	at := netip.AddrPortFrom(deskAddr, 5060).String()
	desk, err := lab.New(lab.Config{
		Config: server.Config{Addr: at, Accounts: []lab.Account{{User: "alice", Password: "secret"}}},
		Rand:   rand.New(rand.NewPCG(1, 1)), Robots: lab.Robots(),
	})
	if err != nil {
		t.Fatal(err)
	}
	profile, err := device.Load("desktop")
	if err != nil {
		t.Fatal(err)
	}
	var secrets bytes.Buffer
	alice, err := phone.New(phone.Config{
		Profile: profile, Seed: 1, Mic: "silence", Speaker: "none",
		TLS: secure.Config{KeyLog: &secure.KeyLog{Name: "keys.log", W: &secrets}},
		App: app.Config{
			Account: sip.Config{AOR: "sip:alice@lab.test", Password: "secret", Server: at}, Strategy: app.NoStrategy,
			SRTP: sdp.Required, DTLS: true,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	log := new(event.Log)
	w := world.New(world.Config{Seed: 1, Log: log})
	w.Do(w.Add("lab", deskAddr, desk, link.Path{}), desk.Start)
	node := w.Add("alice", aliceAddr, alice, link.Path{})
	w.Do(node, alice.Start)
	w.RunUntil(time.Second)
	call, err := verb.ParsePhone("call echo")
	if err != nil {
		t.Fatal(err)
	}
	if err := doVerb(w, node, alice, call); err != nil {
		t.Fatal(err)
	}
	w.RunUntil(3 * time.Second)
	if got := secrets.String(); strings.Count(got, "CLIENT_RANDOM ") != strings.Count(got, "\n") || got == "" {
		t.Errorf("the key log has %q", got)
	}
	for _, r := range log.After(0) {
		if e, ok := r.Event.(event.Warning); ok && e.Rule == event.RuleKeysWritten && strings.Contains(e.Note, "DTLS") {
			return
		}
	}
	t.Error("nothing says that the secrets are written")
}
