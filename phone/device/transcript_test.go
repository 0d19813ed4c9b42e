package device

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/golden"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestTranscripts plays testdata/*.txt. Lines that begin with ">" are
// commands (see the tables below); what follows each is what the device did:
// device time, an event, "kernel" (a call) or "app" (a signal).
func TestTranscripts(t *testing.T) { golden.Transcripts(t, play) }

// stage is a device, and the transcript that it writes.
type stage struct {
	t      *testing.T
	device *Device
	now    time.Time
	out    bytes.Buffer
}

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func play(t *testing.T, script string) string {
	s := &stage{t: t, now: epoch}
	golden.Play(t, &s.out, script, func(line string) error {
		s.command(strings.Fields(line))
		return nil
	})
	return s.out.String()
}

func (s *stage) command(words []string) {
	word, args := words[0], words[1:]
	switch word {
	case "device":
		s.build(args)
	case "asleep":
		s.asleep(args)
	case "advance":
		s.advance(duration(s.t, args[0]))
	case "next":
		s.advance(s.device.Deadline().Sub(s.now))
	default:
		if s.android(word, args) {
			break
		}
		if a, ok := acts[word]; ok {
			s.show(s.device.Do(s.now, a))
		} else if f, ok := calls[word]; ok {
			if s.device.State() == event.Suspended {
				s.t.Fatalf("%s at %s: the app is suspended", word, s.now.Sub(epoch))
			}
			s.show(s.device.Call(s.now, f(s.t, args)))
		} else if f, ok := signals[word]; ok {
			s.show(s.device.Receive(s.now, f(s.t, args)))
		} else if word == "announce" {
			s.show(s.device.Announced(s.now, system.AnnounceCall{UserInfo: map[string]string{"call": args[0]}}))
		} else if word == "tap" {
			s.show(s.device.Do(s.now, Tap{ID: number1(s.t, args), Action: system.Action(rest(args, 1))}))
		} else if a, ok := actOf(s.t, word, args); ok {
			s.show(s.device.Do(s.now, a))
		} else {
			s.t.Fatalf("unknown command %q", word)
		}
	}
	s.advance(0)
}

// build makes a device of a profile and settings: "device desktop key=value".
func (s *stage) build(args []string) {
	p, err := Load(args[0])
	if err != nil {
		s.t.Fatal(err)
	}
	set := map[string]string{}
	mode, unentitled := ModeVoIP, false
	for _, a := range args[1:] {
		key, value, _ := strings.Cut(a, "=")
		if key == "unentitled" {
			unentitled = value == "on"
			continue
		}
		if key == "mode" {
			mode = Mode(value)
			continue
		}
		set[key] = value
	}
	if p, err = p.With(set, false); err != nil {
		s.t.Fatal(err)
	}
	s.now = epoch
	s.device = New(p, rand.New(rand.NewPCG(1, 1)), named)
	s.device.Install(mode)
	s.device.Entitle(!unentitled)
}

// asleep makes a device whose app has done all that it can to be reached, and
// has been suspended for a minute; how it came to that is not shown.
func (s *stage) asleep(args []string) {
	s.build(args)
	shown := s.out.Len()
	open := []string{"connect 1", "mark 1", "connect 2", "bind 3 4", "keepalive 600s"}
	if s.device.profile.PushService() == "apns" {
		open = []string{"connect 1", "register-push"}
	}
	for _, line := range slices.Concat([]string{"launch"}, open, []string{"background", "ready", "advance 68s"}) {
		s.command(strings.Fields(line))
	}
	s.out.Truncate(shown)
	s.line("%s", s.device.State())
}

// actOf are the acts that have an argument.
func actOf(t *testing.T, word string, args []string) (Act, bool) {
	switch word {
	case "quit":
		return Exit{Code: number1(t, args)}, true
	case "join":
		return Join{Bearer: Bearer(args[0])}, true
	case "do-not-disturb":
		return DoNotDisturb{On: args[0] == "on"}, true
	case "block":
		return BlockCaller{Who: args[0], On: true}, true
	case "unblock":
		return BlockCaller{Who: args[0]}, true
	}
	return nil, false
}

func (s *stage) advance(d time.Duration) {
	end := s.now.Add(d)
	for {
		next := s.device.Deadline()
		if next.IsZero() || next.After(end) {
			break
		}
		if next.After(s.now) {
			s.now = next
		}
		s.show(s.device.Advance(s.now))
	}
	s.now = end
}

func (s *stage) show(out Output) {
	for _, c := range out.Kernel {
		if l, ok := c.(system.Log); ok {
			what, detail := l.Event.Text()
			s.line("%-28s %s", what, detail)
		} else if send, ok := c.(system.Send); ok && len(send.Data) > 0 {
			s.line("kernel Send{Socket:%d Data:%q}", send.Socket, send.Data)
		} else {
			s.line("kernel %s%+v", strings.TrimPrefix(fmt.Sprintf("%T", c), "system."), c)
		}
	}
	if out.Died {
		s.line("the process is gone")
	}
	for _, sig := range out.Provider {
		s.line("provider %s", signalText(sig))
	}
	for _, sig := range out.App {
		s.line("app    %s", signalText(sig))
	}
}

func (s *stage) line(format string, args ...any) {
	text := strings.TrimRight(fmt.Sprintf(format, args...), " ")
	fmt.Fprintf(&s.out, "   %s  %s\n", event.Stamp(s.now.Sub(epoch)), text)
}

func signalText(s system.Signal) string {
	if e, ok := s.(system.CallReported); ok && e.Err != nil {
		return fmt.Sprintf("CallReported{ID:%d Err:%v}", e.ID, e.Err)
	}
	name := strings.TrimPrefix(fmt.Sprintf("%T", s), "system.")
	if r, ok := s.(system.Received); ok {
		return fmt.Sprintf("%s{Socket:%d Data:%q}", name, r.Socket, r.Data)
	}
	return fmt.Sprintf("%s%+v", name, s)
}

var acts = map[string]Act{
	"launch": Launch{}, "foreground": Foreground{}, "background": Background{}, "lock": Lock{}, "unlock": Unlock{},
	"force-quit": ForceQuit{}, "crash": Crash{}, "jetsam": Jetsam{}, "reboot": Reboot{}, "other-app-quit": OtherAppQuit{},
	"sleep": Sleep{}, "resume": Resume{}, "quit": Quit{},
	"reinstall": Reinstall{}, "rotate-token": RotateToken{}, "reset-push": ResetPush{},
}

// calls are what the app asks: of the kernel, and of the mobile system.
var calls = map[string]func(t *testing.T, args []string) system.Effect{
	"connect": func(t *testing.T, a []string) system.Effect {
		return system.Connect{Socket: sock(t, a), Target: "192.0.2.1:5060"}
	},
	"bind": func(t *testing.T, a []string) system.Effect {
		return system.Bind{RTP: sock(t, a), RTCP: sock(t, a[1:])}
	},
	"listen": func(t *testing.T, a []string) system.Effect { return system.Listen{Socket: sock(t, a), Addr: ":5060"} },
	"send":   func(t *testing.T, a []string) system.Effect { return system.Send{Socket: sock(t, a)} },
	"close":  func(t *testing.T, a []string) system.Effect { return system.Close{Socket: sock(t, a)} },
	"mark":   func(t *testing.T, a []string) system.Effect { return marking(t, a) },
	"tls":    func(t *testing.T, a []string) system.Effect { return system.StartTLS{Socket: sock(t, a)} },
	"sound":  func(*testing.T, []string) system.Effect { return system.OpenSound{Way: event.Speaker} },
	"no-mic": func(*testing.T, []string) system.Effect {
		return system.CloseSound{Way: event.Microphone}
	},
	"keepalive": func(t *testing.T, a []string) system.Effect {
		return system.SetKeepAlive{Timeout: duration(t, a[0])}
	},
	"returned": func(*testing.T, []string) system.Effect { return system.KeepAliveDone{} },
	"ready":    func(*testing.T, []string) system.Effect { return system.BackgroundReady{} },
	"begin": func(t *testing.T, a []string) system.Effect {
		return system.BeginTask{Task: number1(t, a), Name: rest(a, 1)}
	},
	"end":   func(t *testing.T, a []string) system.Effect { return system.EndTask{Task: number1(t, a)} },
	"audio": func(_ *testing.T, a []string) system.Effect { return system.ActivateAudio{On: a[0] == "on"} },
	"notify": func(t *testing.T, a []string) system.Effect {
		return system.Notify{ID: number1(t, a), Title: a[1], Body: "calls", Sound: duration(t, a[2])}
	},
	"withdraw": func(t *testing.T, a []string) system.Effect {
		return system.Withdraw{ID: number1(t, a), Missed: rest(a, 1) == "missed"}
	},
	"save-app-push": func(_ *testing.T, a []string) system.Effect {
		return system.SaveAppPush{MatchSSIDs: a, Server: "192.0.2.1:5070"}
	},
	"exit": func(t *testing.T, a []string) system.Effect { return system.Exit{Code: number1(t, a)} },
}

// marking is a mark of a socket: by which call, then how.
func marking(t *testing.T, a []string) system.MarkVoIP {
	m := system.MarkVoIP{Socket: sock(t, a), By: event.ByCFStream}
	for _, word := range a[1:] {
		switch word {
		case "outside":
			m.Outside = true
		case "request":
			m.Request = true
		default:
			m.By = event.MarkCall(word)
		}
	}
	return m
}

// signals are what the kernel says.
var signals = map[string]func(t *testing.T, args []string) system.Signal{
	"readable": func(t *testing.T, a []string) system.Signal { return system.Readable{Socket: sock(t, a)} },
	"received": func(t *testing.T, a []string) system.Signal {
		data := strings.NewReplacer("_", " ", `\r`, "\r", `\n`, "\n").Replace(a[1])
		return system.Received{Socket: sock(t, a), Data: []byte(data)}
	},
	"closed": func(t *testing.T, a []string) system.Signal {
		return system.Closed{Socket: sock(t, a), Err: golden.SocketError(rest(a, 1))}
	},
	"secured": func(t *testing.T, a []string) system.Signal { return system.Secured{Socket: sock(t, a)} },
	"failed":  func(t *testing.T, a []string) system.Signal { return system.Failed{Socket: sock(t, a)} },
	"accepted": func(t *testing.T, a []string) system.Signal {
		return system.Accepted{Listener: sock(t, a), Socket: sock(t, a[1:])}
	},
}

func rest(args []string, from int) string { return strings.Join(args[min(from, len(args)):], " ") }

func number1(t *testing.T, args []string) int {
	n, err := strconv.Atoi(args[0])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func sock(t *testing.T, args []string) system.Socket { return system.Socket(number1(t, args)) }

func duration(t *testing.T, s string) time.Duration {
	d, err := time.ParseDuration(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
