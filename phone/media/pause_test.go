package media

import (
	"testing"
	"time"
)

// newPausedPair is a call in which a has said, by comfort noise, that it is silent.
func newPausedPair(t *testing.T, seed uint64) *pair {
	p := newAnsweredPair(seed)
	p.run(3 * time.Second)
	p.a.hands(t, p, comfortNoise, []byte{60})
	return p
}

// TestASilenceThatNobodyVouchesFor is neither sound nor death: it is not known.
func TestASilenceThatNobodyVouchesFor(t *testing.T) {
	p := newPausedPair(t, 1)
	p.a.out.cut = true
	p.run(farSilent - time.Millisecond)
	wantSaid(t, p.b)
	if p.b.Empty(p.now) {
		t.Error("the silence of comfort noise passes for nothing")
	}
	p.run(10 * time.Second)
	wantSaid(t, p.b, "silence-unproven: the peer said by comfort noise that it is silent, and nothing at all has come from 192.0.2.1:4000 for 15.0 s")
	s := p.b.Stats(p.now)
	if s.UnknownIn.D() < 24*time.Second || s.DeadIn != 0 || s.Lost != 0 || s.MOS != 0 || !p.b.Empty(p.now) {
		t.Errorf("%+v, empty: %t", s, p.b.Empty(p.now))
	}
	p.a.out.cut, p.a.out.inFlight = false, nil
	p.run(2 * time.Second)
	if s := p.b.Stats(p.now); s.UnknownIn != 0 || s.MOS == 0 {
		t.Errorf("when there is audio again: %+v", s)
	}
}

// TestASilenceIsVouchedFor by reports that nothing is sent, by comfort noise, and by
// nothing in a call that is on hold.
func TestASilenceIsVouchedFor(t *testing.T) {
	for name, each := range map[string]func(p *pair){
		"by reports":       func(*pair) {},
		"by comfort noise": func(p *pair) { p.a.out.mute = true; p.a.hands(t, p, comfortNoise, []byte{60}) },
		"on hold":          func(p *pair) { p.a.out.mute = true; p.holdB() },
		"until the process stood still": func(p *pair) {
			p.a.out.mute = true
			p.b.Stood(p.now, time.Second)
		},
	} {
		p := newPausedPair(t, 2)
		p.a.next = 1e9
		for range 6 {
			p.run(10 * time.Second)
			each(p)
		}
		if s := p.b.Stats(p.now); s.UnknownIn != 0 || s.DeadIn != 0 {
			t.Errorf("%s: %+v", name, s)
		}
		wantSaid(t, p.b)
	}
}

// TestAReportContradictsASilence: a peer that counts packets which have not come is not
// silent.
func TestAReportContradictsASilence(t *testing.T) {
	p := newPausedPair(t, 3)
	p.a.out.lose = func(int) bool { return true }
	p.run(20 * time.Second)
	wantSaid(t, p.b, "no-audio-in: nothing has come from 192.0.2.1:4000 for ")
	if s := p.b.Stats(p.now); s.DeadIn.D() < 10*time.Second || s.Lost < 500 || s.UnknownIn != 0 {
		t.Errorf("%+v", s)
	}
}

// TestAFewLostPacketsAreNoContradiction: comfort noise may be lost, too.
func TestAFewLostPacketsAreNoContradiction(t *testing.T) {
	for lost, dead := range map[uint64]bool{backAfter - 1: false, backAfter: true} {
		p := newPausedPair(t, 4)
		b := p.b.Session
		b.outward.far.sends, b.outward.far.at = true, p.now
		b.inward.reportedPause(p.now, &b.outward.far)
		b.outward.far.sent += uint32(lost)
		b.inward.reportedPause(p.now.Add(5*time.Second), &b.outward.far)
		if b.inward.pause.on == dead || b.inward.due != dead || dead && !b.inward.last.Equal(p.now) {
			t.Errorf("%d packets of 5 s lost: in a pause %t, something has to come %t, since %s", lost, b.inward.pause.on, b.inward.due, b.inward.last)
		}
	}
}
