package media

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// closed are the warnings of audio that does not open.
func closed(events []event.Event) []event.Warning {
	return slices.DeleteFunc(only[event.Warning](events), func(w event.Warning) bool { return w.Rule != event.RuleSRTPAuthFailed })
}

// What is protected otherwise than agreed is not played, and named: once in ten seconds.
func TestWrongKey(t *testing.T) {
	for name, test := range map[string]struct {
		theirs sdp.SRTP
		says   string
	}{
		"another key":   {sealed(sdp.AES128SHA80, 9, 2), "does not open with the agreed key (sdes AES_CM_128_HMAC_SHA1_80)"},
		"another suite": {sealed(sdp.GCM128, 1, 2), "does not open with the agreed key"},
		"none":          {sdp.SRTP{}, "plain RTP, where SRTP is agreed"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPair(1)
			p.seals(test.theirs, sealed(sdp.AES128SHA80, 2, 1))
			p.b.Answered(p.now)
			p.run(8 * time.Second)
			s := p.b.Stats(p.now)
			if s.Received != 0 || s.Unopened < 395 || s.MOS != 0 || s.DeadIn == 0 {
				t.Errorf("audio that does not open: %+v", s)
			}
			if slices.ContainsFunc(p.b.ear, func(v int16) bool { return v != 0 }) {
				t.Error("it was played")
			}
			list := closed(p.b.events)
			if len(list) != 1 || !strings.Contains(list[0].Note, test.says) || list[0].Call != 1 || list[0].Way != event.Inward {
				t.Errorf("warned %+v", list)
			}
			dead := only[event.Warning](p.b.events)
			if !slices.ContainsFunc(dead, func(w event.Warning) bool {
				return w.Rule == event.RuleNoAudioIn && strings.Contains(w.Note, strings.Split(test.says, " (")[0]) && strings.Contains(w.Hint, "srtp-auth-failed")
			}) {
				t.Errorf("dead audio is not told why: %+v", dead)
			}
		})
	}
}

// A few packets that somebody has made up are no fault of the far end.
func TestForgedPackets(t *testing.T) {
	p := newPair(1)
	p.seals(sealed(sdp.GCM128, 1, 2), sealed(sdp.GCM128, 2, 1))
	p.run(2 * time.Second)
	forged := onePacket()
	for range closedAfter - 1 {
		p.carry(p.b, p.a, p.b.Receive(p.now, system.Received{Socket: rtpSocket, From: addrA, Data: forged}))
	}
	p.run(4 * time.Second)
	s := p.b.Stats(p.now)
	if len(closed(p.b.events)) != 0 || s.Unopened != closedAfter-1 || s.Lost != 0 {
		t.Errorf("warned %v; %+v", closed(p.b.events), s)
	}
}

// Many are, even if what the peer sends opens: they are said once in ten seconds, with the
// address that they came under.
func TestForgedAmong(t *testing.T) {
	for each, want := range map[int]int{0: 0, 1: 3} {
		p := newPair(1)
		p.seals(sealed(sdp.GCM128, 1, 2), sealed(sdp.GCM128, 2, 1))
		forged := onePacket()
		for range 1500 { // 20 ms each
			p.run(20 * time.Millisecond)
			for range each {
				p.carry(p.b, p.a, p.b.Receive(p.now, system.Received{Socket: rtpSocket, From: addrA, Data: forged}))
			}
		}
		list := closed(p.b.events)
		if len(list) != want || want > 0 && !strings.HasPrefix(list[0].Note, "50 packets from 192.0.2.1:4000 were not played, among others that were: SRTP that does not open with the agreed key (sdes AEAD_AES_128_GCM); 50 so far") {
			t.Errorf("%d forged for each: %+v", each, list)
		}
	}
}

// Forged packets that come now and then are only counted.
func TestForgedNowAndThen(t *testing.T) {
	p := newPair(1)
	p.seals(sealed(sdp.GCM128, 1, 2), sealed(sdp.GCM128, 2, 1))
	for range 2 * amidAfter {
		p.run(300 * time.Millisecond) // 33 in ten seconds
		p.carry(p.b, p.a, p.b.Receive(p.now, system.Received{Socket: rtpSocket, From: addrA, Data: onePacket()}))
	}
	if list := closed(p.b.events); len(list) != 0 || p.b.Stats(p.now).Unopened != 2*amidAfter {
		t.Errorf("warned %+v", list)
	}
}

// Plain packets are counted as such from the first on, though it takes five to see it: before
// there are keys, too.
func TestPlainIsCountedAsPlain(t *testing.T) {
	for _, keys := range []sdp.Keying{sdp.SDES, sdp.DTLS} {
		p := newPair(1)
		if keys == sdp.DTLS {
			p.shakes(true, "nobody answers")
			p.a.keys = protection{basis: &p.a.basis, route: &p.a.route}
			p.b.Receive(p.now, system.Received{Socket: rtpSocket, From: addrA, Data: onePacket()}) // of another stream
		} else {
			p.seals(sdp.SRTP{}, sealed(sdp.AES128SHA80, 2, 1))
		}
		p.a.control.clock.next = p.now.Add(time.Hour) // its reports are another matter
		p.b.Answered(p.now)
		p.run(3 * time.Second)
		s, list := p.b.Stats(p.now), closed(p.b.events)
		if n := p.b.inward.foreign.lately[errPlain.Error()]; s.Unopened != n || n < 145 {
			t.Errorf("%v: plain are %d: %+v", keys, n, s)
		}
		if len(list) != 1 || !strings.HasSuffix(list[0].Note, "; 5 so far") {
			t.Errorf("%v: %+v", keys, list)
		}
	}
}

// A peer that has agreed on a new key, and goes on with the old one, is played and named,
// unless what came with that was on its way.
func TestOldKey(t *testing.T) {
	for late, want := range map[time.Duration]int{0: 0, oldKeyFor - 100*time.Millisecond: 0, oldKeyFor + 100*time.Millisecond: 1, time.Minute: 1} {
		p := newPair(1)
		before, now := sealed(sdp.AES128SHA80, 1, 2), sealed(sdp.AES128SHA80, 3, 2)
		p.seals(before, sealed(sdp.AES128SHA80, 2, 1))
		p.run(2 * time.Second)
		p.seals(before, sealed(sdp.AES128SHA80, 2, 3))
		p.run(late)
		p.sealsAs(now)
		p.run(4 * time.Second)
		list := slices.DeleteFunc(only[event.Warning](p.b.events), func(w event.Warning) bool { return w.Rule != event.RuleSRTPOldKey })
		if s := p.b.Stats(p.now); len(list) != want || s.Lost != 0 || s.Foreign != 0 {
			t.Errorf("%s late: %+v, %+v", late, list, s)
		}
		if want > 0 && (!strings.Contains(list[0].Note, "for 2.0") || list[0].Call != 1 || list[0].Way != event.Inward) {
			t.Errorf("%s late: %+v", late, list)
		}
	}
}

// Who was not looked at for a while has not sent with the old key meanwhile.
func TestOldKeyAfterALeap(t *testing.T) {
	p := newPair(1)
	before := sealed(sdp.AES128SHA80, 1, 2)
	p.seals(before, sealed(sdp.AES128SHA80, 2, 1))
	p.run(2 * time.Second)
	p.seals(before, sealed(sdp.AES128SHA80, 2, 3))
	p.run(time.Second)
	p.b.Stood(p.now, time.Second)
	p.run(1500 * time.Millisecond)
	if f := p.b.keys.seal.lagging(); f == nil || f.said {
		t.Errorf("%+v", f)
	}
}

// A copy is counted, and is neither lost nor foreign.
func TestReplayed(t *testing.T) {
	p := newPair(1)
	p.seals(sealed(sdp.AES128SHA32, 1, 2), sealed(sdp.AES128SHA32, 2, 1))
	p.a.out.duplicate = 1
	p.run(4 * time.Second)
	s := p.b.Stats(p.now)
	if s.Replayed < 190 || s.Foreign != 0 || s.Lost != 0 || len(closed(p.b.events)) != 0 {
		t.Errorf("each packet twice: %+v", s)
	}
	wantTone(t, p.b.ear[8000:], 440, 0.98)
}

// Reports are protected, too, and believed only if they open.
func TestSealedReports(t *testing.T) {
	a := newTestSession(addrA, addrB, 1)
	n := a.n
	n.SRTP = sealed(sdp.AES128SHA80, 1, 2)
	a.Renegotiate(epoch, n)
	out := a.control.report(nil, epoch, false)
	data := out[len(out)-1].(system.Send).Data
	if len(data) > maxReport || bytes.Contains(data, []byte(a.cfg.CNAME)) {
		t.Errorf("a report of %d octets: %x", len(data), data)
	}
	plain := newTestSession(addrB, addrA, 2).control.report(nil, epoch, false)
	a.Receive(epoch.Add(time.Second), system.Received{Socket: rtcpSocket, From: port(addrB, 1), Data: plain[len(plain)-1].(system.Send).Data})
	if s := a.Stats(epoch.Add(time.Second)); s.Unopened != 1 || !a.outward.far.at.IsZero() {
		t.Errorf("a plain report was believed: %+v", s)
	}
}

// What the kernel refuses is booked without what protects it.
func TestSealedUnsent(t *testing.T) {
	s := New(Config{Call: 1, RTP: rtpSocket, RTCP: rtcpSocket, Local: addrA, Negotiated: withSRTP(sealed(sdp.GCM256, 1, 2)), Rand: rand.New(rand.NewPCG(1, 0))}, epoch)
	out := s.Capture(epoch, make([]int16, 160))
	sent := out[len(out)-1].(system.Send)
	if len(sent.Data) != headerLen+160+16 || s.out.packetLen() != len(sent.Data) {
		t.Errorf("%d octets, reckoned with %d", len(sent.Data), s.out.packetLen())
	}
	s.Unsent(epoch, system.Unsent{Socket: rtpSocket, To: addrB, Data: sent.Data, Err: system.Forbidden})
	if s.out.packets != 0 || s.out.octets != 0 {
		t.Errorf("%d packets of %d octets are left", s.out.packets, s.out.octets)
	}
}

// TestWhyClosed: what to look at depends on where the keys come from.
func TestWhyClosed(t *testing.T) {
	for keys, says := range map[sdp.Keying]string{sdp.SDES: "its a=crypto", sdp.DTLS: "ends DTLS"} {
		p := newPair(1)
		if keys == sdp.DTLS {
			p.shakes(true, "")
			p.run(time.Second)
			p.a.keys.seal = newSeal(sealed(sdp.GCM128, 9, 2), nil)
		} else {
			p.seals(sealed(sdp.GCM128, 9, 2), sealed(sdp.GCM128, 2, 1))
		}
		p.run(4 * time.Second)
		if list := closed(p.b.events); len(list) != 1 || !strings.Contains(list[0].Hint, says) || (keys == sdp.DTLS) == strings.Contains(list[0].Hint, "crypto") {
			t.Errorf("%v: warned %+v", keys, list)
		}
	}
}
