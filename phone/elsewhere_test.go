package phone_test

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/link"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// strangerAddr is an address that the phone does not know.
var strangerAddr = netip.MustParseAddr("198.51.100.7")

// A stranger is a program that sends datagrams, and writes down what comes back.
type stranger struct{}

func (stranger) Deadline() time.Time               { return time.Time{} }
func (stranger) Advance(time.Time) []system.Effect { return nil }

func (stranger) Receive(_ time.Time, s system.Signal) []system.Effect {
	if r, ok := s.(system.Received); ok {
		return []system.Effect{system.Log{Phone: "alice", Event: event.Server{What: "answers the stranger", Detail: fmt.Sprintf("%.11s", r.Data)}}}
	}
	return nil
}

// stranger has a stranger send a request to the socket over which the phone
// signals.
func (s *stage) stranger(method string) error {
	var to netip.AddrPort
	for _, r := range s.log.After(0) {
		if e, ok := r.Event.(event.Socket); ok && r.Phone == "alice" && e.Phase == event.SocketOpen {
			to = netip.MustParseAddrPort(e.Local)
		}
	}
	if s.other == nil {
		s.other = s.world.Add("stranger", strangerAddr, stranger{}, link.Path{})
		s.world.Do(s.other, func(time.Time) []system.Effect { return []system.Effect{system.Bind{RTP: 1, Port: 5060}} })
	}
	s.sent++
	text := fmt.Sprintf("%s sip:alice@%s SIP/2.0\r\nVia: SIP/2.0/UDP %s:5060;branch=z9hG4bK-%d\r\nMax-Forwards: 70\r\nFrom: <sip:x@%[3]s>;tag=1\r\nTo: <sip:alice@lab.test>\r\n"+
		"m: <sip:x@%[3]s>\r\nCall-ID: %[4]d\r\nCSeq: 1 %[1]s\r\nl: 0\r\n\r\n", method, to, strangerAddr, s.sent)
	s.world.Do(s.other, func(time.Time) []system.Effect {
		return []system.Effect{system.Send{Socket: 1, To: to, Data: []byte(text)}}
	})
	s.world.RunUntil(s.world.Elapsed() + time.Second)
	return nil
}
