package control

import (
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

func TestBudget(t *testing.T) {
	var b Budget
	for i := range 30 {
		if wait := b.Spend(epoch); wait != 0 {
			t.Fatalf("message %d has to wait for %s", i+1, wait)
		}
	}
	if wait := b.Spend(epoch); wait != 2*time.Second {
		t.Errorf("one more has to wait for %s, want 2s", wait)
	}
	if wait := b.Spend(epoch.Add(2*time.Second - 1)); wait != 1 {
		t.Errorf("1 ns too early: %s", wait)
	}
	if wait := b.Spend(epoch.Add(2 * time.Second)); wait != 0 {
		t.Errorf("after 2 s: %s", wait)
	}
	b.Charge(epoch.Add(2 * time.Second)) // on credit
	if wait := b.Spend(epoch.Add(2 * time.Second)); wait != 4*time.Second {
		t.Errorf("in debt: %s, want 4s", wait)
	}
	for i := range 30 {
		if wait := b.Spend(epoch.Add(time.Hour)); wait != 0 {
			t.Fatalf("an hour later message %d has to wait for %s: what was not spent is kept, up to 30", i+1, wait)
		}
	}
	if b.Spend(epoch.Add(time.Hour)) == 0 {
		t.Error("more than 30 were saved up")
	}
}

// TestConnSpends: however often the agent wants to, a server is not dialled more
// often than the budget allows, and what is too much is put off and said.
func TestConnSpends(t *testing.T) {
	r := newRig(nil)
	dialled, warned, tries := 0, 0, 0
	for range 100 {
		r.step(func(s *Step) {
			r.Dial(s)
			for _, c := range s.Out.Effects {
				if _, ok := c.(system.Connect); ok {
					dialled++
				}
				if l, ok := c.(system.Log); ok {
					switch e := l.Event.(type) {
					case event.Warning:
						warned++
						if e.Hint != "" {
							t.Errorf("nothing was answered, and the hint is: %s", e.Hint)
						}
					case event.Recovery:
						tries++
						if e.Failures != 0 || e.Wait != event.Seconds(2*time.Second) {
							t.Errorf("the next try is %+v, want no failure and 2 s", e)
						}
					}
				}
			}
		})
		r.step(func(s *Step) { r.Close(s, "") })
	}
	if dialled != 30 || warned != 1 || tries != 70 {
		t.Errorf("%d connections, %d warnings and %d tries put off, want 30, 1 and 70", dialled, warned, tries)
	}
	if turn, _ := r.after(2 * time.Second); turn != RetryDue {
		t.Errorf("turn %d: it is not tried again", turn)
	}
	r.dial()
	r.step(func(s *Step) { r.Close(s, "") })
	r.Refill()
	if r.dial(); r.Gone() {
		t.Error("a person has to wait")
	}
}
