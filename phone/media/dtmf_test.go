package media

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/golden"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestDTMFTranscript records every packet for two digits in the middle of
// speech.
func TestDTMFTranscript(t *testing.T) {
	s := newTestSession(addrA, addrB, 1)
	base, first := s.out.stamp, s.out.sequence
	var log strings.Builder
	frame := make([]int16, 160)
	for n := range 32 {
		now := epoch.Add(time.Duration(n) * 20 * time.Millisecond)
		if n == 2 {
			if err := s.SendDTMF(now, "1#"); err != nil {
				t.Fatal(err)
			}
		}
		fmt.Fprintf(&log, "%3d ms", n*20)
		for _, c := range s.Capture(now, frame) {
			transcribe(t, &log, c, base, first)
		}
		log.WriteByte('\n')
	}
	golden.File(t, "testdata/dtmf.txt", log.String())
}

func transcribe(t *testing.T, log *strings.Builder, c system.Effect, base uint32, first uint16) {
	switch c := c.(type) {
	case system.Send:
		var p rtp.Packet
		if err := p.Unmarshal(c.Data); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(log, "  seq +%d stamp +%d type %d", p.SequenceNumber-first, p.Timestamp-base, p.PayloadType)
		if p.Marker {
			log.WriteString(" marker")
		}
		if p.PayloadType == 101 {
			fmt.Fprintf(log, " event %d end %t duration %d", p.Payload[0], p.Payload[1]&0x80 != 0, int(p.Payload[2])<<8|int(p.Payload[3]))
		}
	case system.Log:
		what, detail := c.Event.Text()
		fmt.Fprintf(log, "  [%s, %s]", what, detail)
	}
}

func TestDTMFOverABadNetwork(t *testing.T) {
	const dialled = "0123456789*#ABCD"
	p := newPair(11)
	p.a.out.loss, p.a.out.duplicate, p.a.out.jitter = 0.1, 0.1, 30*time.Millisecond
	p.run(time.Second)
	if err := p.a.SendDTMF(p.now, strings.ToLower(dialled)); err != nil {
		t.Fatal(err)
	}
	p.run(7 * time.Second)
	for name, events := range map[string][]event.Event{"sent": p.a.events, "received": p.b.events} {
		var got strings.Builder
		for _, d := range only[event.DTMF](events) {
			got.WriteString(d.Digit)
			if d.Out != (name == "sent") {
				t.Errorf("%s: %+v", name, d)
			}
			if ms := d.Length.D().Milliseconds(); ms < 100 || ms > 160 {
				t.Errorf("%s: %s lasted %d ms", name, d.Digit, ms)
			}
		}
		if got.String() != dialled {
			t.Errorf("%s %q, want %q", name, got.String(), dialled)
		}
	}
	if s := p.b.Stats(p.now); s.Concealed > s.Lost+s.Late+20 {
		t.Errorf("digits were taken for loss: %+v", s)
	}
}

func TestToneReceiver(t *testing.T) {
	type in struct {
		stamp    uint32
		code     byte
		end      bool
		duration uint16
	}
	tests := []struct {
		name string
		in   []in
		want string
	}{
		{"three ends are one digit", []in{{0, 5, false, 160}, {0, 5, true, 320}, {0, 5, true, 320}, {0, 5, true, 320}}, "5:40 "},
		{"only an end came", []in{{0, 5, true, 800}}, "5:100 "},
		{"all ends lost, the next digit ends it", []in{{0, 5, false, 640}, {2000, 6, true, 320}}, "5:80 6:40 "},
		{"the same digit twice", []in{{0, 5, true, 320}, {2000, 5, true, 320}}, "5:40 5:40 "},
		{"updates out of order", []in{{0, 5, false, 320}, {0, 5, false, 160}, {0, 5, true, 480}}, "5:60 "},
		{"a straggler of the digit before", []in{{0, 5, true, 320}, {2000, 6, false, 160}, {0, 5, true, 320}, {2000, 6, true, 320}}, "5:40 6:40 "},
		{"flash is no digit", []in{{0, 16, true, 320}}, ""},
		{"the timestamp wraps", []in{{0xFFFFFFF0, 1, true, 320}, {100, 2, true, 320}}, "1:40 2:40 "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := toneReceiver{clock: clockRate}
			got := ""
			for _, p := range test.in {
				flags := byte(toneVolume)
				if p.end {
					flags |= endBit
				}
				for _, d := range r.receive(epoch, p.stamp, []byte{p.code, flags, byte(p.duration >> 8), byte(p.duration)}) {
					got += fmt.Sprintf("%s:%d ", d.Digit, d.Length.D().Milliseconds())
				}
			}
			if got != test.want {
				t.Errorf("digits %q, want %q", got, test.want)
			}
		})
	}
	r := toneReceiver{clock: clockRate}
	if r.receive(epoch, 0, []byte{1, 2, 3}) != nil || r.known {
		t.Error("three octets are no event")
	}
}

// A digit all of whose ends are lost is over when no update comes.
func TestDigitTimesOut(t *testing.T) {
	s := newTestSession(addrB, addrA, 1)
	data := wire(t, rtp.Header{SequenceNumber: 1, SSRC: 9, PayloadType: 101}, []byte{7, 10, 1, 64})
	s.Receive(epoch, system.Received{Socket: rtpSocket, From: addrA, Data: data})
	if want := epoch.Add(120 * time.Millisecond); !s.Deadline().Equal(want) {
		t.Fatalf("deadline %s, want %s", s.Deadline(), want)
	}
	effects := s.Advance(epoch.Add(toneTimeout))
	if len(effects) != 1 || effects[0].(system.Log).Event.(event.DTMF).Digit != "7" {
		t.Errorf("calls %v, want the digit 7", effects)
	}
}

func TestSendDTMFRefuses(t *testing.T) {
	s := newTestSession(addrA, addrB, 1)
	if err := s.SendDTMF(epoch, "12x"); err == nil || s.out.tone.waiting != "" {
		t.Errorf("error %v, waiting %q", err, s.out.tone.waiting)
	}
	if err := s.SendDTMF(epoch, strings.Repeat("1", toneQueue+1)); !errors.Is(err, ErrTooMany) {
		t.Errorf("error %v, want ErrTooMany", err)
	}
	n := agreed(addrB)
	n.Send = false
	s.Renegotiate(epoch, n)
	if err := s.SendDTMF(epoch, "1"); !errors.Is(err, ErrOnHold) {
		t.Errorf("error %v, want ErrOnHold", err)
	}
	n.DTMFType = 0
	s.Renegotiate(epoch, n)
	if err := s.SendDTMF(epoch, "1"); !errors.Is(err, ErrNoDTMF) {
		t.Errorf("error %v, want ErrNoDTMF", err)
	}
}

// wire is a packet as it is sent.
func wire(t testing.TB, h rtp.Header, payload []byte) []byte {
	t.Helper()
	h.Version = 2
	b, err := rtp.Packet{Header: h, Payload: payload}.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return b
}
