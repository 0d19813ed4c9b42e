package stage

import (
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/report"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// BenchmarkCall is a call of a minute: with nobody who listens to its packets,
// and with them kept for the capture.
func BenchmarkCall(b *testing.B) {
	f, err := scenario.ParseFile("call.talk", []byte("register\nexpect registered\ncall bob\nexpect call up\nwait 60s\nhang up\nexpect call ended"), nil)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name string
		tap  func() system.Tap
	}{
		{"untapped", func() system.Tap { return nil }},
		{"tapped", func() system.Tap { return new(report.Wire).Add }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w, err := New(Config{Casting: Casting{File: f}, Seed: 1, Tap: c.tap()})
				if err != nil {
					b.Fatal(err)
				}
				if r := play.Run(b.Context(), f, w, play.Options{World: true, Seed: 1}); r.Verdict() != play.Passed {
					b.Fatal(r.Verdict())
				}
			}
		})
	}
}
