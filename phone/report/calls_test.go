package report

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestCaptureCalls: of the calls that were asked for there are the messages, the audio and
// what happened meanwhile, and of no other call anything.
func TestCaptureCalls(t *testing.T) {
	log, wire := new(event.Log), new(Wire)
	wall := time.Date(2026, 8, 23, 14, 0, 0, 0, time.UTC)
	add := func(e event.Event) {
		wall = wall.Add(time.Second)
		log.Append(event.Record{Phone: "alice", Wall: wall, Event: e})
	}
	rtp := func(local string) {
		packet := append([]byte{0x80, 0}, make([]byte, 20)...)
		wire.Add(system.Datagram{At: wall, Local: netip.MustParseAddrPort(local), Remote: netip.MustParseAddrPort("192.0.2.1:9000"), Out: true, Data: packet})
	}
	add(event.Start{AOR: "sip:alice@lab.test"})
	add(event.Socket{Name: "control", Phase: event.SocketOpen, Local: "192.0.2.10:49152", Remote: "192.0.2.1:5060"})
	for i, id := range []string{"one", "two"} {
		local := []string{"192.0.2.10:4000", "192.0.2.10:4002"}[i]
		add(event.Message{Method: "INVITE", CallID: id, Raw: "INVITE " + id + " SIP/2.0\r\n\r\n"})
		add(event.Call{ID: i + 1, Phase: event.CallIncoming, Peer: "sip:bob@lab.test", CallID: id, Name: "Caller " + id})
		add(event.Held{Phase: event.HeldReleased, What: "INVITE", CallID: id, From: "Holder " + id})
		add(event.Media{Call: i + 1, Phase: event.MediaStart, Local: local})
		rtp(local)
	}
	add(event.Ping{Out: true})
	add(event.Lock{On: true})
	add(event.Message{Out: true, Method: "INVITE", Status: 180, CallID: "two", Raw: "SIP/2.0 180 two\r\n\r\n"})
	for ids, want := range map[string]struct {
		has, not  []string
		datagrams int
	}{
		"two":     {[]string{"INVITE two", "180 two", "Caller two", "Holder two", "locked"}, []string{"INVITE one", "Caller one", "Holder one", "\r\n\r\n\r\n\r\n"}, 1},
		"one two": {[]string{"INVITE one", "INVITE two", "Caller one"}, nil, 2},
		"three":   {nil, []string{"INVITE", "Caller"}, 0},
	} {
		var file bytes.Buffer
		if err := CaptureCalls(&file, log, wire, strings.Fields(ids)); err != nil {
			t.Fatal(err)
		}
		for _, words := range want.has {
			if !bytes.Contains(file.Bytes(), []byte(words)) {
				t.Errorf("%s: no %q", ids, words)
			}
		}
		for _, words := range want.not {
			if bytes.Contains(file.Bytes(), []byte(words)) {
				t.Errorf("%s: %q is in it", ids, words)
			}
		}
		d, n := dissect(t, file.Bytes()), 0
		if ids == "three" && d.packets != 3 { // the handshake: keepalives are of no call
			t.Errorf("%s: %d packets", ids, d.packets)
		}
		for _, list := range d.datagrams {
			n += len(list)
		}
		if n != want.datagrams {
			t.Errorf("%s: %d datagrams, want %d", ids, n, want.datagrams)
		}
	}
}
