package media

import (
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// sealsAs has a protect from now on as given, and b go on.
func (p *pair) sealsAs(a sdp.SRTP) {
	n := p.a.n
	n.SRTP = a
	p.a.Renegotiate(p.now, n)
}

// What comes and does not open is not lost: neither while it lasts, nor afterwards.
func TestClosedIsNotLost(t *testing.T) {
	right := sealed(sdp.AES128SHA80, 1, 2)
	for name, wrong := range map[string]sdp.SRTP{"another key": sealed(sdp.AES128SHA80, 9, 2), "plain": {}} {
		for _, length := range []time.Duration{time.Second, 2 * time.Second, 6 * time.Second, 70 * time.Second} {
			t.Run(name+" "+length.String(), func(t *testing.T) {
				p := newPair(1)
				p.seals(right, sealed(sdp.AES128SHA80, 2, 1))
				p.b.Answered(p.now)
				p.run(time.Second)
				p.sealsAs(wrong)
				p.run(length)
				during := p.b.Stats(p.now)
				for range 20 { // a packet that is due is on its way
					p.run(time.Millisecond)
					during.Lost = max(during.Lost, p.b.Stats(p.now).Lost)
				}
				p.sealsAs(right)
				p.run(time.Second)
				after := p.b.Stats(p.now)
				if during.Lost != 0 || after.Lost != 0 || after.LossPct != 0 || after.MOS < 4 || after.Unopened < uint64(length/defaultPTime)-5 {
					t.Errorf("during: %+v\nafter: %+v", during, after)
				}
				if s := p.b.inward.source.cumulativeLost(); s != 0 {
					t.Errorf("%d are lost, as our report says", s)
				}
			})
		}
	}
}

// Of what is missing among packets that do not open, only those count as lost that did not
// come.
func TestLostAmongClosed(t *testing.T) {
	for _, length := range []time.Duration{time.Second, 6 * time.Second} {
		p := newPair(1)
		p.seals(sealed(sdp.AES128SHA80, 1, 2), sealed(sdp.AES128SHA80, 2, 1))
		p.b.Answered(p.now)
		p.run(time.Second)
		p.sealsAs(sealed(sdp.AES128SHA80, 9, 2))
		p.a.out.lose = func(n int) bool { return n%5 == 0 }
		p.a.out.duplicate = 1 // a copy is not another one that came
		p.run(length)
		lost := uint64(p.a.out.lost)
		if s := p.b.Stats(p.now); length > 2*time.Second && (s.Lost+2 < lost || s.Lost > lost+2) {
			t.Errorf("of %s, %d were lost, meanwhile %d count", length, lost, s.Lost)
		}
		p.a.out.lose, p.a.out.duplicate = nil, 0
		p.sealsAs(sealed(sdp.AES128SHA80, 1, 2))
		p.run(time.Second)
		s := p.b.Stats(p.now)
		if s.Lost != lost {
			t.Errorf("of %s, %d were lost, %d count", length, lost, s.Lost)
		}
		heard := float64(s.Received + s.Lost) // what did not open has no quality
		if want := opinion(rating(p.b.control.mouthToEar(), float64(lost)/heard)); s.MOS != want {
			t.Errorf("of %s, the MOS is %v, want %v", length, s.MOS, want)
		}
	}
}

// Audio that never opens has no loss but what did not come, and no quality.
func TestNeverOpened(t *testing.T) {
	p := newPair(1)
	p.seals(sealed(sdp.AES128SHA80, 9, 2), sealed(sdp.AES128SHA80, 2, 1))
	p.b.Answered(p.now)
	p.run(4 * time.Second)
	e := only[event.RTP](logged(p.b.Close(p.now)))[0]
	if e.Lost > 2 || e.LossPct > 1 || e.MOS != 0 || e.DeadIn == 0 {
		t.Errorf("at the end: %+v", e)
	}
}

// Held, a call whose audio has not opened has no quality, either.
func TestNeverOpenedThenHeld(t *testing.T) {
	p := newPair(1)
	p.seals(sealed(sdp.AES128SHA80, 9, 2), sealed(sdp.AES128SHA80, 2, 1))
	p.b.Answered(p.now)
	p.run(4 * time.Second)
	p.b.inward.closed = 1000 // no packet was missing
	n := p.b.n
	n.Receive = false
	p.b.Renegotiate(p.now, n)
	if s := p.b.Stats(p.now); s.Lost != 0 || s.MOS != 0 || p.b.inward.gap.due == 0 {
		t.Errorf("held: %+v", s)
	}
}

// Of a stream that has begun anew, numbers from before say nothing.
func TestHoleEndsWithStream(t *testing.T) {
	s := newTestSession(addrA, addrB, 1)
	s.inward.hole.take(5)
	s.in.restart()
	if n := s.inward.hole.fills(0, 10); len(n) != 0 {
		t.Errorf("%d came", n)
	}
}

// What a stranger writes under another name fills no hole.
func TestForgedFillsNothing(t *testing.T) {
	p := newPair(1)
	p.seals(sealed(sdp.GCM128, 1, 2), sealed(sdp.GCM128, 2, 1))
	p.run(2 * time.Second)
	p.a.out.cut = true
	p.run(time.Second)
	from := p.a.Session.out
	for n := range 40 {
		forged := onePacket()
		forged[2], forged[3] = byte((from.sequence-uint16(n)-1)>>8), byte(from.sequence-uint16(n)-1)
		p.b.Receive(p.now, system.Received{Socket: rtpSocket, From: addrA, Data: forged})
	}
	p.a.out.cut = false
	p.run(time.Second)
	if s := p.b.Stats(p.now); s.Lost != 50 || s.Unopened != 40 {
		t.Errorf("%d lost of 50, %d unopened", s.Lost, s.Unopened)
	}
}

// Nothing is due before there are keys: a handshake that begins late loses nothing, and one
// that fails has no numbers of loss.
func TestNothingDueBeforeKeys(t *testing.T) {
	for _, late := range []time.Duration{0, 1500 * time.Millisecond, 5 * time.Second, time.Minute} {
		t.Run(late.String(), func(t *testing.T) {
			p := newPair(1)
			p.shakes(true, "")
			p.a.out.cut = true
			p.a.Answered(p.now)
			p.b.Answered(p.now)
			p.run(late)
			for _, e := range []*end{p.a, p.b} {
				if s := e.Stats(p.now); s.Lost != 0 || s.LossPct != 0 || s.MOS != 0 {
					t.Errorf("before: %+v", s)
				}
			}
			p.a.out.cut = false
			p.run(8 * time.Second)
			for _, e := range []*end{p.a, p.b} {
				if s := e.Stats(p.now); s.Lost != 0 || late < 31*time.Second && s.MOS < 4 {
					t.Errorf("after: %+v", s)
				}
			}
		})
	}
}

// What was missing before other keys are agreed on stays missing.
func TestMissingBeforeNewHandshake(t *testing.T) {
	p := newPair(1)
	p.shakes(true, "")
	p.b.Answered(p.now)
	p.run(2 * time.Second)
	p.a.out.cut = true
	p.run(4 * time.Second)
	n := p.b.cfg.Negotiated
	n.DTLS.Fingerprints = newCertified(7).identity.Fingerprint().String()
	p.b.Renegotiate(p.now, n)
	before := p.b.Stats(p.now).Lost
	p.run(4 * time.Second)
	if s := p.b.Stats(p.now); before < 195 || before > 200 || s.Lost != before {
		t.Errorf("%d missing before, %d after", before, s.Lost)
	}
}
