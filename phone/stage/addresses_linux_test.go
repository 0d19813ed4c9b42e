package stage

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/setup"
)

// TestAddressesLive: a live phone is given a server with its port that has three
// addresses. Nobody is at the first, which is passed over; the second answers a call with
// 503, and the third takes it (RFC 3263 §4.3). Only Linux has all of 127.0.0.0/8.
func TestAddressesLive(t *testing.T) {
	one, at := liveLabAt(t, 1, "127.0.0.2:0")
	two, _ := liveLabAt(t, 2, fmt.Sprintf("127.0.0.3:%d", at.Port()))
	labs := map[string]*LabHost{"127.0.0.2": one, "127.0.0.3": two}
	ph, log := foundBy(t, setup.Values{"server": fmt.Sprintf("pbx.example.test:%d", at.Port()), "domain": "example.test"}, nil,
		"pbx.example.test A 127.0.0.4", "pbx.example.test A 127.0.0.2", "pbx.example.test A 127.0.0.3")
	var opened []string
	warned := ""
	for r := range log.Follow(t.Context(), 0) {
		switch e := r.Event.(type) {
		case event.Socket:
			if e.Phase == event.SocketOpen {
				opened = append(opened, netip.MustParseAddrPort(e.Remote).Addr().String())
			}
		case event.Registration:
			if e.Phase == event.RegistrationActive && len(opened) == 1 {
				if err := labs[opened[0]].Say(t.Context(), "respond 503 to INVITE", "script"); err != nil {
					t.Fatal(err)
				}
				if err := ph.Do(t.Context(), "call echo", "script"); err != nil {
					t.Fatal(err)
				}
			}
		case event.Warning:
			warned += e.Note
		case event.Call:
			if e.Phase == event.CallEnded {
				t.Fatalf("the call has ended: %+v", e)
			}
			if e.Phase != event.CallUp {
				continue
			}
			if len(opened) != 2 || opened[0] == opened[1] || !strings.Contains(warned, "("+opened[0]+") failed: 503") {
				t.Errorf("opened %v; said %q", opened, warned)
			}
			return
		}
	}
}
