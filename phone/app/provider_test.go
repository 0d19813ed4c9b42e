package app

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// provided is a provider, and what it asks, as text.
type provided struct {
	p   *Provider
	now time.Time
}

func newProvided() *provided {
	return &provided{NewProvider(), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
}

func (r *provided) hears(s system.Signal) string { return told(r.p.Receive(r.now, s)) }

func (r *provided) open() {
	r.hears(system.ProviderStart{Server: "lab:5070", Token: "t"})
	r.hears(system.Connected{Socket: r.p.socket, Remote: netip.MustParseAddrPort("192.0.2.1:5070")})
}

func (r *provided) says(text string) string {
	return r.hears(system.Received{Socket: r.p.socket, Data: []byte(text)})
}

func told(effects []system.Effect) string {
	var all []string
	for _, c := range effects {
		switch c := c.(type) {
		case system.Log:
			what, detail := c.Event.Text()
			all = append(all, strings.TrimSpace(what+" "+detail))
		case system.Send:
			all = append(all, fmt.Sprintf("send %q", c.Data))
		case system.AnnounceCall:
			all = append(all, fmt.Sprint("call ", c.UserInfo))
		case system.Connect:
			all = append(all, fmt.Sprintf("connect %d apart=%t", c.Socket-firstProviderSocket, c.Apart))
		case system.Close:
			all = append(all, fmt.Sprintf("close %d", c.Socket-firstProviderSocket))
		}
	}
	return strings.Join(all, "; ")
}

// wants compares what a provider asked.
func wants(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %s\nwant %s", what, got, want)
	}
}

// TestProviderLives: it connects apart from the app, signs on, looks after its connection
// at each timer event, and tells the system of a call.
func TestProviderLives(t *testing.T) {
	r := newProvided()
	wants(t, "start", r.hears(system.ProviderStart{Server: "lab:5070", Token: "t"}), "provider socket connecting lab:5070; connect 1 apart=true")
	wants(t, "a timer event meanwhile", r.hears(system.ProviderTimer{}), "")
	open := r.hears(system.Connected{Socket: r.p.socket, Local: netip.MustParseAddrPort("192.0.2.10:1"), Remote: netip.MustParseAddrPort("192.0.2.1:5070")})
	wants(t, "open", open, `provider socket open 192.0.2.10:1 <-> 192.0.2.1:5070; send "PROVIDER t\r\n"`)
	wants(t, "timer event", r.hears(system.ProviderTimer{}), `send "PING\r\n"`)
	if want := r.now.Add(wakePongPatience); !r.p.Deadline().Equal(want) {
		t.Errorf("deadline %v, want %v", r.p.Deadline(), want)
	}
	wants(t, "half a line", r.says("OK\r\nPO"), "")
	wants(t, "its end, and a call", r.says("NG\r\nCALL {\"name\":\"Bob\"}\r\n"), "call map[name:Bob]")
	if !r.p.Deadline().IsZero() {
		t.Error("it waits for a PONG that has come")
	}
	wants(t, "stop", r.hears(system.ProviderStop{Reason: "noNetworkAvailable"}), "close 1; provider socket closed lab:5070, the system has stopped the provider: .noNetworkAvailable")
	wants(t, "a timer event after it", r.hears(system.ProviderTimer{}), "")
}

// TestProviderConnectsAgain: at once where the network has broken its connection or nobody
// answers, at the next timer event where the server has closed or refused it; never under a number
// that it has used.
func TestProviderConnectsAgain(t *testing.T) {
	r := newProvided()
	r.open()
	again := "provider socket connecting lab:5070; connect "
	wants(t, "reset", r.hears(system.Closed{Socket: r.p.socket, Err: system.Reset}), "provider socket closed lab:5070, "+system.Reset.Error()+"; "+again+"2 apart=true")
	wants(t, "refused", r.hears(system.Failed{Socket: r.p.socket, Err: errors.New("refused")}), "provider socket failed lab:5070, refused")
	wants(t, "timer event", r.hears(system.ProviderTimer{}), again+"3 apart=true")
	r.hears(system.Connected{Socket: r.p.socket})
	wants(t, "closed by the server", r.hears(system.Closed{Socket: r.p.socket}), "provider socket closed lab:5070, the server closed the connection")
	wants(t, "timer event", r.hears(system.ProviderTimer{}), again+"4 apart=true")
	r.hears(system.Connected{Socket: r.p.socket})
	r.hears(system.ProviderTimer{})
	r.now = r.p.Deadline()
	wants(t, "no pong", told(r.p.Advance(r.now)), "close 4; provider socket broken lab:5070, no answer within 5 s of the provider's PING; "+again+"5 apart=true")
}

// TestProviderIsNotFooled: what a server says wrongly is said, and ends nothing but the line or,
// where it has no end, the connection.
func TestProviderIsNotFooled(t *testing.T) {
	r := newProvided()
	r.open()
	for text, want := range map[string]string{
		"CALL\r\n":           "read a call of the local push server",
		"CALL {\"a\":1}\r\n": "read a call of the local push server",
		"CALL null\r\n":      "call map[]",
		"NO\r\n":             "sign the provider on",
		"\r\n":               "",
		"HELLO\r\n":          "",
	} {
		if got := r.says(text); !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("%q: %s, want %q", text, got, want)
		}
	}
	fits := "CALL {\"a\":\"" + strings.Repeat("x", push.MaxPayload-8) + "\"}"
	if got := r.says(fits + "\r\n"); !strings.HasPrefix(got, "call map[a:xxx") {
		t.Errorf("a call of the greatest size: %.80s", got)
	}
	if got := r.says(strings.Repeat("x", maxCallLine+1)); !strings.Contains(got, "close 1; provider socket broken") {
		t.Errorf("a line without end: %.200s", got)
	}
}

func FuzzProvider(f *testing.F) {
	f.Add([]byte("OK\r\nCALL {\"name\":\"Bob\"}\r\nPONG\r\n"), 3)
	f.Fuzz(func(t *testing.T, data []byte, cut int) {
		r := newProvided()
		r.open()
		cut = min(max(cut, 0), len(data))
		for _, part := range [][]byte{data[:cut], data[cut:]} {
			for _, c := range r.p.Receive(r.now, system.Received{Socket: r.p.socket, Data: part}) {
				if l, ok := c.(system.Log); ok {
					if _, err := event.AppendJSON(nil, event.Record{Event: l.Event}); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		if len(r.p.heard.unread) > maxCallLine {
			t.Errorf("%d bytes are kept", len(r.p.heard.unread))
		}
	})
}

func TestParseSSIDs(t *testing.T) {
	for text, want := range map[string]string{
		"office":                "[office]",
		" shop , office, shop":  "[shop office]",
		strings.Repeat("x", 32): "[" + strings.Repeat("x", 32) + "]",
		"":                      "the name of a Wi-Fi is empty",
		"a,,b":                  "the name of a Wi-Fi is empty",
		strings.Repeat("x", 33): "the name of a Wi-Fi has 33 bytes; at most 32",
		"a\x1b[31m":             `"a\x1b[31m" has a character that is not printable`,
		"\xff":                  `"\xff" has a character that is not printable`,
		"a,b,c,d,e,f,g,h,i,j,k": "11 names of Wi-Fi networks; at most 10",
	} {
		names, err := ParseSSIDs(text)
		if got := fmt.Sprint(names); err == nil && got != want || err != nil && err.Error() != want {
			t.Errorf("%q: %s, %v, want %s", text, got, err, want)
		}
	}
}
