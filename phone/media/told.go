package media

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// falls logs that nothing arrives, when it is time; the numbers follow at once.
func (s *Session) falls(now time.Time) []system.Effect {
	if !s.inward.dies(now) {
		return nil
	}
	s.nextStats = now
	return s.warn(event.RuleNoAudioIn, event.Inward, s.inward.whatCame(now)+"; "+s.outward.far.says(now), s.whyNothing())
}

// whyNothing is what to look at where nothing has come.
func (s *Session) whyNothing() string {
	switch refused, keyless := s.route.origin.refused.Total(), s.keys.why(); {
	case keyless != "":
		return keyless
	case refused > 0:
		return fmt.Sprintf("%d packets from elsewhere were refused: let the server relay the audio, or --accept-from any", refused)
	case s.unopened.row > 0:
		return "audio that is not protected as agreed, see srtp-auth-failed"
	case len(s.inward.foreign.lately) > 0:
		return "a far end that sends another codec than it has agreed on, or encrypts what is to be plain; or somebody else who sends to our port"
	case s.out.packets == 0 && s.out.unsent.total > 0:
		return "this computer has not sent what we say (send-refused), and a NAT lets in only what answers"
	case s.out.packets == 0:
		return "we have sent nothing either, and a NAT lets in only what answers: give the phone a microphone, or --mic silence"
	}
	return "a firewall or NAT on the way, a far end without microphone, a relay that has lost the call"
}

// lately is what the audio was like since that was told last.
func (s *Session) lately(now time.Time, all bool) []system.Effect {
	e, ok := s.strip.tell(now, s.cfg.Call, all)
	if !ok {
		return nil
	}
	return []system.Effect{system.Log{Event: e}}
}

// Stats returns the current statistics.
func (s *Session) Stats(now time.Time) event.RTP {
	src := &s.inward.source
	t := s.inward.totals(now)
	e := event.RTP{
		Call: s.cfg.Call,
		Sent: s.out.packets, Unsent: s.out.unsent.total, Received: t.received, Lost: t.lost(),
		Late: s.in.buffer.late, Unplayed: s.in.buffer.unplayed, Noise: s.in.noises,
		Refused: s.route.origin.refused.Total(),
		Foreign: s.inward.foreign.total, Unopened: s.unopened.total, Replayed: s.unopened.replayed,
		Concealed: s.in.buffer.concealedPackets(),
		Recovered: s.in.buffer.remedy.recovered,
		JitterMax: event.Millis(s.inward.past.jitterMax),
		Delay:     event.Millis(durationOf(int64(s.in.buffer.delay), s.Rate())),
		RTT:       event.Millis(s.control.roundTrip),
		FarJitter: event.Millis(durationOf(int64(s.outward.far.jitter), s.n.Codec.ClockRate)),
		DeadIn:    event.Seconds(s.inward.deadFor(now)),
		DeadOut:   event.Seconds(max(s.outward.deadFor(s.outward.far.at), s.out.unsent.deadFor(now))),
		UnknownIn: event.Seconds(s.inward.pause.unknownFor(now)),
		FarXR:     s.control.extended.far,
	}
	e.FarOf, e.FarLost, e.FarLossPct = s.outward.far.loss(s.outward.dead)
	e.FarSent, e.FarAge = s.outward.far.last(now)
	if s.inward.heard() {
		e.Jitter = event.Millis(src.jitterDuration(src.jitter))
		e.JitterMax = max(e.JitterMax, event.Millis(src.jitterDuration(src.jitterMax)))
	}
	if t.expected > 0 {
		e.LossPct = 100 * float64(e.Lost) / float64(t.expected)
	}
	if loss, ok := s.inward.unheard(t); ok {
		e.MOS = opinion(rating(s.control.mouthToEar(), loss))
	}
	if s.n.XR.Metrics && s.inward.heard() {
		e.XR = s.control.metrics(now)
	}
	return e
}
