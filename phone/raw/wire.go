package raw

import (
	"bytes"
	"encoding/hex"
	"maps"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// maxShown bounds what the log shows of a frame, in bytes.
const maxShown = 4 << 10

// A wire writes our words on the connection, and cuts what comes.
type wire struct {
	cfg  *Config
	p    *Protocol
	conn *control.Conn

	token       string // where we can be pushed to
	stream      stream
	outstanding int // requests without an answer, where the server is polled
	polls       control.Budget
	pollAt      time.Time // of a poll that was put off; zero: none was
	warned      bool      // that one was, on this connection
}

// reset begins anew, for the next connection.
func (w *wire) reset() {
	w.stream, w.outstanding, w.pollAt, w.warned = stream{f: &w.p.Framing}, 0, time.Time{}, false
}

// say sends a word, if the app has one for it, and reports whether it was sent.
func (w *wire) say(s *step, name string, v values) bool {
	word := w.p.app[name]
	return word.known() && w.send(s, name, word, v)
}

// tells reports whether a word has the password in it.
func (w *wire) tells(word word) bool { return word.has("password") && w.cfg.Password != "" }

// send writes a word to the server, unless the password in it could be read on
// the way.
func (w *wire) send(s *step, name string, word word, v values) bool {
	if w.tells(word) && !w.conn.MayTell(s) {
		s.Log(event.Error{Op: "send " + name, Err: control.ClearRefused, Hint: control.ClearHint, Rule: event.RuleClearPassword})
		return false
	}
	all := values{
		"user": w.cfg.User, "password": w.cfg.Password, "token": w.token, "instance": w.cfg.Instance,
		"server": w.cfg.Server, "name": w.cfg.Display,
	}
	maps.Copy(all, v)
	data, err := w.stream.encode(word.write(all))
	if err != nil {
		s.Log(event.Error{Op: "send " + name, Err: err.Error(), Hint: "it was not sent; see app." + name + " in " + w.p.Name, Rule: event.RuleNoWord})
		return false
	}
	s.Do(system.Send{Socket: w.conn.Socket(), Data: data})
	if w.p.polls() {
		w.outstanding++
	}
	all["password"] = strings.Repeat(".", len(w.cfg.Password))
	shown := word.write(all)
	switch name {
	case ping:
		s.Log(event.Ping{Out: true, What: brief(shown), Bytes: len(data)})
	case pong:
		s.Log(event.Pong{Out: true, What: brief(shown), Bytes: len(data)})
	default:
		s.Log(w.trace(event.Data{Out: true, What: name, CallID: v["id"], Bytes: len(data)}, shown))
	}
	return true
}

// must sends a word without which the server does not learn what the user
// chose.
func (w *wire) must(s *step, name string, v values) {
	if !w.say(s, name, v) {
		s.Log(event.Error{Op: name + " the call", Err: "the protocol has no word for it, so the server does not know", Hint: "app." + name + " in " + w.p.Name + " says how", Rule: event.RuleNoWord})
	}
}

// poll asks the server to speak, where it must be asked. One that answers each
// poll at once is asked less often.
func (w *wire) poll(s *step) {
	if !w.p.polls() || w.outstanding > 0 || !w.pollAt.IsZero() {
		return
	}
	if wait := w.polls.Spend(s.Now); wait > 0 {
		w.pollAt = s.In(wait)
		if !w.warned {
			w.warned = true
			s.Log(control.Overspent("the server answers polls at once, so that the phone polls " + w.cfg.Server))
		}
		return
	}
	w.say(s, poll, nil)
}

// minEchoed is the length from which on a password is looked for in what the
// server sends: a shorter one is a part of other words.
const minEchoed = 4

// trace puts a frame into its event: as text, or in hex if it is not text. The
// password is in neither.
func (w *wire) trace(e event.Data, data []byte) event.Data {
	if password := []byte(w.cfg.Password); len(password) >= minEchoed {
		data = bytes.ReplaceAll(data, password, bytes.Repeat([]byte("."), len(password)))
	}
	cut := data[:min(len(data), maxShown)]
	if printable(data) {
		e.Raw = event.Mask(strings.ToValidUTF8(string(cut), ""))
	} else {
		e.Hex = strings.TrimRight(hex.Dump(cut), "\n")
	}
	return e
}

// printable reports whether a frame is text.
func printable(data []byte) bool {
	return utf8.Valid(data) && !strings.ContainsFunc(string(data), func(r rune) bool {
		return unicode.IsControl(r) && r != '\r' && r != '\n' && r != '\t'
	})
}

// brief returns the beginning of a frame; of a text, the beginning of its first
// line.
func brief(data []byte) string {
	const most = 32
	cut := data[:min(len(data), most)]
	if !printable(data) {
		return strings.ToLower(hex.EncodeToString(cut))
	}
	line, _, _ := strings.Cut(strings.ToValidUTF8(string(cut), ""), "\n")
	return strings.TrimRight(line, "\r")
}
