package media

import (
	"time"

	ctl "github.com/sleeptalk/sleeptalk/phone/control" // control is the RTCP of a session here
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/media/xr"
)

// unmeasured is a jitter that is not known.
const unmeasured = time.Duration(-1)

// Quality is what is known of the audio at its end, whether or not extended reports were
// agreed on.
func (s *Session) Quality(now time.Time) ctl.Quality {
	n, source, measured := &s.n, &s.inward.source, s.control.extended.measured(now, s.control.roundTrip)
	q := ctl.Quality{
		Start: s.start, Stop: now,
		Local:       ctl.MediaEnd{Addr: s.cfg.Local, SSRC: s.out.ssrc},
		Remote:      ctl.MediaEnd{Addr: s.route.remote, SSRC: source.ssrc},
		PayloadType: n.PayloadType, Codec: n.Codec.Name, Rate: n.Codec.ClockRate, PTime: n.PTime,
		Silence: n.NoiseType != 0 || n.Codec.Asked().DTX,
		Here:    xr.Metrics(measured.Block(source.ssrc)),
		There:   s.control.extended.far,
		Jitter:  unmeasured, FarJitter: unmeasured,
	}
	burst, gap := measured.Lengths() // a report has room for more than a minute
	q.Here.Burst, q.Here.Gap = event.Millis(burst), event.Millis(gap)
	if s.inward.heard() {
		q.Jitter = source.jitterDuration(source.jitter)
	}
	if s.outward.far.told {
		q.FarJitter = durationOf(int64(s.outward.far.jitter), n.Codec.ClockRate)
	}
	return q
}
