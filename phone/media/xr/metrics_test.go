package xr

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/pion/rtcp"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

var measured = Measured{
	Expected: 1000, Lost: 60, Late: 20, Recovered: 10,
	Counts:     Counts{Bursts: 2, InBursts: 100, LostInBursts: 50, Gaps: 3, InGaps: 900, LostInGaps: 20},
	PacketTime: 20 * time.Millisecond, RTT: 30 * time.Millisecond, EndSystem: 60 * time.Millisecond,
	Rating: 80.4, Listening: 84, Rated: true, MOSLQ: 4.23, MOSCQ: 4.03,
	Concealment: 3, Adaptive: 3, AdaptRate: 1, Nominal: 40 * time.Millisecond, Maximum: 240 * time.Millisecond, AbsMax: 400 * time.Millisecond,
}

func known(n int) event.Reading { return event.Reading{Value: n, Known: true} }

// The values are those of RFC 3611 §4.7 by hand.
func TestBlock(t *testing.T) {
	got := Metrics(measured.Block(7))
	want := event.VoIPMetrics{
		LossPct: 100 * 12.0 / 256, DiscardPct: 100 * 5.0 / 256, // 50 and 20 of 1000, in 1/256
		BurstLossPct: 50, Burst: ms(1000), GapLossPct: 100 * 5.0 / 256, Gap: ms(6000), Gmin: 16,
		RTT: ms(30), EndSystem: ms(60), R: known(80), MOSLQ: 4.2, MOSCQ: 4.0,
		Concealment: 3, Adaptive: 3, AdaptRate: 1, Nominal: ms(40), Maximum: ms(240), AbsMax: ms(400),
	}
	if got != want {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
}

func TestBlockOfLittle(t *testing.T) {
	for _, c := range []struct {
		name string
		m    Measured
		want func(m *event.VoIPMetrics)
	}{
		{"nothing", Measured{}, func(*event.VoIPMetrics) {}},
		{"all lost", Measured{Expected: 9, Lost: 9}, func(m *event.VoIPMetrics) { m.LossPct = 100 * 255.0 / 256 }},
		{"more recovered than lost", Measured{Expected: 9, Lost: 1, Recovered: 3}, func(*event.VoIPMetrics) {}},
		{"a round trip within this computer", Measured{RTT: 90 * time.Microsecond}, func(m *event.VoIPMetrics) { m.RTT = ms(1) }},
		{"longer than 16 bits", Measured{RTT: 70 * time.Second}, func(m *event.VoIPMetrics) { m.RTT = ms(65535) }},
		{"a bad call", Measured{Rating: -5, Rated: true, MOSLQ: 1, MOSCQ: 1}, func(m *event.VoIPMetrics) { m.R, m.MOSLQ, m.MOSCQ = known(0), 1, 1 }},
	} {
		want := event.VoIPMetrics{Gmin: 16}
		c.want(&want)
		if got := Metrics(c.m.Block(7)); got != want {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, got, want)
		}
	}
}

// Values that are unavailable, or reserved, are no numbers.
func TestReservedValues(t *testing.T) {
	b := measured.Block(1)
	b.SignalLevel, b.NoiseLevel, b.RERL, b.RFactor, b.ExtRFactor, b.MOSLQ, b.MOSCQ = 0xEE, 0, 50, 101, 92, 9, 51
	got := Metrics(b)
	if got.Signal != known(-18) || got.Noise != known(0) || got.Echo != known(50) || got.R.Known || got.ExtR != known(92) || got.MOSLQ != 0 || got.MOSCQ != 0 {
		t.Errorf("%+v", got)
	}
}

// packet is an XR packet as it is sent.
func packet(t testing.TB, blocks ...rtcp.ReportBlock) []byte {
	t.Helper()
	data, err := rtcp.ExtendedReport{SenderSSRC: 0xCAFE, Reports: blocks}.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func reference(ntp uint64) rtcp.ReportBlock {
	return &rtcp.ReceiverReferenceTimeReportBlock{NTPTimestamp: ntp}
}

func delays(list ...rtcp.DLRRReport) rtcp.ReportBlock { return &rtcp.DLRRReportBlock{Reports: list} }

func TestRead(t *testing.T) {
	whole := packet(t, &rtcp.LossRLEReportBlock{SSRC: 7, Chunks: []rtcp.Chunk{1, 2}}, reference(1<<40|9), delays(rtcp.DLRRReport{SSRC: 3, LastRR: 4, DLRR: 5}, rtcp.DLRRReport{SSRC: 7, LastRR: 8, DLRR: 9}),
		measured.Block(3), &rtcp.UnknownReportBlock{XRHeader: rtcp.XRHeader{BlockType: 200}, Bytes: []byte{1, 2, 3, 4}}, measured.Block(7))
	got, ok := Read(whole, 7)
	want := Report{Sender: 0xCAFE, Reference: 1<<40 | 9, LastRR: 8, Delay: 9, Metrics: Metrics(measured.Block(7))}
	if !ok || got != want {
		t.Errorf("\n got %+v, %t\nwant %+v", got, ok, want)
	}
	if got, ok := Read(whole, 99); !ok || got != (Report{Sender: 0xCAFE, Reference: 1<<40 | 9}) {
		t.Errorf("about others: %+v, %t", got, ok)
	}
}

// A block that breaks the rules costs nothing but itself, as long as its length is told.
func TestReadOfOddBlocks(t *testing.T) {
	noGmin := measured.Block(7)
	noGmin.Gmin = 0
	sized := func(words int) []byte { // a block of VoIP metrics of another length, and a good one
		b := append(packet(t, measured.Block(7))[headerLen:], make([]byte, 8)...)[:blockLen+4*words]
		b[3] = byte(words)
		return append(append(packet(t), b...), packet(t, measured.Block(7))[headerLen:]...)
	}
	for _, c := range []struct {
		name   string
		data   []byte
		ok     bool
		starts bool // the metrics are there
	}{
		{"none", packet(t), true, false},
		{"a reserved Gmin", packet(t, noGmin), false, false},
		{"shorter metrics", sized(7), false, true},
		{"longer metrics", sized(9), false, true},
		{"no metrics at all", sized(0), false, true},
		{"half a reference time", append(append(packet(t), 4, 0, 0, 1, 0, 0, 0, 0), packet(t, measured.Block(7))[headerLen:]...), false, true},
		{"half a sub-block", append(append(packet(t), 5, 0, 0, 1, 0, 0, 0, 7), packet(t, measured.Block(7))[headerLen:]...), false, true},
		{"a length that lies", append(packet(t, measured.Block(7)), 4, 0, 0xFF, 0xFF, 1, 2, 3, 4), false, true},
		{"a length that lies a little", append(packet(t, measured.Block(7)), 4, 0, 0, 2, 1, 2, 3, 4), false, true},
		{"half a header", append(packet(t, measured.Block(7)), 4, 0), false, true},
		{"another packet", append([]byte{2 << 6, byte(rtcp.TypeReceiverReport), 0, 1}, 0, 0, 0, 1), false, false},
		{"too short", []byte{2 << 6, byte(rtcp.TypeExtendedReport), 0, 0}, false, false},
		{"nothing", nil, false, false},
	} {
		if got, ok := Read(c.data, 7); ok != c.ok || got.Metrics.Known() != c.starts {
			t.Errorf("%s: %+v, %t", c.name, got, ok)
		}
	}
}

func FuzzXR(f *testing.F) {
	f.Add(packet(f, reference(1), delays(rtcp.DLRRReport{SSRC: 7, LastRR: 8, DLRR: 9}), measured.Block(7)))
	f.Add(append(packet(f, measured.Block(7)), 5, 0, 0, 4, 0, 0))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, ok := Read(data, 7)
		if ok && len(data) >= headerLen && r.Sender != binary.BigEndian.Uint32(data[4:]) {
			t.Errorf("%+v", r)
		}
		m := r.Metrics
		if m.LossPct >= 100 || m.MOSLQ != 0 && (m.MOSLQ < 1 || m.MOSLQ > 5) || m.R.Value > 100 || m.Known() != (m != event.VoIPMetrics{}) {
			t.Errorf("%+v", m)
		}
	})
}

// TestLevelsOfOurs: they come back as they were, and beyond eight bits as the nearest.
func TestLevelsOfOurs(t *testing.T) {
	for value, want := range map[int]int{-3: -3, 0: 0, 3: 3, -127: -127, -200: -127, 126: 126, 200: 126} {
		of := event.Reading{Value: value, Known: true}
		got := Metrics(Measured{Signal: of}.Block(1))
		if got.Signal != (event.Reading{Value: want, Known: true}) || got.Noise.Known {
			t.Errorf("%d: %+v, %+v", value, got.Signal, got.Noise)
		}
		if got := Metrics(Measured{Noise: of}.Block(1)); got.Noise.Value != want || got.Signal.Known {
			t.Errorf("noise of %d: %+v, %+v", value, got.Signal, got.Noise)
		}
	}
}
