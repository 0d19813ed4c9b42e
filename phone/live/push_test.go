package live

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// soon returns a service with almost no delay.
func soon() *PushService {
	return NewPushService(push.Config{MinDelay: time.Microsecond, MaxDelay: time.Millisecond, Rand: rand.New(rand.NewPCG(1, 1))})
}

func TestPushFromOneHostToAnother(t *testing.T) {
	s := soon()
	lab, alice := newRig(t, Config{Name: "lab", Push: s}), newRig(t, Config{Name: "alice", Push: s})
	alice.do(system.OpenPush{Token: "t1"}, system.Freeze{})
	lab.do(
		system.SendPush{Push: system.Push{Token: "t2"}},
		system.SendPush{Push: system.Push{Token: "t1", Payload: map[string]string{"name": "Bob"}}})
	got := next[system.PushArrived](alice)
	if got.Push.Payload["name"] != "Bob" || got.Push.ID == "" {
		t.Errorf("got %+v", got)
	}
	if no := next[system.PushRefused](lab); no.Token != "t2" || no.Why == "" {
		t.Errorf("the lab heard %+v", no)
	}
	var phases []string
	for _, r := range lab.log.After(0) {
		if e, ok := r.Event.(event.Push); ok {
			phases = append(phases, r.Phone+" "+string(e.Phase))
		}
	}
	if len(phases) != 2 || phases[0] != "lab refused" || phases[1] != "lab sent" {
		t.Errorf("the lab's log has %q", phases)
	}
}

// TestPushTimesAreTheDevices: the device's clock runs ahead of the wall clock,
// and a push that is valid for an hour is valid for an hour of device time.
func TestPushTimesAreTheDevices(t *testing.T) {
	s := soon()
	lab, alice := newRig(t, Config{Name: "lab", Push: s}), newRig(t, Config{Name: "alice", Push: s})
	var left time.Duration
	day := 24 * time.Hour
	alice.within(func() []system.Effect {
		alice.on = func(now time.Time, sig system.Signal) []system.Effect {
			if p, ok := sig.(system.PushArrived); ok {
				left = p.Push.Expires.Sub(now)
			}
			return nil
		}
		alice.due = time.Now().Add(day)
		return []system.Effect{system.OpenPush{Token: "t1"}, system.Freeze{}}
	})
	if err := alice.host.Skip(); err != nil {
		t.Fatal(err)
	}
	err := lab.host.Do(context.Background(), func(now time.Time) []system.Effect {
		return []system.Effect{system.SendPush{Push: system.Push{Token: "t1", Expires: now.Add(time.Hour)}}}
	})
	if err != nil {
		t.Fatal(err)
	}
	next[system.PushArrived](alice)
	alice.within(func() []system.Effect { // Receive has returned
		if left > time.Hour || left < time.Hour-time.Minute {
			t.Errorf("it is good for %s", left)
		}
		return nil
	})
}

func TestPushToAHostThatHasEnded(t *testing.T) {
	s := soon()
	lab, alice, carol := newRig(t, Config{Name: "lab", Push: s}), newRig(t, Config{Name: "alice", Push: s}), newRig(t, Config{Name: "carol", Push: s})
	alice.do(system.OpenPush{Token: "t1"})
	carol.do(system.OpenPush{Token: "t2"})
	if err := alice.stop(); err != nil {
		t.Fatal(err)
	}
	lab.do(system.SendPush{Push: system.Push{Token: "t1"}}, system.SendPush{Push: system.Push{Token: "t2"}})
	next[system.PushArrived](carol)
}
