package media

import (
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Payloads of Opus with 20 ms each, in the layer of music (RFC 6716 table 2).
var (
	opusSound = []byte{31 << 3, 1, 2, 3}
	opusEmpty = []byte{31 << 3}
)

// newOpusPair is a call of Opus, in which both have answered and a sends nothing of its own.
func newOpusPair() *pair {
	p := newPairOf(codec.Opus, 440, 1)
	p.a.Answered(p.now)
	p.b.Answered(p.now)
	p.a.next = 1e9
	return p
}

// say has a send a payload each 20 ms for a while, to the clock of Opus.
func (p *pair) say(t *testing.T, payload []byte, d time.Duration) {
	t.Helper()
	for range d / (20 * time.Millisecond) {
		p.a.hands(t, p, codec.Opus.PayloadType, payload)
		p.a.Session.out.stamp += 960
		p.run(20 * time.Millisecond)
	}
}

// TestAnEmptyPacketIsAPause: nothing need come after it, and the silence is believed as that
// of comfort noise is.
func TestAnEmptyPacketIsAPause(t *testing.T) {
	p := newOpusPair()
	p.a.out.mute = true
	p.say(t, opusSound, time.Second)
	p.say(t, opusEmpty, 20*time.Millisecond)
	p.run(10 * time.Second)
	wantSaid(t, p.b)
	if s := p.b.Stats(p.now); s.Noise != 1 || s.DeadIn != 0 || s.Lost != 0 || s.MOS == 0 || p.b.Empty(p.now) {
		t.Errorf("%+v, empty %t", s, p.b.Empty(p.now))
	}
	p.run(10 * time.Second)
	wantSaid(t, p.b, "silence-unproven: the peer said by an empty packet (DTX) that it is silent")
}

// TestSoundThatEndsIsNoPause: without an empty packet, nothing for two seconds is death.
func TestSoundThatEndsIsNoPause(t *testing.T) {
	p := newOpusPair()
	p.say(t, opusSound, time.Second)
	p.run(3 * time.Second)
	wantSaid(t, p.b, "no-audio-in: nothing has come")
}

// TestEmptyPacketsInARow are those of a peer that goes on sending in its pauses: when they end,
// it is dead.
func TestEmptyPacketsInARow(t *testing.T) {
	p := newOpusPair()
	p.say(t, opusSound, time.Second)
	p.say(t, opusEmpty, time.Second)
	wantSaid(t, p.b)
	p.run(3 * time.Second)
	wantSaid(t, p.b, "no-audio-in: nothing has come")
	if s := p.b.Stats(p.now); s.Noise != 50 || s.Concealed != 0 {
		t.Errorf("%+v", s)
	}
}

// TestEmptyPacketsNowAndThen are those of a peer that repeats its pause.
func TestEmptyPacketsNowAndThen(t *testing.T) {
	p := newOpusPair()
	p.say(t, opusSound, time.Second)
	for range 20 {
		p.say(t, opusEmpty, 20*time.Millisecond)
		p.a.Session.out.stamp += 19 * 960
		p.run(380 * time.Millisecond)
	}
	p.run(3 * time.Second)
	wantSaid(t, p.b)
	if s := p.b.Stats(p.now); s.Noise != 20 || s.Concealed+s.Lost+s.Late != 0 {
		t.Errorf("%+v", s)
	}
}

// TestMalformedOpus is counted and named, and keeps no direction alive.
func TestMalformedOpus(t *testing.T) {
	p := newOpusPair()
	p.say(t, []byte{31<<3 | 1, 1, 2, 3}, 3*time.Second)
	p.run(time.Second)
	wantSaid(t, p.b, "no-audio-in: no audio has come from 192.0.2.1:4000 for ")
	if said := p.b.said()[0]; !strings.Contains(said, "opus that breaks its own rules, or is encrypted") {
		t.Error(said)
	}
	if s := p.b.Stats(p.now); s.Foreign < 100 {
		t.Errorf("%+v", s)
	}
}

// TestVariableLengthIsNotSealed: a payload that is longer than the one before says nothing of
// encryption where the length is free.
func TestVariableLengthIsNotSealed(t *testing.T) {
	for _, tag := range tags {
		if got := tagOf(codec.Opus, 80+tag, 0); got != 0 {
			t.Errorf("a tag of %d octets", got)
		}
	}
}

// TestDigitsOfAnotherClock: a peer that has telephone-event at 8000 Hz alone counts its digits
// in that, and its timestamps are of no use to the sound.
func TestDigitsOfAnotherClock(t *testing.T) {
	p := newPairOf(codec.Opus, 440, 1)
	p.run(time.Second)
	n := agreedOn(addrB, codec.Opus)
	n.DTMFType, n.DTMFClock = 101, 8000
	p.a.Renegotiate(p.now, n)
	n.Remote, n.RemoteRTCP = addrA, port(addrA, 1)
	p.b.Renegotiate(p.now, n)
	p.run(time.Second)
	if err := p.a.SendDTMF(p.now, "7"); err != nil {
		t.Fatal(err)
	}
	p.run(time.Second)
	for _, e := range []*end{p.a, p.b} {
		if d := digitsIn(e); len(d) != 1 || d[0].Digit != "7" || d[0].Length.D() != 160*time.Millisecond {
			t.Errorf("%+v", d)
		}
	}
	jitter := p.b.Stats(p.now).JitterMax
	for i := range 5 { // a peer that has other timestamps for its digits
		p.b.Receive(p.now, system.Received{Socket: rtpSocket, From: addrA, Data: toneAt(t, p.a, uint32(7+i), uint16(160*i))})
	}
	if s := p.b.Stats(p.now); s.JitterMax != jitter || len(p.b.in.buffer.queue) > 0 && p.b.in.buffer.queue[len(p.b.in.buffer.queue)-1].pause {
		t.Errorf("%+v", s)
	}
}

// TestScaleOfTheClock: a call at a lower rate counts its samples by the clock of 48000 Hz.
func TestScaleOfTheClock(t *testing.T) {
	for _, rate := range codec.Opus.Rates() {
		var b jitterBuffer
		b.tune(codec.Opus.At(rate))
		var got []int64
		for i := range uint32(3) {
			stamp := 960*i - 200 // which wraps after the first
			b.put(0, stamp, packet{samples: rate / 50, codec: codec.Opus.At(rate)})
			got = append(got, b.queue[len(b.queue)-1].stamp)
		}
		if got[1]-got[0] != int64(rate/50) || got[2]-got[1] != int64(rate/50) {
			t.Errorf("%d Hz: %d", rate, got)
		}
	}
}

// digitsIn are the digits that an end has sent or received.
func digitsIn(e *end) []event.DTMF { return only[event.DTMF](e.events) }

// toneAt is a packet of a digit with a timestamp of its own.
func toneAt(t *testing.T, e *end, stamp uint32, duration uint16) []byte {
	o := &e.Session.out
	o.sequence++
	h := rtp.Header{PayloadType: 101, SSRC: o.ssrc, SequenceNumber: o.sequence - 1, Timestamp: stamp}
	return wire(t, h, []byte{3, 10, byte(duration >> 8), byte(duration)})
}
