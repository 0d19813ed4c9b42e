package report

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/pion/rtcp"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/phone/stage"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// clearCall is a call of three seconds with SRTP, and its packets as they were opened.
func clearCall(t *testing.T, keys string) (*event.Log, *Wire) {
	t.Helper()
	f, err := scenario.ParseFile("call.talk", []byte("use phone alice srtp=required srtp-keys="+keys+" mic=tone:440\nregister\nexpect registered\ncall bob\nexpect call up\nwait 8s\nhang up\nexpect call ended"), nil)
	if err != nil {
		t.Fatal(err)
	}
	wire := new(Wire)
	wire.Clear()
	w, err := stage.New(stage.Config{Casting: stage.Casting{File: f}, Seed: 1, Tap: wire.Add, Opened: wire.Open})
	if err != nil {
		t.Fatal(err)
	}
	if r := play.Run(context.Background(), f, w, play.Options{World: true, Seed: 1}); r.Verdict() != play.Passed {
		t.Fatal(r.Verdict())
	}
	return w.Log(), wire
}

// TestCaptureInClear: where it is asked for, a capture has SRTP and SRTCP as they were opened,
// in both directions, wherever the keys came from.
func TestCaptureInClear(t *testing.T) {
	for _, keys := range []string{"sdes", "dtls"} {
		log, wire := clearCall(t, keys)
		var audio, reports [2]int
		for _, p := range wire.packets {
			switch {
			case isRTCP(p.Data):
				if _, err := rtcp.Unmarshal(p.Data); err != nil {
					t.Errorf("%s: a report %x: %v", keys, p.Data, err)
				}
				reports[side(p.Out)]++
			case isRTP(p.Data):
				if len(p.Data) != 12+160 {
					t.Errorf("%s: %d octets", keys, len(p.Data))
				}
				audio[side(p.Out)]++
			}
		}
		if audio[0] < 300 || audio[1] < 300 || reports[0] == 0 || reports[1] == 0 {
			t.Errorf("%s: %d packets, %d reports", keys, audio, reports)
		}
		if n := len(wire.clear.coming) + len(wire.clear.sealed); n != 0 {
			t.Errorf("%s: %d packets were told of and have not passed, or the other way round", keys, n)
		}
		if data := captured(t, log, wire); !bytes.Contains(data, []byte("of SRTP and SRTCP that are written as they were opened")) {
			t.Errorf("%s: the capture does not say so", keys)
		}
		if masked := NewRedactor(log).Wire(wire); masked.opened() != wire.opened() {
			t.Errorf("%s: masked, %d are opened of %d", keys, masked.opened(), wire.opened())
		}
	}
	_, sealed := calledBy(t, "use phone alice srtp=required mic=tone:440\n")
	for _, p := range sealed.packets {
		if !isRTCP(p.Data) && len(p.Data) != 12+160+10 {
			t.Errorf("not asked for, %d octets", len(p.Data))
		}
	}
	if about := (&capture{kept: 3, left: 1, opened: 2}).about(); !strings.Contains(about, "2 of SRTP") {
		t.Error(about)
	}
}

// What waits to be sent is bounded, and what was received is no packet of ours.
func TestClearIsBounded(t *testing.T) {
	wire := new(Wire)
	wire.Clear()
	for i := range 3 * maxComing {
		sealed := rtpOf(182).Data
		sealed[3] = byte(i)
		wire.Open(sealed, sealed[:172])
	}
	if n := len(wire.clear.coming); n > maxComing {
		t.Errorf("%d wait", n)
	}
	in := rtpOf(182)
	in.Data[3] = 3*maxComing - 1
	wire.Add(in)
	if len(wire.packets[0].Data) != 182 {
		t.Error("what was received is written as sent")
	}
	other := bytes.Clone(in.Data)
	other[100] = 1 // the same to look at
	wire.Open(other, other[:172])
	if len(wire.packets[0].Data) != 182 {
		t.Error("another packet was taken for it")
	}
	wire.Add(system.Datagram{Remote: in.Remote, Out: true, Data: in.Data})
	if len(wire.packets[1].Data) != 172 {
		t.Error("what is sent is written protected")
	}
}
