//go:build hostile

package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A busy server asks a phone forty thousand times: a week, at one in fifteen
// seconds. The phone answers each, keeps little of it in memory, and says all of
// it.
func TestHostileBusyServer(t *testing.T) {
	t.Parallel()
	const asked, window = 40_000, 200
	s := newSIPServer(t, nil)
	phone := attackedPhone(t, s.at("tcp"))
	phone.registered()
	for i := range asked {
		s.send(fmt.Sprintf("OPTIONS sip:alice@lab.test SIP/2.0\r\nVia: SIP/2.0/TCP %s;branch=z9hG4bK%032x\r\nMax-Forwards: 70\r\n"+
			"From: <sip:pat@lab.test>;tag=%08x\r\nTo: <sip:alice@lab.test>\r\nCall-ID: %016x\r\nCSeq: %d OPTIONS\r\n"+
			"Contact: <sip:pat@%s>\r\nContent-Length: 0\r\n\r\n", s.addr, i*7919, i*31, i*104729, i+1, s.addr))
		if i%window == window-1 {
			s.probe("OPTIONS", "200") // and so the answers are read before there are too many
		}
	}
	phone.within(64)
	if code := phone.quit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	var in, out int
	for r := range phone.log.From(0) {
		if m, ok := r.Event.(event.Message); ok && m.Method == "OPTIONS" {
			if in++; m.Out {
				out++
			}
		}
	}
	const all = asked + asked/window
	if in -= out; in != all || out != all {
		t.Errorf("%d requests and %d answers in the events, want %d of each", in, out, all)
	}
}

// A server sends half a megabyte of empty lines, two of which are a ping
// each.
func TestHostilePings(t *testing.T) {
	t.Parallel()
	const pings = 1 << 17
	s := newSIPServer(t, nil)
	phone := attackedPhone(t, s.at("tcp"))
	phone.registered()
	for range pings / 1024 {
		s.send(strings.Repeat("\r\n\r\n", 1024))
		s.probe("OPTIONS", "200")
	}
	phone.within(64)
	if code := phone.quit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	got := 0
	for r := range phone.log.From(0) {
		if e, ok := r.Event.(event.Ping); ok && !e.Out {
			got++
		}
	}
	if got != pings {
		t.Errorf("%d pings in the events, want %d", got, pings)
	}
}
