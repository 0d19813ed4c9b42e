package link

import (
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// told are the events of what a link has swallowed in some effects.
func told(effects []system.Effect) (list []event.Swallowed) {
	for _, c := range effects {
		if l, ok := c.(system.Log); ok {
			if e, ok := l.Event.(event.Swallowed); ok {
				list = append(list, e)
			}
		}
	}
	return list
}

// dead is a link with one connection that the network has forgotten.
func dead(t *testing.T) *Link {
	t.Helper()
	l := New(1)
	l.ReadBy(func(_ system.Socket, data []byte) event.Swallowed {
		return event.Swallowed{What: string(data[:1]), From: "Bob", CallID: "a@b"}
	})
	l.Call(start, system.Connect{Socket: 1, Target: serverAddr.String()}, nil)
	l.Receive(start, system.Connected{Socket: 1, Local: phoneAddr, Remote: serverAddr}, nil)
	if _, err := l.Do(start, verb.Fault{Name: "nat drop"}, nil); err != nil {
		t.Fatal(err)
	}
	return l
}

// TestSwallowedIsRead: what is lost is told as it can be read, and over which flow.
func TestSwallowedIsRead(t *testing.T) {
	l := dead(t)
	_, out := l.Receive(start, system.Received{Socket: 1, From: serverAddr, Data: []byte("INVITE")}, nil)
	want := event.Swallowed{
		Transport: "tcp", Local: phoneAddr.String(), Remote: serverAddr.String(), What: "I", From: "Bob", CallID: "a@b", Bytes: 6, Why: "nat drop",
	}
	if got := told(out); len(got) != 1 || got[0] != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// TestFloodIsCounted: of what is lost in quick succession so much is told, and then
// something every ten seconds; the rest is counted, all of it.
func TestFloodIsCounted(t *testing.T) {
	l := dead(t)
	const packets = 20_000 // in 200 s
	n, sum := 0, 0
	for i := range packets {
		_, out := l.Receive(start.Add(time.Duration(i)*10*time.Millisecond), system.Received{Socket: 1, Data: []byte("x")}, nil)
		for _, e := range told(out) {
			n++
			sum += 1 + e.More
		}
	}
	if n < maxTold || n > maxTold+20 {
		t.Errorf("%d of %d are told", n, packets)
	}
	f := l.flows.of(1)
	if sum += f.losses.more; sum != packets {
		t.Errorf("%d are counted, of %d", sum, packets)
	}
	if _, out := l.Receive(start.Add(time.Hour), system.Received{Socket: 1, Data: []byte("x")}, nil); len(told(out)) != 1 {
		t.Error("what is lost an hour later is not told")
	}
}

// TestLostDatagramsAreTold: what the shape of the link loses of signalling is told, of the
// audio of calls not, which counts by itself.
func TestLostDatagramsAreTold(t *testing.T) {
	for name, c := range map[string]struct {
		rtcp system.Socket
		want int
	}{"signalling": {0, 1}, "audio": {6, 0}} {
		l := New(1)
		l.Call(start, system.Bind{RTP: 5, RTCP: c.rtcp}, nil)
		l.Receive(start, system.Bound{Socket: 5, Local: phoneAddr}, nil)
		if _, err := l.Do(start, verb.Fault{Name: "loss", Share: 1}, nil); err != nil {
			t.Fatal(err)
		}
		for _, out := range [][]system.Effect{
			l.Call(start, system.Send{Socket: 5, To: serverAddr, Data: []byte("x")}, nil), second(l.Receive(start, system.Received{Socket: 5, From: serverAddr, Data: []byte("x")}, nil)),
		} {
			if got := told(out); len(got) != c.want || c.want > 0 && (got[0].Why != "loss" || got[0].Remote != serverAddr.String()) {
				t.Errorf("%s: %+v", name, got)
			}
		}
	}
}

func second(_ system.Signal, out []system.Effect) []system.Effect { return out }
