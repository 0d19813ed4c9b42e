//go:build hostile

package main

import (
	"encoding/binary"
	"math/rand/v2"
	"net"
	"regexp"
	"strconv"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// hostilePackets is how many packets a call is sent that nobody should send.
const hostilePackets = 31503

// TestHostileRTP has whom a phone talks to send it lies, on the port for RTP and
// on the one for RTCP. The call goes on to its end, and the phone takes another.
func TestHostileRTP(t *testing.T) {
	t.Parallel()
	media := udpAt(t, "127.0.0.1")
	s := newSIPServer(t, nil)
	phone := attackedPhone(t, s.at("udp"), "--auto", "answer", "--mic", "tone:440", "--speaker", "file:heard.wav")
	phone.registered()
	ok := s.probe("INVITE", "200", offerOf("127.0.0.1", media.LocalAddr().(*net.UDPAddr).Port))
	s.acknowledge(ok)
	phone.call(event.CallUp)
	theirs, err := strconv.Atoi(regexp.MustCompile(`m=audio (\d+)`).FindStringSubmatch(ok)[1])
	if err != nil {
		t.Fatal(err)
	}
	before := phone.usage()
	g := &packets{rand: rand.New(rand.NewPCG(31, 503))}
	for i := range hostilePackets {
		packet, to := g.rtp(), theirs
		if g.rand.IntN(4) == 0 {
			packet, to = g.rtcp(), theirs+1
		}
		media.WriteTo(packet, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: to})
		if i%100 == 0 {
			s.probe("OPTIONS", "200") // and so they are not lost in the socket's buffer
		}
	}
	phone.say("hang up")
	phone.call(event.CallEnded)
	s.acknowledge(s.probe("INVITE", "200", offer))
	phone.call(event.CallUp)
	phone.say("hang up")
	phone.call(event.CallEnded)
	phone.grown(before)
	phone.within(64)
	if code := phone.quit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// packets makes packets in which something lies, the same for the same seed.
type packets struct {
	rand *rand.Rand
	seq  uint16
	time uint32
}

// rtp is a packet of a stream of PCMU that is good but for one or two things
// (RFC 3550 §5.1).
func (g *packets) rtp() []byte {
	g.seq++
	g.time += 160
	p := make([]byte, 12+160)
	p[0] = 0x80
	binary.BigEndian.PutUint16(p[2:], g.seq)
	binary.BigEndian.PutUint32(p[4:], g.time)
	binary.BigEndian.PutUint32(p[8:], 7)
	for range 1 + g.rand.IntN(2) {
		switch g.rand.IntN(11) {
		case 0: // another version
			p[0] = p[0]&0x3f | byte(g.rand.IntN(4))<<6
		case 1: // padding that is longer than the packet, or none
			p[0] |= 0x20
			p[len(p)-1] = byte(g.rand.Uint32())
		case 2: // contributing sources that are not there
			p[0] |= byte(g.rand.IntN(16))
		case 3: // an extension that is not there
			p[0] |= 0x10
			if len(p) > 16 {
				binary.BigEndian.PutUint16(p[14:], uint16(g.rand.Uint32()))
			}
		case 4: // a payload type that was not agreed on
			p[1] = byte(g.rand.Uint32())
		case 5: // another stream
			binary.BigEndian.PutUint32(p[8:], g.rand.Uint32())
		case 6: // a jump
			g.seq += uint16(g.rand.Uint32())
			binary.BigEndian.PutUint16(p[2:], g.seq)
		case 7: // a jump in time
			g.time += g.rand.Uint32()
			binary.BigEndian.PutUint32(p[4:], g.time)
		case 8: // too little
			p = p[:12+g.rand.IntN(len(p)-11)]
		case 9: // too much
			p = append(p, make([]byte, g.rand.IntN(8000))...)
		case 10: // a digit that never ends (RFC 4733)
			p[1] = 101
			p = append(p[:12], byte(g.rand.Uint32()), byte(g.rand.Uint32()), 0xff, 0xff)
		}
	}
	if g.rand.IntN(20) == 0 {
		p = p[:g.rand.IntN(12)]
	}
	return p
}

// rtcp is a compound packet whose counts and lengths are chance (§6.1).
func (g *packets) rtcp() []byte {
	var all []byte
	for range 1 + g.rand.IntN(4) {
		p := make([]byte, 4+g.rand.IntN(120))
		for i := range p {
			p[i] = byte(g.rand.Uint32())
		}
		p[0] = 0x80 | p[0]&0x3f
		p[1] = byte(200 + g.rand.IntN(8))
		if g.rand.IntN(2) == 0 {
			binary.BigEndian.PutUint16(p[2:], uint16(len(p)/4-1))
		}
		if g.rand.IntN(3) == 0 && len(p) > 8 {
			binary.BigEndian.PutUint32(p[4:], 7)
		}
		all = append(all, p...)
	}
	return all
}
