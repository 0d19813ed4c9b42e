package app_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A stoppable is a machine whose process can be stopped: the kernel keeps what comes
// meanwhile, as far as its sockets have room.
type stoppable struct {
	system.Machine
	until  time.Time // stopped until then; zero: it runs
	waits  []system.Signal
	timers bool // overdue timers fire before what waits is taken in
	sent   func(now time.Time, rtp []byte)
}

// room is how many datagrams a socket of Linux has room for, as sent here.
const room = 277

func (m *stoppable) Deadline() time.Time {
	if !m.until.IsZero() {
		return m.until
	}
	return m.Machine.Deadline()
}

func (m *stoppable) Receive(now time.Time, s system.Signal) []system.Effect {
	if !m.until.IsZero() {
		if len(m.waits) < room {
			m.waits = append(m.waits, s)
		}
		return nil
	}
	return m.look(now, m.Machine.Receive(now, s))
}

func (m *stoppable) Advance(now time.Time) (effects []system.Effect) {
	if now.Before(m.until) { // it was stopped after it had said when
		return nil
	}
	waits := m.waits
	m.until, m.waits = time.Time{}, nil
	if m.timers || waits == nil {
		effects = m.Machine.Advance(now)
	}
	for _, s := range waits {
		effects = append(effects, m.Machine.Receive(now, s)...)
	}
	return m.look(now, effects)
}

func (m *stoppable) look(now time.Time, effects []system.Effect) []system.Effect {
	for _, e := range effects {
		if s, ok := e.(system.Send); ok && m.sent != nil && len(s.Data) == 12+pcm.FrameSamples {
			m.sent(now, s.Data)
		}
	}
	return effects
}

// A length counts the samples of a recording.
type length int

func (*length) Rate() int { return 0 }

func (l *length) Write(_ int, frame []int16) error {
	*l += length(len(frame))
	return nil
}

func (l length) duration() time.Duration { return time.Duration(l) * time.Second / pcm.Rate }

// TestStandstill stops the process in a call: the recordings have silence for the time,
// our timestamps go on with the clock, and nothing is lost, late or jitter, however long it
// stood still and whatever comes first when it runs again.
func TestStandstill(t *testing.T) {
	for _, gap := range []time.Duration{
		230 * time.Millisecond, 300 * time.Millisecond, 800 * time.Millisecond, 1500 * time.Millisecond,
		3 * time.Second, 20 * time.Second, time.Minute, 70 * time.Second,
	} {
		for _, timers := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, timers first %t", gap, timers), func(t *testing.T) { stopInACall(t, gap, timers) })
		}
	}
}

func stopInACall(t *testing.T, gap time.Duration, timers bool) {
	var heard, said length
	m := &stoppable{timers: timers}
	d := newDeskThat(t, app.Sound{
		Mic: func(rate int) pcm.Source { return pcm.Tone(rate, 440, -10) }, Speaker: &heard, Sent: &said,
	}, func(plain system.Machine) system.Machine { m.Machine = plain; return m })
	var at []time.Time
	var stamps []uint32
	m.sent = func(now time.Time, rtp []byte) {
		at, stamps = append(at, now), append(stamps, binary.BigEndian.Uint32(rtp[4:]))
	}
	d.call("echo")
	d.run(3 * time.Second)
	before := last[event.RTP](d)
	m.until = d.world.Now().Add(gap)
	d.run(gap + 5*time.Second)

	ran := at[len(at)-1].Sub(at[0])
	if told := time.Duration(stamps[len(stamps)-1]-stamps[0]) * time.Second / 8000; (told - ran).Abs() > time.Millisecond {
		t.Errorf("our timestamps go on by %s in %s", told, ran)
	}
	for what, kept := range map[string]length{"is heard": heard, "is said": said} {
		if d := kept.duration(); (d - ran - 20*time.Millisecond).Abs() > 20*time.Millisecond {
			t.Errorf("the recording of what %s has %s of %s", what, d, ran)
		}
	}
	s := last[event.RTP](d)
	// The call starts with frames that wait for the first of the echo.
	if s.Lost > 0 || s.Late > before.Late || s.JitterMax.D() > before.JitterMax.D()+time.Millisecond || s.DeadIn > 0 || s.DeadOut > 0 {
		t.Errorf("the standstill is in the statistics: %+v", s)
	}
	if s.MOS < before.MOS-0.1 || s.Received < before.Received+200 {
		t.Errorf("MOS %.2f, %d received; before %.2f, %d", s.MOS, s.Received, before.MOS, before.Received)
	}
	if said := events[event.Warning](d); slices.ContainsFunc(said, func(w event.Warning) bool { return w.Rule != event.RuleNoOutbound }) {
		t.Errorf("somebody is blamed: %+v", said)
	}
}
