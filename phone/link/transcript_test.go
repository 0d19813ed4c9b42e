package link

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/internal/golden"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// TestTranscripts plays testdata/*.txt: a link between a scripted app and a
// scripted kernel. Lines that begin with ">" are commands:
//
//	> app connect 1          what the app asks: connect, bind A B, send N SIZE,
//	                         close N, reset N
//	> kernel connected 1     what the kernel says: connected, bound, received N
//	                         SIZE, closed N, failed N, readable N [SIZE]
//	> freeze 1               the app is frozen, these sockets are watched
//	> thaw [WAKE]
//	> fault nat drop         an order
//	> advance 5s             time passes
//
// The lines after each show what came out of the link, at which end.
func TestTranscripts(t *testing.T) {
	golden.Transcripts(t, func(t *testing.T, script string) string {
		r := &rig{t: t, link: New(1), now: start}
		golden.Play(t, &r.out, script, func(line string) error {
			r.command(strings.Fields(line))
			return nil
		})
		return r.out.String()
	})
}

// A rig is a link with scripted ends.
type rig struct {
	t    *testing.T
	link *Link
	now  time.Time
	out  strings.Builder
}

var (
	phoneAddr  = netip.MustParseAddrPort("192.0.2.10:49152")
	serverAddr = netip.MustParseAddrPort("192.0.2.1:5060")
)

func (r *rig) command(words []string) {
	switch words[0] {
	case "app":
		r.calls(r.link.Call(r.now, r.call(words[1:]), nil))
	case "kernel":
		s, effects := r.link.Receive(r.now, r.signal(words[1:]), nil)
		r.calls(effects)
		r.heard(s)
	case "freeze":
		r.calls(r.link.Call(r.now, system.Freeze{Watch: r.numbers(words[1:])}, nil))
	case "thaw":
		wake := system.Thaw{}
		if len(words) > 1 {
			wake.Wake = int(r.numbers(words[1:])[0])
		}
		r.calls(r.link.Call(r.now, wake, nil))
	case "fault":
		f, err := verb.ParseFault(words[1:])
		var effects []system.Effect
		if err == nil {
			effects, err = r.link.Do(r.now, f, nil)
		}
		r.calls(effects)
		if err != nil {
			r.say("refused: %v", err)
		}
	case "advance":
		d, err := time.ParseDuration(words[1])
		if err != nil {
			r.t.Fatal(err)
		}
		r.advance(r.now.Add(d))
		return
	default:
		r.t.Fatalf("no command %q", words[0])
	}
	r.advance(r.now)
}

// advance runs the link until a time.
func (r *rig) advance(until time.Time) {
	for n := 0; system.Due(r.link.Deadline(), until); n++ {
		if n > 1000 {
			r.t.Fatal("the deadline stays due")
		}
		if r.link.Deadline().After(r.now) {
			r.now = r.link.Deadline()
		}
		s, effects := r.link.Advance(r.now, nil)
		r.calls(effects)
		r.heard(s)
	}
	r.now = until
}

func (r *rig) say(format string, args ...any) {
	fmt.Fprintf(&r.out, "%10s  %s\n", r.now.Sub(start), fmt.Sprintf(format, args...))
}

func (r *rig) calls(effects []system.Effect) {
	for _, c := range effects {
		switch c := c.(type) {
		case system.Log:
			what, detail := c.Event.Text()
			r.say("%s", strings.TrimSpace("log: "+what+"  "+detail))
		case system.Send:
			r.say("kernel: send %d, %d bytes", c.Socket, len(c.Data))
		case system.Close:
			if c.Reset {
				r.say("kernel: close %d with RST", c.Socket)
			} else {
				r.say("kernel: close %d with FIN", c.Socket)
			}
		default:
			r.say("kernel: %T %+v", c, c)
		}
	}
}

func (r *rig) heard(s system.Signal) {
	switch s := s.(type) {
	case nil:
	case system.Received:
		r.say("app: received on %d, %d bytes", s.Socket, len(s.Data))
	case system.Closed:
		r.say("app: closed %d, %v", s.Socket, s.Err)
	case system.Failed:
		r.say("app: failed %d, %v", s.Socket, s.Err)
	case system.Connected:
		r.say("app: connected %d", s.Socket)
	case system.Bound:
		r.say("app: bound %d", s.Socket)
	case system.Readable:
		r.say("device: readable %d", s.Socket)
	default:
		r.t.Fatalf("%T", s)
	}
}

func (r *rig) numbers(words []string) []system.Socket {
	list := make([]system.Socket, len(words))
	for i, w := range words {
		n, err := strconv.ParseUint(w, 10, 32)
		if err != nil {
			r.t.Fatal(err)
		}
		list[i] = system.Socket(n)
	}
	return list
}

func (r *rig) call(words []string) system.Effect {
	n := append(r.numbers(words[1:]), 0)
	switch words[0] {
	case "connect":
		return system.Connect{Socket: n[0], Target: serverAddr.String()}
	case "connect-apart":
		return system.Connect{Socket: n[0], Target: serverAddr.String(), Apart: true}
	case "bind":
		return system.Bind{RTP: n[0], RTCP: n[1]}
	case "send":
		return system.Send{Socket: n[0], To: serverAddr, Data: make([]byte, n[1])}
	case "close":
		return system.Close{Socket: n[0]}
	case "reset":
		return system.Close{Socket: n[0], Reset: true}
	}
	r.t.Fatalf("the app cannot %q", words[0])
	return nil
}

var errUnreachable = errors.New("no route to host")

func (r *rig) signal(words []string) system.Signal {
	n := append(r.numbers(words[1:]), 0)
	switch words[0] {
	case "connected":
		return system.Connected{Socket: n[0], Local: phoneAddr, Remote: serverAddr}
	case "bound":
		return system.Bound{Socket: n[0], Local: phoneAddr}
	case "received":
		return system.Received{Socket: n[0], From: serverAddr, Data: make([]byte, n[1])}
	case "closed":
		return system.Closed{Socket: n[0]}
	case "failed":
		return system.Failed{Socket: n[0], Err: errUnreachable}
	case "readable":
		s := system.Readable{Socket: n[0], Unknown: len(words) < 3}
		if !s.Unknown {
			s.Bytes = int(n[1])
		}
		return s
	}
	r.t.Fatalf("the kernel does not say %q", words[0])
	return nil
}
