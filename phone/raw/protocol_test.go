package raw

import (
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
)

// anyHost lets alice in with the password secret.
var anyHost = control.Host{
	Password: func(user string) (string, bool) { return "secret", user == "alice" },
	Breaks:   func(string) bool { return false },
}

// TestBuiltIn writes each word of each built-in protocol, and reads it again:
// each end understands the other.
func TestBuiltIn(t *testing.T) {
	all := values{
		"user": "alice", "password": "secret", "token": "abc", "server": "host:1", "id": "17", "from": "sip:bob@lab.test",
		"name": "Bob B.", "text": "come, please", "reason": "no such user",
	}
	if len(Names()) == 0 {
		t.Fatal("no built-in protocols")
	}
	for _, name := range Names() {
		p, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := NewServer(p, anyHost); err != nil {
			t.Error(err)
		}
		for i, w := range p.hello {
			if got, ok := w.read(w.write(all)); !ok || got["user"] != "alice" {
				t.Errorf("%s: hello %d is read as %v", name, i, got)
			}
		}
		everyWord(t, name, "app", p.app, appWords, all)
		everyWord(t, name, "server", p.server, serverWords, all)
	}
}

func everyWord(t *testing.T, protocol, end string, words map[string]word, order []string, all values) {
	t.Helper()
	for _, name := range order {
		w := words[name]
		if !w.known() {
			continue
		}
		written := w.write(all)
		got, given := match(words, order, written)
		if got != name {
			t.Errorf("%s: %s.%s is read as %q: %q", protocol, end, name, got, written)
		}
		for place, v := range given {
			if w.has(place) && place != "length" && v != all[place] {
				t.Errorf("%s: %s.%s has %s %q, which was %q", protocol, end, name, place, v, all[place])
			}
		}
	}
}

func TestParse(t *testing.T) {
	p, err := Parse("own.yaml", []byte("framing: delimiter \"\\x00\"\npatience: 3s\nmax-frame: 64\napp: {ping: P}\nserver: {pong: {match: '^p'}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if p.Patience != 3*time.Second || p.Framing.max != 64 || string(p.Framing.delimiter) != "\x00" || p.server[pong].spoken() {
		t.Errorf("%+v", p)
	}
	if _, err := NewServer(p, anyHost); err == nil || !strings.Contains(err.Error(), "{user}") {
		t.Errorf("the lab plays a server that knows nobody: %v", err)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"", "own.yaml:1:1 the file needs a framing"},
		{"framing: lins\n", `own.yaml:1:10 no framing "lins"; did you mean lines?`},
		{"framing: length 3\n", `own.yaml:1:10 framing length: unexpected "3"`},
		{"framing: length\n", "framing length: of how many bytes?"},
		{"framing: delimiter x\n", "expected 1 to 16 bytes in double quotes"},
		{"framing: lines\nmax-frame: 70000\n", "own.yaml:2:12 max-frame 70000: expected 1 to 65536 bytes"},
		{"framing: lines\ntls: starttls\n", "own.yaml:2:6 tls starttls: there are off and direct"},
		{"framing: lines\npatience: 10\n", "own.yaml:2:11 patience 10: expected a duration from 1s to 24h"},
		{"framing: lines\napp:\n  helo: X\n", `own.yaml:3:3 unknown key "helo"; did you mean hello?`},
		{"framing: lines\nsever: {}\n", `own.yaml:2:1 unknown key "sever"; did you mean server?`},
		{"framing: lines\napp:\n  hello: A {usr}\n", `own.yaml:3:10 no place {usr}; did you mean user?`},
		{"framing: lines\napp:\n  hello: A {user\n", "has no end"},
		{"framing: lines\napp:\n  hello: A }\n", "a brace that ends nothing"},
		{"framing: lines\napp:\n  hello: A {user} {user}\n", "{user} stands twice"},
		{"framing: lines\napp:\n  hello: A {user:xml}\n", `no escape "xml"`},
		{"framing: lines\napp:\n  hello: \"A\\nB\"\n", "a line with a line end in it"},
		{"framing: delimiter \"|\"\napp:\n  hello: A|B\n", "with the delimiter"},
		{"framing: lines\napp: {encoding: base64}\n", `no encoding "base64"`},
		{"framing: lines\napp: {encoding: hex, ping: 0}\n", "is not pairs of hex digits"},
		{"framing: lines\nserver:\n  incoming: {match: '(?P<idd>x)'}\n", "no place {idd}; did you mean id?"},
		{"framing: lines\nserver:\n  incoming: {match: '('}\n", "missing closing )"},
		{"framing: lines\nserver:\n  incoming: {}\n", "expected send, match or both"},
		{"framing: lines\nserver:\n  incoming: [a]\n", "expected a text"},
		{"framing: lines\nserver: {accepted: OK}\n", "app.hello is missing"},
		{"framing: lines\nserver: {pong: OK}\n", "app.ping is missing"},
		{"framing: lines\napp: {ping: {match: x}}\n", "app.ping has no send"},
		{"framing: lines\napp: {hello: {match: x}}\n", "how is it sent?"},
		{"framing: lines\napp: {poll: x}\n", "needs server.accepted"},
		{"framing: lines\nmax-frame: 3\napp: {ping: PING}\n", "a frame of 4 bytes: the limit is 3"},
		{"framing: lines\napp: {hello: [a, b, c, d, e, f, g, h, i]}\n", "a hello of more than 8 words"},
		{"framing: lines\napp:\n  ping: x\n  ping: y\n", "ping"},
		{"framing: lines\napp: {ping: " + strings.Repeat("x", maxWord+1) + "}\n", "the limit is 4096"},
		{"framing: lines # " + strings.Repeat("x", maxFile), "the limit is 65536"},
	} {
		if _, err := Parse("own.yaml", []byte(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.80q: got %v, want %q", tt.text, err, tt.want)
		}
	}
}

func TestValuesEndNoFrame(t *testing.T) {
	w := word{parts: []part{{literal: "CALL "}, {place: "name"}}}
	if got := string(w.write(values{"name": "Bob\r\nEND 17"})); got != "CALL Bob  END 17" {
		t.Errorf("%q", got)
	}
}

// FuzzParse looks for a file that makes the parser panic, or whose words do.
func FuzzParse(f *testing.F) {
	for _, name := range Names() {
		text, err := Source(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text, []byte("CALL 17 sip:bob@lab.test Bob"))
	}
	f.Add([]byte("framing: length 1 little inclusive\napp: {encoding: hex, hello: 00 {user}}"), []byte{2, 0, 3, 0, 1})
	f.Fuzz(func(t *testing.T, text, frame []byte) {
		p, err := Parse("fuzz", text)
		if err != nil {
			return
		}
		match(p.server, serverWords, frame)
		name, v := match(p.app, appWords, frame)
		if name != "" {
			p.app[name].write(v)
		}
	})
}
