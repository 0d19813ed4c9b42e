package setup

import (
	"slices"
	"strings"
	"testing"
)

// TestGuards: a setting is guarded, or it is known to be harmless whoever has
// written it. A new one must be thought about.
func TestGuards(t *testing.T) {
	free := []string{
		"password", "push-secret", // a stranger's own secret
		"device", "strict", "strategy", "keepalive", "display", "expires", "max-calls", "100rel", "session-timer", "min-se", "push-provider", "push-param", "push-keys",
		"refresh", "report", "early-audio", "invite-wait", "stay-awake-by", "background-modes", "mark", "mark-by", "keepalive-at", "keepalive-handler", "keepalive-round", "fault", "redirects", "codecs", "opus-rate", "comfort-noise", "srtp-keys",
		"ice", "rtcp-mux", "rtcp-xr", "wifi", "match-ssids", "app-push-provider",
	}
	for _, s := range Settings() {
		if slices.Contains(free, s.Key) != (s.Guard == Free) {
			t.Errorf("%s: guard %d; is it harmless?", s.Key, s.Guard)
		}
		if (s.Guard == Reach) != (s.reaches != nil) {
			t.Errorf("%s: guard %d, and what it reaches", s.Key, s.Guard)
		}
	}
}

func mine(v Values) Layer { return Layer{Values: v} }
func strange(v Values) Layer {
	return Layer{Values: v, File: "p.yaml", Where: func(string) string { return "p.yaml:3" }}
}

// TestUntrusted: what a stranger's layer may and may not say, under and over the
// user's own.
func TestUntrusted(t *testing.T) {
	alice := mine(Values{AccountKey: "alice", "server": "pbx", "user": "alice", "password-env": "PW"})
	for name, c := range map[string]struct {
		layers []Layer
		want   string // the keys
	}{
		"nothing":               {[]Layer{alice}, ""},
		"harmless":              {[]Layer{alice, strange(Values{"mic": "tone:440", "speaker": "none", "display": "x", "device": "desktop"})}, ""},
		"the same":              {[]Layer{alice, strange(Values{"server": "pbx", AccountKey: "alice"})}, ""},
		"another server":        {[]Layer{alice, strange(Values{"server": "evil"})}, "server"},
		"in clear":              {[]Layer{alice, strange(Values{"raw": "lines", "control": "raw"})}, "control raw"},
		"any certificate":       {[]Layer{alice, strange(Values{"tls-insecure": "on", "ca": "x.pem", "tls": "off", "clear-password": "on", "transport": "udp"})}, "ca tls-insecure tls clear-password transport"},
		"a certificate of mine": {[]Layer{strange(Values{"tls-cert": "a.pem", "tls-key": "a.key"})}, "tls-cert tls-key"},
		"secrets written":       {[]Layer{strange(Values{"tls-keylog": ".bashrc"})}, "tls-keylog"},
		"another user":          {[]Layer{alice, strange(Values{"user": "root", "domain": "d", "push-jid": "j", "wake-server": "w:1"})}, "user domain wake-server push-jid"},
		"a server under a flag": {[]Layer{alice, strange(Values{"server": "evil"}), mine(Values{"server": "mine"})}, ""},
		"a command":             {[]Layer{strange(Values{"server": "evil", "user": "u", "password-command": "touch x"})}, "password-command"},
		"a variable":            {[]Layer{strange(Values{"password-env": "AWS", "push-secret-env": "AWS"})}, "password-env push-secret-env"},
		"a command over mine":   {[]Layer{alice, strange(Values{"password-command": "touch x"})}, "password-command"},
		"a command under mine":  {[]Layer{strange(Values{"password-command": "touch x", "server": "pbx"}), mine(Values{"password-env": "PW", "server": "pbx"})}, ""},
		"its own secret":        {[]Layer{strange(Values{"server": "evil", "user": "u", "password": "x"})}, ""},
		"its own over mine":     {[]Layer{alice, strange(Values{"server": "evil", "user": "u", "password": "x"})}, ""},
		"the push secret left":  {[]Layer{alice, mine(Values{"push-secret": "s"}), strange(Values{"server": "evil", "password": "x"})}, "server"},
		"no secret at all":      {[]Layer{mine(Values{"server": "pbx"}), strange(Values{"server": "127.0.0.1", "raw": "lines"})}, ""},
		"the environment's":     {[]Layer{strange(Values{"server": "evil", "user": "u"}), mine(Values{"password": "pw"})}, "server user"},
		"the choice of account": {[]Layer{alice, strange(Values{AccountKey: "prod"})}, AccountKey},
		"a file played":         {[]Layer{strange(Values{"mic": "file:/home/me/x.wav"})}, "mic"},
		"a file written":        {[]Layer{strange(Values{"speaker": "file:/home/me/.bashrc"})}, "speaker"},
		"the room":              {[]Layer{strange(Values{"auto": "answer"})}, "auto"},
		"the room, if asked":    {[]Layer{strange(Values{"auto-answer-header": "on"})}, "auto-answer-header"},
		"the room, if it is so": {[]Layer{strange(Values{"auto-answer-header": "true"})}, "auto-answer-header"},
		"my room":               {[]Layer{mine(Values{"mic": "device"}), strange(Values{"auto": "answer"})}, "auto"},
		"the room, answered":    {[]Layer{mine(Values{"auto": "answer", "mic": "tone:440"}), strange(Values{"mic": "device"})}, "mic"},
		"no room":               {[]Layer{strange(Values{"auto": "answer", "mic": "tone:440"})}, ""},
		"strangers let in":      {[]Layer{strange(Values{"accept-from": "any"})}, "accept-from"},
		"audio laid open":       {[]Layer{mine(Values{"srtp": "required"}), strange(Values{"srtp": "off"})}, "srtp"},
		"audio as it is":        {[]Layer{mine(Values{"srtp": "required"}), strange(Values{"srtp": "accept"})}, "srtp"},
		"audio protected":       {[]Layer{strange(Values{"srtp": "required"})}, ""},
		"strangers kept out":    {[]Layer{strange(Values{"accept-from": "server"})}, ""},
		"an echo":               {[]Layer{strange(Values{"auto": "echo"})}, ""},
	} {
		var keys []string
		for _, b := range Untrusted(c.layers...) {
			keys = append(keys, b.Key)
			if b.Where != "p.yaml:3" || b.File != "p.yaml" || !strings.Contains(b.String(), "only a file that you trust") {
				t.Errorf("%s: %+v", name, b)
			}
		}
		if got := strings.Join(keys, " "); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
