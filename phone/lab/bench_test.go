package lab

import (
	"fmt"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/app"
)

// BenchmarkPocket is eight hours of a phone on the lab: a call of three
// minutes to the echo each hour, with real packets and codecs.
func BenchmarkPocket(b *testing.B) {
	for b.Loop() {
		var t testing.T
		bench := newBench(&t, nil)
		alice := bench.phone("alice", "secret", app.Manual, 440)
		for range 8 {
			alice.call("echo")
			bench.run(3 * time.Minute)
			alice.hangup()
			bench.run(57 * time.Minute)
		}
		b.ReportMetric(float64(len(bench.log.After(0))), "events")
		b.ReportMetric(float64(bench.w.Steps()), "steps")
	}
}

// BenchmarkCalls is calls set up and torn down by a load generator on one
// connection.
func BenchmarkCalls(b *testing.B) {
	var t testing.T
	bench := newBench(&t, nil)
	c := bench.wire()
	for i := 0; b.Loop(); i++ {
		to := "<sip:busy@lab.test>"
		c.request("INVITE", "sip:busy@lab.test", to, fmt.Sprintf("Contact: <sip:load@10.0.1.1:5061;n=%d>", i))
		c.send(c.text("ACK", "sip:busy@lab.test", c.last().To().Value()))
		c.resps, c.reqs = nil, nil
	}
}
