package world

import (
	"bytes"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/link"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A talker sends a datagram each 20 ms and a line on a stream each second, and
// logs what it hears.
type talker struct {
	world *World
	peer  string
	heard int
	rtp   system.Bound
	far   *talker
	next  time.Time
	count int
	quiet bool // do not log each packet
}

func (m *talker) start(time.Time) []system.Effect {
	m.next = m.world.Now()
	return []system.Effect{
		system.Bind{RTP: 1, RTCP: 2},
		system.Listen{Socket: 3, Addr: ":5060"},
		system.Connect{Socket: 4, Target: m.peer + ":5060"},
	}
}

func (m *talker) Deadline() time.Time { return m.next }

func (m *talker) Advance(now time.Time) []system.Effect {
	m.next = m.next.Add(20 * time.Millisecond)
	m.count++
	effects := []system.Effect{system.Send{Socket: 1, To: m.far.rtp.Local, Data: make([]byte, 172)}}
	if m.count%50 == 0 {
		effects = append(effects, system.Send{Socket: 4, Data: make([]byte, 700)})
	}
	return effects
}

func (m *talker) Receive(_ time.Time, s system.Signal) []system.Effect {
	switch s := s.(type) {
	case system.Bound:
		if s.Socket == 1 {
			m.rtp = s
		}
	case system.Received:
		m.heard++
		if !m.quiet {
			return []system.Effect{system.Log{Event: event.Server{What: "heard", Detail: string(rune('a' + len(s.Data)%26))}}}
		}
	}
	return nil
}

// talk runs two talkers for d and returns the world.
func talk(cfg Config, path link.Path, d time.Duration, quiet bool) *World {
	w := New(cfg)
	a, b := &talker{world: w, peer: "b", quiet: quiet}, &talker{world: w, peer: "a", quiet: quiet}
	a.far, b.far = b, a
	na, nb := w.Add("a", aliceAddr, a, path), w.Add("b", labAddr, b, path)
	w.Do(na, a.start)
	w.Do(nb, b.start)
	w.RunUntil(d)
	return w
}

func TestSameSeedSameLog(t *testing.T) {
	path := link.Path{Latency: 30 * time.Millisecond, Jitter: 25 * time.Millisecond, Loss: 0.05}
	run := func(seed uint64) []byte {
		cfg := Config{Seed: seed, Log: new(event.Log), Split: true, MSS: 300}
		talk(cfg, path, time.Minute, false)
		var out []byte
		for _, r := range cfg.Log.After(0) {
			var err error
			if out, err = event.AppendJSON(out, r); err != nil {
				t.Fatal(err)
			}
			out = append(out, '\n')
		}
		return out
	}
	first := run(7)
	if len(first) < 100_000 {
		t.Fatalf("only %d bytes of log", len(first))
	}
	if !bytes.Equal(first, run(7)) {
		t.Error("two runs of one seed differ")
	}
	if bytes.Equal(first, run(8)) {
		t.Error("two seeds give the same run")
	}
}

// BenchmarkCall measures the steps of a call: a datagram each 20 ms each way,
// over links with jitter and loss.
func BenchmarkCall(b *testing.B) {
	path := link.Path{Latency: 30 * time.Millisecond, Jitter: 10 * time.Millisecond, Loss: 0.01}
	var steps uint64
	for b.Loop() {
		w := talk(Config{Seed: 1, Log: new(event.Log)}, path, 10*time.Minute, true)
		steps += w.Steps()
	}
	b.ReportMetric(float64(steps)/b.Elapsed().Seconds(), "steps/s")
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)*6*1000, "ms/call-hour")
}
