package media

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// digits are the DTMF events 0 to 15 (RFC 4733 §3.2).
const digits = "0123456789*#ABCD"

// Constants of telephone-event.
const (
	toneLen     = 160 * 8                // samples: 160 ms, well above the 40 ms that receivers have to recognise (ITU-T Q.24)
	toneGap     = 80 * 8                 // samples: 80 ms of pause between digits
	toneEnds    = 3                      // times that the end is sent (RFC 4733 §2.5.1.4)
	toneVolume  = 10                     // -dBm0
	toneQueue   = 64                     // digits that may wait
	toneTimeout = 120 * time.Millisecond // without an update a digit is over: several of 20 to 50 ms are lost
	endBit      = 0x80                   // E in RFC 4733 §2.3
	eventLen    = 4
)

// Errors of SendDTMF.
var (
	ErrNoDTMF  = errors.New("the peer does not accept telephone-event (RFC 4733)")
	ErrOnHold  = errors.New("the call is on hold")
	ErrTooMany = fmt.Errorf("more than %d digits would wait", toneQueue)
)

// A toneSender turns digits into event payloads, one for each frame that is
// captured.
//
//	marker                      3 times the end
//	 |160|320|480| ... |1280|E1280 E1280 E1280|  gap  | next digit
type toneSender struct {
	waiting  string // event codes
	on       bool
	code     byte
	stamp    uint32 // of the digit's first sample, the same in all its packets
	duration int    // units of the clock
	ends     int    // end packets sent
	gap      int    // of the pause that is left, as duration
}

// queue adds digits, of which each has to be one of 0-9 * # A-D.
func (t *toneSender) queue(list string) error {
	list = strings.ToUpper(list)
	codes := make([]byte, len(list))
	for i := range len(list) {
		code := strings.IndexByte(digits, list[i])
		if code < 0 {
			return fmt.Errorf("%q is not a DTMF digit: use 0-9 * # A-D", list[i])
		}
		codes[i] = byte(code)
	}
	if len(t.waiting)+len(list) > toneQueue {
		return ErrTooMany
	}
	t.waiting += string(codes)
	return nil
}

// A tonePacket is one telephone-event payload to send.
type tonePacket struct {
	payload [eventLen]byte
	stamp   uint32
	first   bool // carries the marker
	over    bool // the first end packet: the digit is complete
}

// next is the event packet to send in place of n units of the clock, the first
// of which has the timestamp stamp; k is the scale of the clock.
func (t *toneSender) next(stamp uint32, n int, k scale) (tonePacket, bool) {
	switch {
	case t.gap > 0:
		t.gap -= n
		return tonePacket{}, false
	case !t.on && t.waiting == "":
		return tonePacket{}, false
	case !t.on:
		*t = toneSender{on: true, code: t.waiting[0], waiting: t.waiting[1:], stamp: stamp}
	}
	p := tonePacket{stamp: t.stamp, first: t.duration == 0}
	flags := byte(toneVolume)
	if t.ends == 0 {
		t.duration += n
	}
	if t.duration >= k.of(toneLen) {
		t.ends++
		p.over = t.ends == 1
		flags |= endBit
	}
	p.payload = [eventLen]byte{t.code, flags}
	binary.BigEndian.PutUint16(p.payload[2:], uint16(t.duration))
	if t.ends == toneEnds {
		t.on, t.gap = false, k.of(toneGap)
	}
	return p, true
}

// digit is the event of the digit that is being sent.
func (t *toneSender) digit(clock int) event.DTMF { return dtmf(true, t.code, t.duration, clock) }

// A toneReceiver makes one digit out of the many packets of an event, all of
// which have the same timestamp.
type toneReceiver struct {
	clock    int  // Hz
	on       bool // a digit has begun and not ended
	known    bool // stamp and code are those of a digit
	stamp    uint32
	code     byte
	duration int       // units of the clock
	deadline time.Time // when a digit without updates is over
}

// receive handles an event packet and returns the digits that it completes: the
// previous one, if all its end packets were lost, and its own.
func (t *toneReceiver) receive(now time.Time, stamp uint32, payload []byte) []event.DTMF {
	if len(payload) < eventLen || int(payload[0]) >= len(digits) {
		return nil // flash and the rest of RFC 4733 are not digits
	}
	var done []event.DTMF
	if !t.known || t.stamp != stamp {
		if t.known && int32(stamp-t.stamp) < 0 {
			return nil // a straggler of an earlier digit
		}
		done = t.end(done)
		*t = toneReceiver{clock: t.clock, on: true, known: true, stamp: stamp, code: payload[0]}
	}
	if !t.on {
		return done
	}
	t.duration = max(t.duration, int(binary.BigEndian.Uint16(payload[2:])))
	t.deadline = now.Add(toneTimeout)
	if payload[1]&endBit != 0 {
		done = t.end(done)
	}
	return done
}

// end closes a digit that has begun.
func (t *toneReceiver) end(done []event.DTMF) []event.DTMF {
	if !t.on {
		return done
	}
	t.on, t.deadline = false, time.Time{}
	return append(done, dtmf(false, t.code, t.duration, t.clock))
}

func dtmf(out bool, code byte, duration, clock int) event.DTMF {
	return event.DTMF{Out: out, Digit: digits[code : code+1], Length: event.Millis(durationOf(int64(duration), clock))}
}
