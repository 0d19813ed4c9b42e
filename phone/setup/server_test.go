package setup

import (
	"errors"
	"strings"
	"testing"
)

func TestParseServer(t *testing.T) {
	for text, want := range map[string]string{
		"pbx.example.com":                        "pbx.example.com:5060",
		"pbx.example.com:5080":                   "pbx.example.com:5080",
		"sip:pbx.example.com;transport=tcp":      "pbx.example.com:5060",
		"SIP:pbx.example.com:5070;transport=TCP": "pbx.example.com:5070",
		"sip:pbx.example.com;lr":                 "pbx.example.com:5060",
		"192.0.2.5":                              "192.0.2.5:5060",
		"2001:db8::1":                            "[2001:db8::1]:5060",
		"[2001:db8::1]:5070":                     "[2001:db8::1]:5070",
		"sip:[2001:db8::1];transport=tcp":        "[2001:db8::1]:5060",
		" pbx ":                                  "pbx:5060",
		"":                                       "error",
		":5060":                                  "error",
		"sip:":                                   "error",
		"sips:pbx":                               "pbx:5061",
		"SIPS:pbx:5070":                          "pbx:5070",
		"sip:pbx;transport=TLS":                  "pbx:5061",
		"sips:pbx;transport=udp":                 "error",
		"pbx:":                                   "error",
		"pbx:0":                                  "error",
		"pbx:65536":                              "error",
		"pbx:sip":                                "error",
		"a b":                                    "error",
		strings.Repeat("a.", 127):                "error",
		"sip:alice@pbx":                          "error",
		"sip:pbx;maddr=192.0.2.1":                "error",
		"http://pbx":                             "error",
		"ws://pbx":                               "pbx:80",
		"WSS://pbx/ws?token=x":                   "pbx:443",
		"ws://[::1]:8088/ws":                     "[::1]:8088",
		"pbx;transport=wss":                      "pbx:443",
		"ws://pbx/a b":                           "error",
		"ws://pbx/\r\nX: y":                      "error",
		"ws:///ws":                               "error",
		"[2001:db8::1]":                          "[2001:db8::1]:5060",
		"sips:[2001:db8::1]":                     "[2001:db8::1]:5061",
		"[::ffff:192.0.2.1]:5070":                "[::ffff:192.0.2.1]:5070",
		"[fe80::1%eth0]:5060":                    "error",
		"fe80::1":                                "error",
		"sip:[fe80::1%25eth0]":                   "error",
		strings.Repeat("a", maxServer+1) + ".com": "error",
	} {
		got, err := ParseServer(text)
		if want == "error" {
			if err == nil {
				t.Errorf("%.40q: got %v, want an error", text, got)
			}
		} else if err != nil || got.Target() != want {
			t.Errorf("%q: got %v, %v, want %s", text, got.Target(), err, want)
		}
	}
	for _, text := range []string{"sip:pbx;transport=sctp", "http://pbx"} {
		if _, err := ParseServer(text); !errors.Is(err, ErrTransport) {
			t.Errorf("%q: got %v, want %v", text, err, ErrTransport)
		}
	}
}

// TestLinkLocal: an address of one link is refused by name.
func TestLinkLocal(t *testing.T) {
	for _, text := range []string{"[fe80::1%eth0]:5060", "fe80::1%3", "ws://[fe80::1]/"} {
		if _, err := ParseServer(text); !errors.Is(err, ErrLinkLocal) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestUserWithPassword: neither is what may be one in a user.
func TestUserWithPassword(t *testing.T) {
	for user, want := range map[string]error{
		"u:canary@pbx": ErrUserPassword, "sip:u:canary@pbx": ErrUserPassword,
		"u": nil, "u@pbx": nil, "sip:u@pbx": nil, "u@pbx:5060": nil,
	} {
		if err := (Values{"user": user}).Check(); !errors.Is(err, want) || err != nil && strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: %v", user, err)
		}
	}
}

// TestWebSocketServer: a URL says the transport and the path.
func TestWebSocketServer(t *testing.T) {
	for text, want := range map[string]Server{
		"ws://pbx:8088/ws?token=x": {Host: "pbx", Port: "8088", Transport: "ws", Path: "/ws?token=x"},
		"wss://pbx":                {Host: "pbx", Transport: "wss", Path: "/"},
		"sips:pbx;transport=ws":    {Host: "pbx", Transport: "wss", Secure: true},
	} {
		if got, err := ParseServer(text); got != want || err != nil {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
}

// TestServerWithPassword: what may be a password is not repeated.
func TestServerWithPassword(t *testing.T) {
	for _, text := range []string{"sip:u:canary@pbx", "u:canary@pbx", "sips:u:canary@pbx;what=ever", "sip:u;transport=sctp:canary@pbx", "canary@pbx:x", "ws://u:canary@pbx/", "http://u:canary@pbx"} {
		if _, err := ParseServer(text); !errors.Is(err, ErrUserinfo) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{"wss://pbx/a b?canary", "wss://a b/?canary"} {
		if _, err := ParseServer(text); err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestSecrets: a password is one to be masked wherever it stands, unless it stands
// in the name of whose it is.
func TestSecrets(t *testing.T) {
	for want, v := range map[string]Values{
		"hunter2,s3cret": {"user": "alice", "password": "hunter2", "push-secret": "s3cret"},
		"":               {"user": "alice", "domain": "hunter2.example.com", "password": "hunter2", "push-secret": ""},
	} {
		if got := strings.Join(v.Secrets(), ","); got != want {
			t.Errorf("%v: %q, want %q", v, got, want)
		}
	}
}

func TestTransport(t *testing.T) {
	for text, want := range map[string]string{"pbx": "", "sip:pbx;transport=UDP": "udp", "pbx:5070;transport=tcp": "tcp", "pbx;transport=tls": "tls", "sips:pbx": "tls", "sips:pbx;transport=tcp": "tls"} {
		if got, err := ParseServer(text); err != nil || got.Transport != want {
			t.Errorf("%s: %q, %v", text, got.Transport, err)
		}
	}
}

func FuzzParseServer(f *testing.F) {
	f.Add("sip:pbx.example.com:5060;transport=tcp")
	f.Add("[::1]:5060")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseServer(text)
		if err != nil {
			return
		}
		again, err := ParseServer("sip:" + s.Target() + ";transport=" + s.Transport)
		if err != nil || again.Target() != s.Target() || again.Transport != s.Transport {
			t.Errorf("%q is %v, and that is %v, %v", text, s, again, err)
		}
	})
}
