package event

import (
	"fmt"
	"strconv"
)

// VoIPMetrics are what one end of a call measures of the audio that it receives, as RTCP XR
// has it (RFC 3611 §4.7). What an end does not know is left out.
type VoIPMetrics struct {
	LossPct    float64 `json:"loss_pct"`    // of the packets, on the way, and not recovered
	DiscardPct float64 `json:"discard_pct"` // of the packets: they came too late, or too many at once
	// A burst is a time of many losses and discards: there are less than Gmin packets
	// between one and the next (§4.7.2). What lies between bursts is a gap. Burst and Gap
	// are their mean lengths.
	BurstLossPct float64 `json:"burst_loss_pct"`
	Burst        Millis  `json:"burst_ms"`
	GapLossPct   float64 `json:"gap_loss_pct"`
	Gap          Millis  `json:"gap_ms"`
	Gmin         int     `json:"gmin"`

	RTT       Millis  `json:"rtt_ms,omitempty"`
	EndSystem Millis  `json:"end_system_ms,omitempty"` // the delay inside of that end
	Signal    Reading `json:"signal_dbm0,omitzero"`
	Noise     Reading `json:"noise_dbm0,omitzero"`
	Echo      Reading `json:"echo_loss_db,omitzero"` // residual echo return loss
	R         Reading `json:"r,omitzero"`            // rating of the E-model (G.107)
	ExtR      Reading `json:"ext_r,omitzero"`        // of another network behind that end
	MOSLQ     float64 `json:"mos_lq,omitempty"`      // of what is heard
	MOSCQ     float64 `json:"mos_cq,omitempty"`      // of the conversation: the delay counts, too

	// The receiver (§4.7.6), in the numbers of RFC 3611: 0 is unknown.
	Concealment int    `json:"plc"`      // 1: silence, 2: enhanced, 3: standard
	Adaptive    int    `json:"jb_adapt"` // the jitter buffer; 2: it is not, 3: it is
	AdaptRate   int    `json:"jb_rate"`  // how fast: 2 * rate * the length of a frame for a step of 70 ms
	Nominal     Millis `json:"jb_nominal_ms"`
	Maximum     Millis `json:"jb_max_ms"`
	AbsMax      Millis `json:"jb_abs_max_ms"`
}

// A Reading is a whole number that may not be known.
type Reading struct {
	Value int
	Known bool
}

// MarshalJSON writes the number.
func (r Reading) MarshalJSON() ([]byte, error) {
	return strconv.AppendInt(nil, int64(r.Value), 10), nil
}

// UnmarshalJSON reads it: it is known.
func (r *Reading) UnmarshalJSON(b []byte) error {
	n, err := strconv.Atoi(string(b))
	if err != nil {
		return fmt.Errorf("%s is no whole number", b)
	}
	*r = Reading{n, true}
	return nil
}

// Known reports whether there are any: Gmin is never 0 (RFC 3611 §4.7.2).
func (m VoIPMetrics) Known() bool { return m.Gmin != 0 }

// String is the metrics in words.
func (m VoIPMetrics) String() string {
	return join(", ", fmt.Sprintf("lost %.1f %%", m.LossPct), fmt.Sprintf("discarded %.1f %%", m.DiscardPct),
		unless(m.Burst == 0, "in bursts of %s %.1f %%", m.Burst, m.BurstLossPct),
		unless(m.RTT == 0, "round trip %s", m.RTT), unless(m.EndSystem == 0, "delay in itself %s", m.EndSystem),
		m.Signal.text("signal %d dBm0"), m.Noise.text("noise %d dBm0"), m.Echo.text("echo return loss %d dB"),
		m.R.text("R %d"), unless(m.MOSLQ == 0, "MOS-LQ %.1f", m.MOSLQ), unless(m.MOSCQ == 0, "MOS-CQ %.1f", m.MOSCQ))
}

func (r Reading) text(format string) string { return unless(!r.Known, format, r.Value) }
