package media

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/rtcp"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// The bounds of RFC 3550 §6.2: half to one and a half of the mean, shortened
// by the compensation of A.7; the mean is 5 s, 2.5 s at first.
func TestReportInterval(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, initial := range []bool{true, false} {
		mean := 5 * time.Second
		if initial {
			mean /= 2
		}
		least, most, sum := time.Hour, time.Duration(0), time.Duration(0)
		const rounds = 10000
		for range rounds {
			d := reportInterval(2, 2, true, sizeFirst, initial, rng)
			least, most, sum = min(least, d), max(most, d), sum+d
		}
		scaled := func(f float64) float64 { return f * mean.Seconds() / compensation }
		near(t, "the shortest", least.Seconds(), scaled(0.5), 0.01)
		near(t, "the longest", most.Seconds(), scaled(1.5), 0.01)
		near(t, "the mean", (sum / rounds).Seconds(), scaled(1), 0.05)
	}
	// Large reports take longer: 50 kB each at 500 octets a second for two
	// members.
	if d := reportInterval(2, 2, true, 50000, false, rng); d < 80*time.Second {
		t.Errorf("interval %s for reports of 50 kB", d)
	}
	// A quarter of the bandwidth is the senders' if they are few.
	if d := reportInterval(8, 1, true, 5000, false, rng); d < 16*time.Second {
		t.Errorf("interval %s for one sender of eight members", d)
	}
}

func TestReports(t *testing.T) {
	p := newPair(21)
	p.a.out.lose = func(n int) bool { return n%4 == 0 && n < 1000 }
	p.run(20 * time.Second)
	compound := reportOf(t, p.b, p.now)
	sr, ok := compound[0].(*rtcp.SenderReport)
	if !ok {
		t.Fatalf("a sender reports with a %T", compound[0])
	}
	if sr.PacketCount != uint32(p.b.out.carried) || sr.OctetCount != 160*sr.PacketCount || sr.SSRC != p.b.Session.out.ssrc {
		t.Errorf("sender report %+v", sr)
	}
	block := sr.Reports[0]
	if block.SSRC != p.a.Session.out.ssrc || block.FractionLost < 60 || block.FractionLost > 70 || int(block.TotalLost) != p.a.out.lost {
		t.Errorf("block %+v, %d lost", block, p.a.out.lost)
	}
	if block.LastSenderReport == 0 || fromShort(block.Delay) > 8*time.Second {
		t.Errorf("LSR %d, DLSR %s", block.LastSenderReport, fromShort(block.Delay))
	}
	if text := compound[1].(*rtcp.SourceDescription).Chunks[0].Items[0].Text; text != "test@192.0.2.2" {
		t.Errorf("CNAME %q", text)
	}
}

// reportOf makes e report and reads it.
func reportOf(t *testing.T, e *end, now time.Time) []rtcp.Packet {
	t.Helper()
	effects := e.control.report(nil, now, false)
	send := effects[0].(system.Send)
	if send.Socket != rtcpSocket || send.To.Port()%2 == 0 {
		t.Errorf("report on socket %d to %s", send.Socket, send.To)
	}
	packets, err := rtcp.Unmarshal(send.Data)
	if err != nil {
		t.Fatal(err)
	}
	return packets
}

func TestWhoDoesNotSendReportsAsReceiver(t *testing.T) {
	p := newPair(22)
	n := agreed(addrA)
	n.Send = false
	p.b.Renegotiate(p.now, n)
	p.run(3 * time.Second)
	if first, ok := reportOf(t, p.b, p.now)[0].(*rtcp.ReceiverReport); !ok {
		t.Errorf("%T", first)
	}
}

func TestMuxedReports(t *testing.T) {
	p := newPair(23)
	for _, e := range []*end{p.a, p.b} {
		n := e.n
		n.Mux, n.RemoteRTCP = true, n.Remote
		e.Renegotiate(p.now, n)
	}
	p.run(20 * time.Second)
	near(t, "the round trip in ms", p.a.Stats(p.now).RTT.D().Seconds()*1000, 60, 2)
	if effects := p.a.control.report(nil, p.now, false); effects[0].(system.Send).Socket != rtpSocket {
		t.Error("a muxed report left by the other socket")
	}
}

// A report that waited in the kernel while the app was frozen tells nothing
// about the network.
func TestStaleReportAfterALeap(t *testing.T) {
	p := newPair(24)
	p.run(20 * time.Second)
	before := p.a.control.roundTrip
	block := rtcp.ReceptionReport{SSRC: p.a.Session.out.ssrc, LastSenderReport: shortNTP(p.now), Delay: 65536}
	woken := p.now.Add(9 * time.Second)
	p.a.notice(woken)
	p.a.control.measureRoundTrip(woken, []rtcp.ReceptionReport{block})
	if p.a.control.roundTrip != before {
		t.Errorf("round trip %s after the leap, %s before", p.a.control.roundTrip, before)
	}
}

func TestReportsOfStrangersAreIgnored(t *testing.T) {
	p := newPair(25)
	p.run(2 * time.Second)
	bye, err := rtcp.Marshal([]rtcp.Packet{&rtcp.ReceiverReport{}, &rtcp.Goodbye{Sources: []uint32{p.b.inward.source.ssrc}}})
	if err != nil {
		t.Fatal(err)
	}
	stranger := netip.MustParseAddrPort("203.0.113.5:61001")
	p.b.Receive(p.now, system.Received{Socket: rtcpSocket, From: stranger, Data: bye})
	if !p.b.in.settled || p.b.route.remoteRTCP == stranger {
		t.Error("a stranger said BYE for the peer")
	}
}

// TestReportsNameNoOtherStreamsReport: the last sender report that ours name is one of the
// stream that they are about, and of before no leap of the time.
func TestReportsNameNoOtherStreamsReport(t *testing.T) {
	for name, end := range map[string]func(p *pair){
		"nothing happens": func(*pair) {},
		"another stream":  func(p *pair) { p.a.Session.out.rename(p.a.cfg.Rand) },
		"a leap":          func(p *pair) { p.b.Stood(p.now, time.Second) },
	} {
		p := newPair(21)
		p.run(10 * time.Second)
		end(p)
		p.a.out.mute = true
		p.run(time.Second)
		blocks := p.b.control.receptionReports(p.now)
		if len(blocks) != 1 || (blocks[0].LastSenderReport != 0) != (name == "nothing happens") {
			t.Errorf("%s: %+v", name, blocks)
		}
	}
}
