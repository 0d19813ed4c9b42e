package xr

import (
	"math"
	"time"

	"github.com/pion/rtcp"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

const (
	// unavailable stands for a number that an end does not have (RFC 3611 §4.7.4, §4.7.5).
	unavailable = 127
	// noLevel is the same of a level, which has a sign.
	noLevel = 127
)

// Measured is what a receiver of audio knows, for the block of VoIP metrics. The zero value of
// a field says that it is not known, but for counts.
type Measured struct {
	Expected, Lost, Late, Recovered uint64 // packets
	Counts                          Counts
	PacketTime                      time.Duration
	RTT, EndSystem                  time.Duration
	// Rating and Listening are R with and without the delay (G.107); Rated says that they
	// are known.
	Rating, Listening        float64
	Rated                    bool
	MOSLQ, MOSCQ             float64
	Signal, Noise            event.Reading // dBm0
	Concealment              int
	Adaptive, AdaptRate      int
	Nominal, Maximum, AbsMax time.Duration
}

// Block is the block of VoIP metrics about a source (RFC 3611 §4.7). What is not known is
// unavailable, and so is the echo, which nobody hears.
func (m Measured) Block(source uint32) *rtcp.VoIPMetricsReportBlock {
	burst, gap := m.Lengths()
	b := &rtcp.VoIPMetricsReportBlock{
		SSRC:          source,
		LossRate:      share(m.Lost-min(m.Lost, m.Recovered), m.Expected),
		DiscardRate:   share(m.Late, m.Expected),
		BurstDensity:  share(m.Counts.LostInBursts, m.Counts.InBursts),
		GapDensity:    share(m.Counts.LostInGaps, m.Counts.InGaps),
		BurstDuration: millis(burst),
		GapDuration:   millis(gap),

		RoundTripDelay: trip(m.RTT), EndSystemDelay: millis(m.EndSystem),
		SignalLevel: levelOf(m.Signal), NoiseLevel: levelOf(m.Noise), RERL: unavailable, Gmin: Gmin,
		RFactor: unavailable, ExtRFactor: unavailable, MOSLQ: unavailable, MOSCQ: unavailable,
		RXConfig:  uint8(m.Concealment<<6 | m.Adaptive<<4 | m.AdaptRate),
		JBNominal: millis(m.Nominal), JBMaximum: millis(m.Maximum), JBAbsMax: millis(m.AbsMax),
	}
	if m.Rated {
		b.RFactor = uint8(min(max(math.Round(m.Rating), 0), 100))
		b.MOSLQ, b.MOSCQ = tenths(m.MOSLQ), tenths(m.MOSCQ)
	}
	return b
}

// Lengths are the mean lengths of bursts and of gaps, which a block has in 16 bits.
func (m Measured) Lengths() (burst, gap time.Duration) {
	return mean(m.Counts.InBursts, m.Counts.Bursts, m.PacketTime), mean(m.Counts.InGaps, m.Counts.Gaps, m.PacketTime)
}

// share is a fraction in 1/256, at most 255 of them (§4.7.1).
func share(part, of uint64) uint8 {
	if of == 0 {
		return 0
	}
	return uint8(min(part*256/of, 255))
}

// mean is the mean length of periods which have so many packets together.
func mean(packets, periods uint64, each time.Duration) time.Duration {
	if periods == 0 {
		return 0
	}
	return time.Duration(packets) * each / time.Duration(periods)
}

// millis is a time in 16 bits.
func millis(d time.Duration) uint16 {
	return uint16(min(max(d.Round(time.Millisecond).Milliseconds(), 0), math.MaxUint16))
}

// trip is a round trip. One that was measured is 1 ms at the least, as 0 says that none was
// (§4.7.3).
func trip(d time.Duration) uint16 {
	if d > 0 {
		d = max(d, time.Millisecond)
	}
	return millis(d)
}

// tenths is an opinion score in 8 bits, 10 to 50 (§4.7.5).
func tenths(mos float64) uint8 { return uint8(min(max(math.Round(10*mos), 10), 50)) }

// Metrics is what a block says. Values that §4.7 reserves are as good as unavailable.
func Metrics(b *rtcp.VoIPMetricsReportBlock) event.VoIPMetrics {
	return event.VoIPMetrics{
		LossPct: percent(b.LossRate), DiscardPct: percent(b.DiscardRate),
		BurstLossPct: percent(b.BurstDensity), Burst: ms(b.BurstDuration),
		GapLossPct: percent(b.GapDensity), Gap: ms(b.GapDuration), Gmin: int(b.Gmin),
		RTT: ms(b.RoundTripDelay), EndSystem: ms(b.EndSystemDelay),
		Signal: level(b.SignalLevel), Noise: level(b.NoiseLevel), Echo: reading(b.RERL, unavailable-1),
		R: reading(b.RFactor, 100), ExtR: reading(b.ExtRFactor, 100),
		MOSLQ: opinion(b.MOSLQ), MOSCQ: opinion(b.MOSCQ),
		Concealment: int(b.RXConfig >> 6), Adaptive: int(b.RXConfig >> 4 & 3), AdaptRate: int(b.RXConfig & 15),
		Nominal: ms(b.JBNominal), Maximum: ms(b.JBMaximum), AbsMax: ms(b.JBAbsMax),
	}
}

func percent(v uint8) float64 { return 100 * float64(v) / 256 }

func ms(v uint16) event.Millis { return event.Millis(time.Duration(v) * time.Millisecond) }

// levelOf is a level of ours in eight bits.
func levelOf(r event.Reading) uint8 {
	if !r.Known {
		return noLevel
	}
	return uint8(int8(min(max(r.Value, math.MinInt8+1), noLevel-1)))
}

// level is a level in dBm0, in two's complement.
func level(v uint8) event.Reading {
	if v == noLevel {
		return event.Reading{}
	}
	return event.Reading{Value: int(int8(v)), Known: true}
}

// reading is a number from 0 to most.
func reading(v uint8, most uint8) event.Reading {
	if v > most {
		return event.Reading{}
	}
	return event.Reading{Value: int(v), Known: true}
}

// opinion is a score of 1.0 to 5.0; 0: there is none.
func opinion(v uint8) float64 {
	if v < 10 || v > 50 {
		return 0
	}
	return float64(v) / 10
}
