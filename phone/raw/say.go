package raw

import (
	"encoding/hex"
	"maps"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// maxShown bounds what the log shows of a frame, in bytes.
const maxShown = 4 << 10

// say says a word, if the app has one for it, and reports whether it was said.
func (a *Agent) say(s *step, name string, v values) bool {
	w := a.p.app[name]
	return w.known() && a.send(s, name, w, v)
}

// send writes a word to the server.
func (a *Agent) send(s *step, name string, w word, v values) bool {
	all := values{
		"user": a.cfg.User, "password": a.cfg.Password, "token": a.token, "instance": a.cfg.Instance,
		"server": a.cfg.Server, "name": a.cfg.Display,
	}
	maps.Copy(all, v)
	data, err := a.flow.stream.encode(w.write(all))
	if err != nil {
		s.Log(event.Error{Op: "send " + name, Err: err.Error(), Hint: "it was not sent; see app." + name + " in " + a.p.Name, Rule: event.RuleNoWord})
		return false
	}
	s.Do(system.Send{Socket: a.conn.Socket(), Data: data})
	if a.p.polls() {
		a.flow.outstanding++
	}
	all["password"] = "..."
	shown := w.write(all)
	switch name {
	case ping:
		s.Log(event.Ping{Out: true, What: brief(shown), Bytes: len(data)})
	case pong:
		s.Log(event.Pong{Out: true, What: brief(shown), Bytes: len(data)})
	default:
		s.Log(trace(event.Data{Out: true, What: name, CallID: v["id"], Bytes: len(data)}, shown))
	}
	return true
}

// trace writes a frame into its event: as text, or in hex if it is not only
// text.
func trace(e event.Data, data []byte) event.Data {
	cut := data[:min(len(data), maxShown)]
	if printable(data) {
		e.Raw = strings.ToValidUTF8(string(cut), "")
	} else {
		e.Hex = strings.TrimRight(hex.Dump(cut), "\n")
	}
	return e
}

// printable reports whether a frame is only text.
func printable(data []byte) bool {
	return utf8.Valid(data) && !strings.ContainsFunc(string(data), func(r rune) bool {
		return unicode.IsControl(r) && r != '\r' && r != '\n' && r != '\t'
	})
}

// brief is the beginning of a frame: of a text, of its first line.
func brief(data []byte) string {
	const most = 32
	cut := data[:min(len(data), most)]
	if !printable(data) {
		return strings.ToLower(hex.EncodeToString(cut))
	}
	line, _, _ := strings.Cut(strings.ToValidUTF8(string(cut), ""), "\n")
	return strings.TrimRight(line, "\r")
}
