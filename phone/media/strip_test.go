package media

import (
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A toldCell is a cell, and when it began.
type toldCell struct {
	at time.Duration
	event.AudioCell
}

// strip are the cells that an end has told, at its end too. No two are of one time.
func (e *end) strip(t *testing.T, p *pair) (list []toldCell) {
	t.Helper()
	p.carry(e, e, e.Close(p.now))
	for n, told := range e.events {
		a, ok := told.(event.Audio)
		if !ok {
			continue
		}
		cells := a.Cells()
		for i, c := range cells {
			c := toldCell{a.Begins(e.when[n], i, len(cells)), c}
			if last := len(list) - 1; last >= 0 && c.at < list[last].at+cellTime {
				t.Errorf("cells of %s and %s", list[last].at, c.at)
			}
			list = append(list, c)
		}
	}
	return list
}

// between are the cells that lie in a time.
func between(list []toldCell, from, to time.Duration) (in []toldCell) {
	for _, c := range list {
		if c.at >= from && c.at+cellTime <= to {
			in = append(in, c)
		}
	}
	return in
}

// each reports whether there are as many cells as the time has room for, and all are so.
func each(t *testing.T, list []toldCell, from, to time.Duration, what string, so func(toldCell) bool) {
	t.Helper()
	in := between(list, from, to)
	if room := int((to-from)/cellTime) - 1; len(in) < room {
		t.Errorf("%s: %d cells from %s to %s, which has room for %d", what, len(in), from, to, room)
	}
	for _, c := range in {
		if !so(c) {
			t.Errorf("%s: not so at %s: %+v", what, c.at, c.AudioCell)
		}
	}
}

// sum is what all cells have.
func sum(list []toldCell, of func(toldCell) uint16) (n float64) {
	for _, c := range list {
		n += float64(of(c))
	}
	return n
}

func came(c toldCell) uint16 { return c.Came }
func lost(c toldCell) uint16 { return c.Lost }
func late(c toldCell) uint16 { return c.Late }
func sent(c toldCell) uint16 { return c.Sent }

// TestStrip: of each 200 ms, how loud it was, and what came and went.
func TestStrip(t *testing.T) {
	p := newAnsweredPair(1)
	p.run(10 * time.Second)
	list := p.b.strip(t, p)
	each(t, list, 400*time.Millisecond, 10*time.Second, "a good call", func(c toldCell) bool {
		return c.Mic > -10 && c.Mic < 0 && c.Ear > -10 && c.Ear < 0 && c.Sent == 10 && c.Came == 10 && c.Due == 10 && c.Late+c.Lost+c.Unsent == 0
	})
	s := p.b.Stats(p.now)
	near(t, "packets that came", sum(list, came), float64(s.Received), 10)
	near(t, "packets sent", sum(list, sent), float64(s.Sent), 10)
}

// TestStripOfLosses: a packet that is lost, and one that comes too late, is in the cell in
// which it was due, or the next.
func TestStripOfLosses(t *testing.T) {
	p := newAnsweredPair(2)
	p.a.out.lose = func(n int) bool { return n == 120 || n == 260 || n == 261 }
	p.run(8 * time.Second)
	list := p.b.strip(t, p)
	near(t, "packets lost", sum(list, lost), 3, 0)
	for at, want := range map[time.Duration]float64{2400 * time.Millisecond: 1, 5200 * time.Millisecond: 2} {
		near(t, "lost about "+at.String(), sum(between(list, at-200*time.Millisecond, at+400*time.Millisecond), lost), want, 0)
	}

	p = newAnsweredPair(3)
	p.run(3 * time.Second)
	p.a.out.delay += 100 * time.Millisecond // more than the buffer waits for
	p.run(3 * time.Second)
	list = p.b.strip(t, p)
	s := p.b.Stats(p.now)
	if s.Late == 0 {
		t.Error("none came late")
	}
	near(t, "packets late", sum(list, late), float64(s.Late), 0)
	near(t, "of those about 3 s", sum(between(list, 2800*time.Millisecond, 3600*time.Millisecond), late), float64(s.Late), 0)
}

// TestStripForgives: packets that overtake each other are not lost, though for a moment one
// thinks so.
func TestStripForgives(t *testing.T) {
	p := newAnsweredPair(4)
	p.a.out.jitter = 60 * time.Millisecond
	p.run(20 * time.Second)
	list := p.b.strip(t, p)
	for _, c := range list {
		if c.Lost > 0 {
			t.Errorf("%d packets that came are lost at %s", c.Lost, c.at)
		}
	}
	near(t, "packets that came", sum(list, came), float64(p.b.Stats(p.now).Received), 10)

	p = newAnsweredPair(4)
	p.a.out.jitter, p.a.out.loss = 60*time.Millisecond, 0.03
	p.run(20 * time.Second)
	list = p.b.strip(t, p)
	near(t, "packets lost among those", sum(list, lost), float64(p.b.Stats(p.now).Lost), 0)
}

// TestStripCountsNoneTwice: what came and did not open is not lost.
func TestStripCountsNoneTwice(t *testing.T) {
	s := newTestSession(addrA, addrB, 1)
	s.inward.past = counts{expected: 9, received: 4, closed: 5}
	if got := s.tallies().lost; got != 0 {
		t.Errorf("%d are lost", got)
	}
}

// TestStripOfSilence: where nothing comes, the cells say whether something had to.
func TestStripOfSilence(t *testing.T) {
	p := newAnsweredPair(5)
	p.run(3 * time.Second)
	p.a.out.lose = func(int) bool { return true }
	p.run(5 * time.Second)
	p.a.out.lose = nil
	p.run(2 * time.Second)
	p.holdB()
	p.a.out.cut = true
	p.run(2 * time.Second)
	p.b.mic = func(frame []int16) { clear(frame) }
	p.run(2 * time.Second)
	list := p.b.strip(t, p)
	each(t, list, 3400*time.Millisecond, 8*time.Second, "nothing comes", func(c toldCell) bool {
		return c.Due == 10 && c.Came == 0 && c.Ear == event.AudioSilence || c.at < 3800*time.Millisecond && c.Came == 0
	})
	each(t, list, 8400*time.Millisecond, 10*time.Second, "it is back", func(c toldCell) bool { return c.Due == 10 && c.Came == 10 && c.Ear > -20 })
	each(t, list, 10200*time.Millisecond, 12*time.Second, "on hold", func(c toldCell) bool { return c.Due == 0 && c.Came == 0 && c.Mic > -20 })
	each(t, list, 12200*time.Millisecond, 14*time.Second, "silence is said", func(c toldCell) bool { return c.Mic == event.AudioSilence })
	near(t, "packets lost", sum(list, lost), 250, 1)
}

// TestStripBeforeTheAnswer: nothing is due before both have answered, nor in a part of a cell.
func TestStripBeforeTheAnswer(t *testing.T) {
	p := newPair(6)
	p.a.out.cut = true
	p.run(1500 * time.Millisecond)
	p.b.Answered(p.now)
	p.run(time.Second)
	list := p.b.strip(t, p)
	each(t, list, 0, 1600*time.Millisecond, "before", func(c toldCell) bool { return c.Due == 0 })
	each(t, list, 1600*time.Millisecond, 2400*time.Millisecond, "after", func(c toldCell) bool { return c.Due == 10 })
}

// TestStripLeaps: of a time in which nobody looked there are no cells, and it is followed by
// those of now. An event is never longer than the time between two looks.
func TestStripLeaps(t *testing.T) {
	p := newAnsweredPair(7)
	p.run(3 * time.Second)
	p.now = p.now.Add(time.Hour)
	p.b.next += 3.6e6
	p.a.next += 3.6e6
	p.run(3 * time.Second)
	list := p.b.strip(t, p)
	if gap := between(list, 3100*time.Millisecond, time.Hour+2900*time.Millisecond); len(gap) > 0 {
		t.Errorf("cells of a time in which nobody looked: %+v", gap)
	}
	each(t, list, time.Hour+3600*time.Millisecond, time.Hour+6*time.Second, "afterwards", func(c toldCell) bool { return c.Came == 10 && c.Lost == 0 })
	for _, e := range only[event.Audio](p.b.events) {
		if n := len(e.Cells()); n > 12 {
			t.Errorf("%d cells in one event", n)
		}
	}
}

// TestStripOfRefusals: what this computer has refused to send is not sent.
func TestStripOfRefusals(t *testing.T) {
	s := newTestSession(addrA, addrB, 8)
	now := epoch
	for i := range 100 {
		now = epoch.Add(time.Duration(i) * 20 * time.Millisecond)
		for _, e := range s.Capture(now, make([]int16, 160)) {
			if send, ok := e.(system.Send); ok && i >= 50 {
				s.Unsent(now, system.Unsent{Socket: rtpSocket, Data: send.Data, Err: system.NoBuffers})
			}
		}
	}
	a := only[event.Audio](logged(s.Close(now)))
	if len(a) != 1 {
		t.Fatalf("%d events", len(a))
	}
	for i, c := range a[0].Cells() {
		if want := uint16(10); i < 5 && (c.Sent != want || c.Unsent != 0) || i >= 5 && (c.Sent != 0 || c.Unsent != want) {
			t.Errorf("cell %d: %+v", i, c)
		}
	}
}

// TestStripWithoutKeys: nothing is due that could not be opened.
func TestStripWithoutKeys(t *testing.T) {
	p := newPair(9)
	p.shakes(true, "")
	p.a.Answered(p.now)
	p.b.Answered(p.now)
	if got := p.b.dueIn(cellTime); got != 0 {
		t.Errorf("%d packets are due before there are keys", got)
	}
	p.run(time.Second)
	if got := p.b.dueIn(cellTime); got != 10 {
		t.Errorf("%d packets are due when there are", got)
	}
}
