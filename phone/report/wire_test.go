package report

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtcp"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/phone/stage"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// called plays a call of three seconds in virtual time, and returns its log and
// packets.
func called(t testing.TB) (*event.Log, *Wire) {
	t.Helper()
	return calledBy(t, "")
}

// calledBy is the same by a phone with more settings, as a scenario has them.
func calledBy(t testing.TB, use string) (*event.Log, *Wire) {
	t.Helper()
	f, err := scenario.ParseFile("call.talk", []byte(use+"register\nexpect registered\ncall bob\nexpect call up\nwait 4s\nhang up\nexpect call ended"), nil)
	if err != nil {
		t.Fatal(err)
	}
	wire := new(Wire)
	w, err := stage.New(stage.Config{Casting: stage.Casting{File: f}, Seed: 1, Tap: wire.Add})
	if err != nil {
		t.Fatal(err)
	}
	if r := play.Run(context.Background(), f, w, play.Options{World: true, Seed: 1}); r.Verdict() != play.Passed {
		t.Fatal(r.Verdict())
	}
	return w.Log(), wire
}

// The ends of RTP in [called].
const (
	aliceRTP = "192.0.2.10:49152"
	bobRTP   = "192.0.2.1:49152"
)

// TestCaptureHasRTP checks that the capture has every packet of a call, both
// ways, byte for byte.
func TestCaptureHasRTP(t *testing.T) {
	log, wire := called(t)
	d := dissect(t, captured(t, log, wire))
	var want [2][][]byte
	for _, p := range wire.packets {
		if p.Local.Port()%2 == 0 {
			want[side(p.Out)] = append(want[side(p.Out)], p.Data)
		}
	}
	for i, way := range []string{aliceRTP + " > " + bobRTP, bobRTP + " > " + aliceRTP} {
		if got := d.datagrams[way]; len(got) < 150 || !bytes.Equal(bytes.Join(got, nil), bytes.Join(want[i], nil)) {
			t.Errorf("%s: %d packets in the capture, %d on the wire", way, len(got), len(want[i]))
		}
	}
	if way := "192.0.2.10:49153 > 192.0.2.1:49153"; len(d.datagrams[way]) == 0 || !isRTCP(d.datagrams[way][0]) {
		t.Errorf("%s: no RTCP", way)
	}
	if about := (&capture{kept: 300}).about(); !strings.Contains(about, "300 packets") {
		t.Error(about)
	}
}

// TestCaptureIsInOrder checks that the packets of the log and of the tap are in
// the order of time, the log's first at equal times.
func TestCaptureIsInOrder(t *testing.T) {
	log, wire := called(t)
	var last packet
	n := 0
	c := newCapture(homesOf(log), wire, func(p packet) error {
		if n++; p.at.Before(last.at) {
			t.Errorf("packet %d is %s before the one before it", n, last.at.Sub(p.at))
		}
		last = p
		return nil
	})
	if err := c.run(log); err != nil || n < 100 {
		t.Errorf("%d packets, %v", n, err)
	}
}

// TestHome checks which of our addresses a datagram gets.
func TestHome(t *testing.T) {
	log := new(event.Log)
	log.Append(event.Record{Event: event.Media{Phase: "start", Local: "192.0.2.10:4000"}})
	log.Append(event.Record{Event: event.Media{Phase: "start", Local: "no address"}})
	c := &capture{homes: homesOf(log)}
	for _, tt := range []struct{ local, remote, want string }{
		{"[::]:4000", "192.0.2.1:9", "192.0.2.10:4000"},
		{"[::]:4001", "192.0.2.1:9", "192.0.2.10:4001"},
		{"0.0.0.0:4000", "[::ffff:192.0.2.1]:9", "192.0.2.10:4000"},
		{"192.0.2.77:4000", "192.0.2.1:9", "192.0.2.77:4000"},
		{"[::]:5000", "192.0.2.1:9", "0.0.0.0:5000"},
		{"[::]:4000", "[2001:db8::1]:9", "[::]:4000"},
	} {
		got := c.home(system.Datagram{Local: netip.MustParseAddrPort(tt.local), Remote: netip.MustParseAddrPort(tt.remote)})
		if got.String() != tt.want {
			t.Errorf("%s to %s: %v, want %s", tt.local, tt.remote, got, tt.want)
		}
	}
}

func rtpOf(size int) system.Datagram {
	return system.Datagram{At: time.Unix(1, 0), Remote: netip.MustParseAddrPort(bobRTP), Data: append([]byte{0x80}, make([]byte, size-1)...)}
}

// TestWireIsBounded fills a wire: it keeps the beginning without a hole, and
// the capture says so.
func TestWireIsBounded(t *testing.T) {
	wire := new(Wire)
	room := MaxWire / (172 + wireEntry)
	for range room + 10 {
		wire.Add(rtpOf(172))
	}
	wire.Add(rtpOf(12)) // it would fit
	if len(wire.packets) != room || wire.Left() != 11 {
		t.Errorf("%d are kept and %d left, want %d and 11", len(wire.packets), wire.Left(), room)
	}
	if minutes := float64(room) / 100 / 60; minutes < 2.25 || minutes > 2.5 {
		t.Errorf("that is %.2f minutes", minutes)
	}
	file := captured(t, new(event.Log), wire)
	if want := fmt.Sprintf("first %d packets (4 MiB with what it takes to keep them); the 11 after them are left out", room); !bytes.Contains(file, []byte(want)) {
		t.Errorf("the file does not say %q", want)
	}
}

// TestWireKeepsRTPOnly gives a wire other datagrams too, and checks that it
// copies what it keeps.
func TestWireKeepsRTPOnly(t *testing.T) {
	wire := new(Wire)
	for _, data := range []string{"", "\x80", "REGISTER sip:lab.test SIP/2.0\r\n", "\r\n\r\n\r\n\r\n", "\x00\x01\x00\x00\x21\x12\xa4\x42", "\x16\xfe\xfd\x00\x00\x00\x00\x00"} {
		wire.Add(system.Datagram{Remote: netip.MustParseAddrPort(bobRTP), Data: []byte(data)})
	}
	wire.Add(rtpOf(maxUDP + 1))
	if len(wire.packets) != 0 || wire.Left() != 0 {
		t.Errorf("kept %d packets, %d left", len(wire.packets), wire.Left())
	}
	d := rtpOf(12)
	wire.Add(d)
	wire.Add(rtpOf(maxUDP))
	d.Data[1] = 0xFF
	if len(wire.packets) != 2 || wire.packets[0].Data[1] != 0 {
		t.Errorf("kept %d", len(wire.packets))
	}
}

// TestRedactedWire checks that the addresses of the packets have the same masks
// as those of the messages, and that RTCP names nobody.
func TestRedactedWire(t *testing.T) {
	log, wire := called(t)
	mask := NewRedactor(log)
	file := captured(t, mask.Log(log), mask.Wire(wire))
	d := dissect(t, file)
	ways := 0
	for way, packets := range d.datagrams {
		from, _, _ := strings.Cut(way, " > ")
		host, _, _ := strings.Cut(from, ":")
		if !strings.HasPrefix(host, "198.18.0.") || !bytes.Contains(file, []byte("c=IN IP4 "+host+"\r\n")) {
			t.Errorf("no SDP names %s", host)
		}
		ways += len(packets) / 150
	}
	if ways != 2 {
		t.Errorf("RTP goes %d ways", ways)
	}
	if at := someone.FindIndex(file); at != nil || bytes.Contains(file, []byte("192.0.2.")) {
		t.Errorf("somebody can be seen at %v", at)
	}
	if !bytes.Equal(captured(t, log, wire), captured(t, log, wire)) || wire.packets[0].Local.String() != aliceRTP && wire.packets[0].Local.String() != bobRTP {
		t.Error("the originals were changed")
	}
}

// TestRedactedRTCP masks the texts of packets, and all of a packet that cannot
// be parsed.
func TestRedactedRTCP(t *testing.T) {
	m := new(Redactor)
	m.user("alice")
	compound := func(packets ...rtcp.Packet) []byte {
		b, err := rtcp.Marshal(packets)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	named := compound(&rtcp.ReceiverReport{SSRC: 7}, rtcp.NewCNAMESourceDescription(7, "alice@192.0.2.10"), &rtcp.Goodbye{Sources: []uint32{7}, Reason: "alice left"})
	want := compound(&rtcp.ReceiverReport{SSRC: 7}, rtcp.NewCNAMESourceDescription(7, "user1@198.18.0.1"), &rtcp.Goodbye{Sources: []uint32{7}, Reason: "user1 left"})
	if got := m.rtcp(named); !bytes.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for _, data := range [][]byte{
		compound(&rtcp.ApplicationDefined{SSRC: 7, Name: "NAME", Data: []byte("alice...")}),
		append(compound(&rtcp.ReceiverReport{SSRC: 7}), "alice"...),
		[]byte("\x80\xd0\x00\x03\x00\x00\x00\x07alice..."),
	} {
		if got := m.rtcp(data); len(got) != len(data) || bytes.Contains(got, []byte("alice")) || !bytes.Equal(got[:8], data[:8]) {
			t.Errorf("%q became %q", data, got)
		}
	}
}

// BenchmarkWire keeps one RTP packet of G.711.
func BenchmarkWire(b *testing.B) {
	d := rtpOf(172)
	wire := new(Wire)
	b.ReportAllocs()
	for b.Loop() {
		if wire.left > 0 {
			wire = new(Wire)
		}
		wire.Add(d)
	}
}
