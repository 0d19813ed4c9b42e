package push

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/internal/golden"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestTranscripts plays testdata/*.txt. Lines that begin with ">" are
// commands:
//
//	> service [KEY=VALUE of a rule]...
//	> open DEVICE TOKEN, > close DEVICE, > reopen DEVICE, > forget DEVICE
//	> send TOKEN [normal|background] [expires=DURATION] [size=BYTES] [collapse=NAME]
//	> advance DURATION
//
// What follows each is what happened, by whom it concerns.
func TestTranscripts(t *testing.T) { golden.Transcripts(t, play) }

// desk is the service of a transcript.
type desk struct {
	service *Service
	now     time.Time
	out     bytes.Buffer
}

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func newDesk() *desk {
	return &desk{now: epoch, service: New(Config{Rand: rand.New(rand.NewPCG(1, 1))})}
}

func play(t *testing.T, script string) string {
	d := newDesk()
	golden.Play(t, &d.out, script, func(line string) error { return d.command(strings.Fields(line)) })
	return d.out.String()
}

func (d *desk) command(words []string) (err error) {
	switch words[0] {
	case "service":
		d.service, err = serviceOf(words[1:])
	case "open":
		d.tell(d.service.Open(d.now, words[1], words[2]))
	case "close":
		d.service.Close(d.now, words[1])
	case "reopen":
		d.tell(d.service.Reopen(d.now, words[1]))
	case "forget":
		d.tell(d.service.Forget(d.now, words[1]))
	case "send":
		var p system.Push
		if p, err = d.push(words[1:]); err == nil {
			d.tell(d.service.Send(d.now, "lab", p))
		}
	case "advance":
		var by time.Duration
		if by, err = time.ParseDuration(words[1]); err == nil {
			d.advance(by)
		}
	default:
		err = fmt.Errorf("no such command")
	}
	return err
}

func serviceOf(words []string) (*Service, error) {
	cfg := Config{Rand: rand.New(rand.NewPCG(1, 1))}
	for _, w := range words {
		key, value, _ := strings.Cut(w, "=")
		if err := cfg.Set(key, value); err != nil {
			return nil, err
		}
	}
	return New(cfg), nil
}

func (d *desk) push(words []string) (system.Push, error) {
	p := system.Push{Token: words[0], High: true}
	for _, w := range words[1:] {
		key, value, _ := strings.Cut(w, "=")
		switch key {
		case "normal":
			p.High = false
		case "background":
			p.High, p.Background = false, true
		case "expires":
			by, err := time.ParseDuration(value)
			if err != nil {
				return p, err
			}
			p.Expires = d.now.Add(by)
		case "collapse":
			p.Collapse = value
		case "size":
			n, err := strconv.Atoi(value)
			if err != nil {
				return p, err
			}
			p.Payload = map[string]string{"": strings.Repeat("x", n)}
		}
	}
	return p, nil
}

// advance lets time pass, from deadline to deadline.
func (d *desk) advance(by time.Duration) {
	end := d.now.Add(by)
	for at := d.service.Deadline(); system.Due(at, end); at = d.service.Deadline() {
		if at.After(d.now) {
			d.now = at
		}
		d.tell(d.service.Advance(d.now))
	}
	d.now = end
}

func (d *desk) tell(steps []Step) {
	for _, s := range steps {
		what, detail := "delivered", ""
		if s.Deliver != nil {
			detail = fmt.Sprintf("%s, sent %d ms ago", s.Deliver.ID, d.now.Sub(s.Deliver.Sent).Milliseconds())
		} else {
			what, detail = s.Event.Text()
		}
		fmt.Fprintf(&d.out, "%9d ms  %-6s %-14s %s\n", d.now.Sub(epoch).Milliseconds(), s.For, what, detail)
	}
}

// TestNothingIsLostSilently sends at random to devices that come and go: every
// accepted push is delivered or reported as lost, and the queues are bounded.
func TestNothingIsLostUnsaid(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 7))
		s := New(Config{Drop: 0.1, Reorder: 0.2, Keep: 3, Rand: rng})
		now, taken, ended := epoch, map[string]bool{}, map[string]int{}
		note := func(steps []Step) {
			for _, st := range steps {
				if st.Deliver != nil {
					ended[st.Deliver.ID]++
					continue
				}
				id, what, _ := strings.Cut(strings.TrimPrefix(line(st), "push "), " ")
				switch id {
				case "sent":
					taken[what] = true
				case "dropped", "expired":
					ended[what]++
				}
			}
		}
		for range 2000 {
			name, token := fmt.Sprint("d", rng.IntN(3)), fmt.Sprint("t", rng.IntN(5))
			switch rng.IntN(6) {
			case 0:
				note(s.Open(now, name, token))
			case 1:
				s.Close(now, name)
			default:
				p := system.Push{Token: token}
				if rng.IntN(2) == 0 {
					p.Expires = now.Add(time.Duration(rng.IntN(5000)) * time.Millisecond)
				}
				note(s.Send(now, "lab", p))
			}
			now = now.Add(time.Duration(rng.IntN(500)) * time.Millisecond)
			note(s.Advance(now))
			for _, d := range s.devices {
				if d.inTransit > maxInTransit || len(d.stored) > 3 || len(s.former) > maxFormer {
					t.Fatalf("seed %d: more is held than may be: %+v", seed, d)
				}
			}
		}
		for at := s.Deadline(); !at.IsZero(); at = s.Deadline() {
			note(s.Advance(at))
		}
		for _, id := range slices.Sorted(maps.Keys(taken)) {
			if ended[id] != 1 {
				t.Errorf("seed %d: %s ended %d times", seed, id, ended[id])
			}
		}
	}
}

// line returns an event as "push PHASE ID".
func line(s Step) string {
	what, detail := s.Event.Text()
	id, _, _ := strings.Cut(detail, ",")
	return what + " " + id
}

func TestParams(t *testing.T) {
	p := Params{Provider: "apns", PRID: "00ff", Param: "TEAM.com.example.voip"}
	if got, want := p.String(), ";pn-provider=apns;pn-param=TEAM.com.example.voip;pn-prid=00ff"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for value, ok := range map[string]bool{"a:b_c-1": true, "": true, "a b": false, "a;b": false, "<": false, "é": false, strings.Repeat("x", 2000): false} {
		if err := CheckValue(value); (err == nil) != ok {
			t.Errorf("%.20q: %v", value, err)
		}
	}
	for name, hint := range map[string]string{"firebase": "did you mean fcm", "apsn": "did you mean apns", "carrier pigeon": "there are"} {
		if err := CheckProvider(name); err == nil || !strings.Contains(err.Error(), hint) {
			t.Errorf("%s: %v, want %q in it", name, err, hint)
		}
	}
}

func TestSettings(t *testing.T) {
	for _, test := range []struct{ key, value, want string }{
		{"delay", "1s..3s", ""},
		{"delay", "2s", ""},
		{"delay", "3s..1s", "FROM..TO"},
		{"delay", "0s", ""},
		{"delay", "-1s", "FROM..TO"},
		{"delay", "soon", "invalid duration"},
		{"delay", "1s..soon", "invalid duration"},
		{"delay-background", "1s..3s", ""},
		{"delay-background", "3s..1s", "FROM..TO"},
		{"stale", "20s", ""},
		{"stale", "0s", ""},
		{"stale", "-1s", "FROM..TO"},
		{"drop", "1", ""},
		{"drop", "1.1", "from 0 to 1"},
		{"drop", "NaN", "from 0 to 1"},
		{"duplicate", "half", "from 0 to 1"},
		{"reorder", "-0.1", "from 0 to 1"},
		{"refuse", "Shutdown", ""},
		{"refuse", "QUOTA_EXCEEDED:0.2", ""},
		{"refuse", "TooManyRequest", "did you mean TooManyRequests"},
		{"refuse", "Shutdown:2", "from 0 to 1"},
		{"drop", "0", ""},
		{"refuse", "Shutdown:0.5", ""},
		{"keep", "100", ""},
		{"keep", "1", ""},
		{"keep", "many", "from 1 to 100"},
		{"keep", "0", "from 1 to 100"},
		{"keep", "101", "from 1 to 100"},
		{"token-life", "1h", ""},
		{"token-life", "-1h", "greater than 0"},
		{"token-life", "0s", "greater than 0"},
		{"token-life", "long", "invalid duration"},
		{"dropp", "1", "did you mean drop"},
	} {
		var c Config
		err := c.Set(test.key, test.value)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s=%s: %v, want %q", test.key, test.value, err, test.want)
		}
	}
}

// TestRefuseForEachReason: a setting can refuse for every reason of Apple's,
// and by every error code of FCM's.
func TestRefuseForEachReason(t *testing.T) {
	names := slices.Collect(maps.Keys(fcmReasons))
	for _, r := range Reasons() {
		names = append(names, string(r))
	}
	for _, name := range names {
		var c Config
		if err := c.Set("refuse", name); err != nil {
			t.Error(err)
			continue
		}
		c.Rand = rand.New(rand.NewPCG(1, 1))
		s := New(c)
		s.Open(epoch, "alice", "t1")
		if _, no := s.Take(epoch, "lab", system.Push{Token: "t1"}); no == nil || name != string(no.Reason) && name != no.Reason.FCM() {
			t.Errorf("%s: refused with %v", name, no)
		}
	}
}

// TestRefuseIsSeeded: a share of the pushes is refused, the same ones for the
// same seed.
func TestRefuseIsSeeded(t *testing.T) {
	play := func(seed uint64) (refused string) {
		s := New(Config{Refuse: []RefuseShare{{TooManyRequests, 0.25}}, Rand: rand.New(rand.NewPCG(seed, 1))})
		s.Open(epoch, "alice", "t1")
		now := epoch
		for range 400 {
			now = now.Add(4 * time.Second)
			s.Advance(now)
			if _, no := s.Take(now, "lab", system.Push{Token: "t1"}); no != nil {
				refused += "x"
			} else {
				refused += "."
			}
		}
		return refused
	}
	if n := strings.Count(play(1), "x"); n < 70 || n > 130 {
		t.Errorf("a quarter of 400 is %d", n)
	}
	again, other := play(1), play(2)
	if play(1) != again || again == other {
		t.Error("the seed does not decide")
	}
}

// FuzzPayload reads arbitrary payloads.
func FuzzPayload(f *testing.F) {
	f.Add("abc@lab", "sip:bob@lab.test", "Bob")
	f.Add("\x00\xff", "\r\nVia: x", strings.Repeat("é", 300))
	f.Fuzz(func(t *testing.T, id, peer, name string) {
		p := ReadPayload(map[string]string{callIDKey: id, peerKey: peer, nameKey: name, "other": id})
		for _, s := range []string{p.CallID, p.Peer, p.Name} {
			if len(s) > maxText || strings.ContainsAny(s, "\r\n\x00\x1b") {
				t.Errorf("%q came through", s)
			}
		}
		if again := ReadPayload(p.Map()); again != p {
			t.Errorf("%+v became %+v", p, again)
		}
	})
}
