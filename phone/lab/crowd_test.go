package lab

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// frameTime is the audio in a packet.
const frameTime = 20 * time.Millisecond

// A crowd is guests that call the echo at one time. Its lab is stepped by hand, as a host does
// it: no world is in the figures.
type crowd struct {
	lab    *Lab
	now    time.Time
	guests []guestCall
	packet []byte
	frames int
	sent   int // packets of RTP that the lab has sent
}

// guestCall is one of them.
type guestCall struct {
	rtp  system.Socket // the lab's
	from netip.AddrPort
}

func newCrowd(t *testing.T, n int) *crowd {
	b := newBench(t, nil)
	var guests []guestCall
	for range n {
		c := b.wire()
		c.cseq++
		uri, to := "sip:echo@lab.test", "<sip:echo@lab.test>"
		invite := c.text("INVITE", uri, to, "Contact: <sip:guest@"+c.local.String()+">")
		res := c.exchange(carrying(invite, "application/sdp", offer(c.local.Addr())))
		if res == nil || res.StatusCode != 200 {
			t.Fatalf("the echo does not answer: %v", res)
		}
		c.send(c.text("ACK", uri, res.To().Value()))
		guests = append(guests, guestCall{from: netip.AddrPortFrom(c.local.Addr(), 40000)})
	}
	var sockets []system.Socket
	for at := range b.lab.robots.media {
		sockets = append(sockets, at)
	}
	slices.Sort(sockets)
	for i := range guests {
		guests[i].rtp = sockets[2*i] // the other is that of RTCP
	}
	tone := make([]int16, pcm.FrameSamples)
	pcm.Tone(pcm.Rate, 400, robotLevel).Read(tone) // goes on without a seam: eight periods
	packet := codec.PCMU.NewEncoder().Encode(make([]byte, 12), tone)
	packet[0], packet[11] = 2<<6, 1
	return &crowd{lab: b.lab, now: b.w.Now(), guests: guests, packet: packet}
}

// talk lets a frame's time pass: each guest sends a packet in it, one after the other.
func (c *crowd) talk() {
	binary.BigEndian.PutUint16(c.packet[2:], uint16(c.frames))
	binary.BigEndian.PutUint32(c.packet[4:], uint32(c.frames*pcm.FrameSamples))
	for _, g := range c.guests {
		c.pass(frameTime / time.Duration(len(c.guests)))
		c.count(c.lab.Receive(c.now, system.Received{Socket: g.rtp, From: g.from, Data: slices.Clone(c.packet)}))
	}
	c.frames++
}

// pass lets time pass, with what is due in it.
func (c *crowd) pass(d time.Duration) {
	end := c.now.Add(d)
	for {
		due := c.lab.Deadline()
		if !system.Due(due, end) {
			c.now = end
			return
		}
		if due.After(c.now) {
			c.now = due
		}
		c.count(c.lab.Advance(c.now))
	}
}

func (c *crowd) count(effects []system.Effect) {
	for _, e := range effects {
		if s, ok := e.(system.Send); ok && s.To.Port() == 40000 {
			c.sent++
		}
	}
}

// TestCrowd has all calls of a robot go on at the pace of their packets.
func TestCrowd(t *testing.T) {
	const calls, seconds = 20, 2
	c := newCrowd(t, calls)
	for range seconds * 50 {
		c.talk()
	}
	if want := calls * seconds * 50; c.sent < want-2*calls || c.sent > want+calls {
		t.Errorf("%d packets came back, want about %d", c.sent, want)
	}
}

// BenchmarkCrowd is a second of 200 calls to the echo. They share a loop: what one takes, the
// others wait.
func BenchmarkCrowd(b *testing.B) {
	var t testing.T
	c := newCrowd(&t, 200)
	for range 50 { // it takes a moment until they have begun
		c.talk()
	}
	b.ReportAllocs()
	for b.Loop() {
		for range 50 {
			c.talk()
		}
	}
}
