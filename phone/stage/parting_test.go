package stage

import (
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// TestGoodbyeCut: a suspension that cuts into a BYE, or into the end of a registration, says
// so; one that comes when the server has answered does not.
func TestGoodbyeCut(t *testing.T) {
	const up = "use lab\nuse phone alice\nregister\nexpect registered\n"
	for name, c := range map[string]struct {
		text string
		want int
	}{
		"unregistering": {up + "background\nwait 5s\nfault latency 6s\nunregister\nexpect suspended within 5s", 1},
		"unregistered":  {up + "background\nwait 5s\nunregister\nexpect unregistered within 1s\nexpect suspended within 5s", 0},
		"hanging up":    {up + "call bob\nexpect call up\nbackground\nwait 5s\nfault latency 6s\nhang up\nexpect suspended within 8s", 1},
		"hung up":       {up + "call bob\nexpect call up\nbackground\nwait 5s\nhang up\nexpect suspended within 8s", 0},
		"registering":   {up + "background\nwait 5s\nfault latency 6s\nregister\nexpect suspended within 5s", 0},
	} {
		t.Run(name, func(t *testing.T) {
			r, log := playFile(t, parse(t, c.text), 1)
			said := 0
			for rec := range log.From(0) {
				if w, ok := rec.Event.(event.Warning); ok && w.Rule == event.RuleGoodbyeCut {
					said++
				}
			}
			if r.Verdict() != play.Passed || said != c.want {
				t.Errorf("%s, said %d times, want %d", r.Verdict(), said, c.want)
				explain(t, r, log)
			}
		})
	}
}
