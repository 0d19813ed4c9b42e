package media

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

func newAnsweredPair(seed uint64) *pair {
	p := newPair(seed)
	p.a.Answered(p.now)
	p.b.Answered(p.now)
	return p
}

// said is what an end has logged of dead directions, in its order.
func (e *end) said() (list []string) {
	for _, v := range e.events {
		switch v := v.(type) {
		case event.Warning:
			list = append(list, string(v.Rule)+": "+v.Note)
		case event.Media:
			list = append(list, string(v.Phase)+": "+v.Detail)
		}
	}
	return list
}

func wantSaid(t *testing.T, e *end, want ...string) {
	t.Helper()
	got := e.said()
	if !slices.EqualFunc(got, want, strings.HasPrefix) {
		t.Errorf("said\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestNothingArrives(t *testing.T) {
	p := newAnsweredPair(1)
	p.a.out.lose = func(int) bool { return true }
	p.run(2*time.Second + time.Millisecond)
	wantSaid(t, p.b, "no-audio-in: nothing has come from 192.0.2.1:4000 for 2.0 s; nor does it report")
	p.run(8*time.Second - time.Millisecond)
	wantSaid(t, p.a, "no-audio-out: the far end reports nothing of what we sent to 192.0.2.2:5000 in the last ")
	s := p.b.Stats(p.now)
	if s.Received != 0 || s.Lost != 500 || s.LossPct != 100 || s.MOS != 0 || s.DeadIn.D() != 10*time.Second || s.DeadOut != 0 {
		t.Errorf("of a call in which nothing arrives: %+v", s)
	}
	if s := p.a.Stats(p.now); s.DeadIn != 0 || s.DeadOut.D() < 8*time.Second || s.MOS < 4 {
		t.Errorf("of the end that is not heard: %+v", s)
	}
	if !p.b.Empty(p.now) || p.a.Empty(p.now) {
		t.Error("what is played where nothing arrives passes for the peer's sound")
	}
}

func TestAudioStopsAndComesBack(t *testing.T) {
	for _, outage := range []time.Duration{12 * time.Second, 80 * time.Second} { // the other is more than maxDropout
		p := newAnsweredPair(2)
		p.run(3 * time.Second)
		p.a.out.lose = func(int) bool { return true }
		p.run(outage)
		if s := p.b.Stats(p.now); s.LossPct < 50 || s.MOS != 0 {
			t.Errorf("after %s without audio: %+v", outage, s)
		}
		p.a.out.lose = nil
		p.run(10 * time.Second)
		wantSaid(t, p.b,
			"no-audio-in: nothing has come from 192.0.2.1:4000 for 2.0 s, after 150 packets; it reports that it has sent ",
			"back: in, after "+event.Round(outage)+" of nothing")
		wantSaid(t, p.a, "no-audio-out: ", "back: out, after ")
		s := p.b.Stats(p.now)
		near(t, "packets lost in the outage", float64(s.Lost), float64(p.a.out.lost), 2)
		if s.DeadIn != 0 || s.MOS == 0 || s.MOS > 3 {
			t.Errorf("after the outage: %+v", s)
		}
		if s := p.a.Stats(p.now); outage < time.Minute && (s.FarLost < 590 || s.FarLossPct < 10) {
			t.Errorf("the far end's report of the outage: %+v", s)
		}
	}
}

// TestNothingIsDue: where nothing has to arrive, nothing is missing.
func TestNothingIsDue(t *testing.T) {
	silent := func(p *pair) { p.a.out.cut = true }
	for name, do := range map[string]func(p *pair){
		"early media": func(p *pair) {
			p.a.answered, p.b.answered = false, false
			p.a.expect(p.now)
			p.b.expect(p.now)
			silent(p)
		},
		"hold": func(p *pair) {
			n := agreed(addrA)
			n.Receive = false
			p.b.Renegotiate(p.now, n)
			silent(p)
		},
		"comfort noise": func(p *pair) {
			p.carry(p.b, p.a, p.b.Receive(p.now, system.Received{Socket: rtpSocket, From: addrA, Data: wire(t, rtp.Header{
				PayloadType: comfortNoise, SSRC: p.a.Session.out.ssrc, SequenceNumber: p.a.Session.out.sequence,
			}, []byte{60})}))
			silent(p)
		},
		"an app that was frozen": func(p *pair) { p.now = p.now.Add(time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			p := newAnsweredPair(3)
			p.run(3 * time.Second)
			do(p)
			p.run(1900 * time.Millisecond)
			if name != "an app that was frozen" {
				p.run(time.Minute)
			}
			if s := p.b.Stats(p.now); s.DeadIn != 0 || s.Lost > 1 || p.b.Empty(p.now) {
				t.Errorf("%+v, empty: %t", s, p.b.Empty(p.now))
			}
			wantSaid(t, p.b)
		})
	}
}

// TestAPauseWithoutAWordIsNotLoss: a peer that leaves out silence, and does not say
// so, goes on with the next number.
func TestAPauseWithoutAWordIsNotLoss(t *testing.T) {
	p := newAnsweredPair(4)
	p.run(3 * time.Second)
	mic := p.a.next
	p.a.next = 1e9
	p.run(5 * time.Second)
	p.a.next = mic + 5000
	p.run(5 * time.Second)
	if s := p.b.Stats(p.now); s.Lost != 0 || s.DeadIn != 0 || s.MOS < 4 {
		t.Errorf("after the pause: %+v", s)
	}
	wantSaid(t, p.b, "no-audio-in: ", "back: in, after 5.0 s of nothing")
	wantSaid(t, p.a)
}

func TestAFarEndThatNeverReportsIsNotAccused(t *testing.T) {
	p := newAnsweredPair(5)
	p.b.out.cut = true
	p.run(20 * time.Second)
	wantSaid(t, p.a, "no-audio-in: nothing has come from 192.0.2.2:5000 for 2.0 s; nor does it report")
	if s := p.a.Stats(p.now); s.DeadOut != 0 {
		t.Errorf("%+v", s)
	}
}
