package raw

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"github.com/sleeptalk/sleeptalk/phone/place"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

const (
	// maxFile bounds a file, maxHello the words of its hello (our own
	// numbers).
	maxFile  = 64 << 10
	maxHello = 8
	// defaultPatience is how long a pong may take (RFC 5626 §4.4.1: 10 s).
	defaultPatience = 10 * time.Second
	// defaultHold is how long a request is kept: "as high as 120 seconds"
	// works in practice (RFC 6202 §5.5).
	defaultHold = 2 * time.Minute
	maxPatience = 24 * time.Hour
)

// fileKeys are the keys of a file.
var fileKeys = []string{"about", "framing", "max-frame", "tls", "patience", "hold", "app", "server"}

// A file is the decoded file of a protocol.
type file struct {
	About    string   `yaml:"about"`
	Framing  ast.Node `yaml:"framing"`
	MaxFrame ast.Node `yaml:"max-frame"`
	TLS      ast.Node `yaml:"tls"`
	Patience ast.Node `yaml:"patience"`
	Hold     ast.Node `yaml:"hold"`
	App      ast.Node `yaml:"app"`
	Server   ast.Node `yaml:"server"`
}

// A reader reads a file.
type reader struct {
	name string
	data []byte
	p    *Protocol
}

// Parse reads the file of a protocol. name is for the errors, which show the
// place.
func Parse(name string, data []byte) (*Protocol, error) {
	r := reader{name, data, &Protocol{Name: name, app: map[string]word{}, server: map[string]word{}}}
	if len(data) > maxFile {
		return nil, r.wrong(nil, "a file of %d bytes: the limit is %d", len(data), maxFile)
	}
	var f file
	if err := place.Decode(name, data, &f, fileKeys); err != nil {
		return nil, err
	}
	r.p.About = f.About
	for _, read := range []func(file) error{r.framing, r.tls, r.times, r.words, r.check} {
		if err := read(f); err != nil {
			return nil, err
		}
	}
	return r.p, nil
}

func (r reader) wrong(at *token.Token, format string, args ...any) error {
	return place.At(r.name, r.data, at, fmt.Sprintf(format, args...))
}

// tokenOf returns the token of a node; nil if there is none.
func tokenOf(n ast.Node) *token.Token {
	if n == nil {
		return nil
	}
	return n.GetToken()
}

// text reads a node that must be one text.
func (r reader) text(n ast.Node) (string, error) {
	if _, ok := n.(ast.ScalarNode); !ok {
		if _, ok := n.(*ast.LiteralNode); !ok {
			return "", r.wrong(tokenOf(n), "expected a text")
		}
	}
	var s string
	if err := yaml.NodeToValue(n, &s); err != nil {
		return "", r.wrong(tokenOf(n), "expected a text, in quotes if it looks like something else")
	}
	if len(s) > maxWord {
		return "", r.wrong(tokenOf(n), "a text of %d bytes: the limit is %d", len(s), maxWord)
	}
	return s, nil
}

func (r reader) framing(f file) error {
	if f.Framing == nil {
		return r.wrong(nil, "the file needs a framing, such as framing: lines")
	}
	s, err := r.text(f.Framing)
	if err != nil {
		return err
	}
	if r.p.Framing, err = ParseFraming(s); err != nil {
		return r.wrong(tokenOf(f.Framing), "%v", err)
	}
	if f.MaxFrame == nil {
		return nil
	}
	if s, err = r.text(f.MaxFrame); err != nil {
		return err
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > MaxFrame {
		return r.wrong(tokenOf(f.MaxFrame), "max-frame %s: expected 1 to %d bytes", s, MaxFrame)
	}
	r.p.Framing.max = n
	return nil
}

func (r reader) tls(f file) error {
	if f.TLS == nil {
		return nil
	}
	s, err := r.text(f.TLS)
	if err != nil {
		return err
	}
	if s != "off" && s != "direct" {
		return r.wrong(tokenOf(f.TLS), "tls %s: there are off and direct", s)
	}
	r.p.TLS = s == "direct"
	return nil
}

func (r reader) times(f file) error {
	r.p.Patience, r.p.Hold = defaultPatience, defaultHold
	for _, t := range []struct {
		key  string
		node ast.Node
		into *time.Duration
	}{{"patience", f.Patience, &r.p.Patience}, {"hold", f.Hold, &r.p.Hold}} {
		if t.node == nil {
			continue
		}
		s, err := r.text(t.node)
		if err != nil {
			return err
		}
		d, err := time.ParseDuration(s)
		if err != nil || d < time.Second || d > maxPatience {
			return r.wrong(tokenOf(t.node), "%s %s: expected a duration from 1s to 24h", t.key, s)
		}
		*t.into = d
	}
	return nil
}

// words reads the words of both ends.
func (r reader) words(f file) error {
	if err := r.end(f.App, r.p.app, append([]string{"encoding", hello}, appWords...)); err != nil {
		return err
	}
	return r.end(f.Server, r.p.server, append([]string{"encoding"}, serverWords...))
}

// end reads the words of one end.
func (r reader) end(n ast.Node, into map[string]word, known []string) error {
	entries, err := r.mapping(n, known)
	if err != nil {
		return err
	}
	inHex := false
	if e := entries["encoding"]; e != nil {
		s, err := r.text(e.Value)
		if err != nil {
			return err
		}
		if s != "text" && s != "hex" {
			return r.wrong(tokenOf(e.Value), "no encoding %q%s: there are text and hex", s, words.DidYouMean(s, []string{"text", "hex"}))
		}
		inHex = s == "hex"
	}
	for _, name := range known {
		switch e := entries[name]; {
		case e == nil || name == "encoding":
		case name == hello:
			err = r.hello(e.Value, inHex)
		default:
			into[name], err = r.word(e.Value, inHex)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// mapping reads keys and values, each key once.
func (r reader) mapping(n ast.Node, known []string) (map[string]*ast.MappingValueNode, error) {
	var all []*ast.MappingValueNode
	switch n := n.(type) {
	case nil, *ast.NullNode:
	case *ast.MappingNode:
		all = n.Values
	case *ast.MappingValueNode:
		all = []*ast.MappingValueNode{n}
	default:
		return nil, r.wrong(tokenOf(n), "expected keys and values, such as %s: …", known[1])
	}
	entries := map[string]*ast.MappingValueNode{}
	for _, e := range all {
		key := e.Key.GetToken()
		switch {
		case !slices.Contains(known, key.Value):
			return nil, r.wrong(key, "unknown key %q%s", key.Value, words.DidYouMean(key.Value, known))
		case entries[key.Value] != nil:
			return nil, r.wrong(key, "%s stands twice", key.Value)
		}
		entries[key.Value] = e
	}
	return entries, nil
}

// hello reads one word, or several that are sent after each other.
func (r reader) hello(n ast.Node, inHex bool) error {
	nodes := []ast.Node{n}
	if list, ok := n.(*ast.SequenceNode); ok {
		nodes = list.Values
	}
	if len(nodes) > maxHello {
		return r.wrong(tokenOf(nodes[maxHello]), "a hello of more than %d words", maxHello)
	}
	for _, n := range nodes {
		w, err := r.word(n, inHex)
		if err != nil {
			return err
		}
		if !w.spoken() {
			return r.wrong(tokenOf(n), "how is it sent? (send: …)")
		}
		r.p.hello = append(r.p.hello, w)
	}
	return nil
}

// word reads a template, or a template and a pattern.
func (r reader) word(n ast.Node, inHex bool) (word, error) {
	w := word{hex: inHex}
	send := n
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		entries, err := r.mapping(n, []string{"match", "send"})
		if err != nil {
			return w, err
		}
		send = nil
		if e := entries["send"]; e != nil {
			send = e.Value
		}
		if e := entries["match"]; e != nil {
			if err := r.match(&w, e.Value); err != nil {
				return w, err
			}
		}
		if len(entries) == 0 {
			return w, r.wrong(tokenOf(n), "expected send, match or both")
		}
	}
	if send == nil {
		return w, nil
	}
	return w, r.template(&w, send)
}

func (r reader) match(w *word, n ast.Node) error {
	s, err := r.text(n)
	if err != nil {
		return err
	}
	if w.match, err = parsePattern(s); err != nil {
		return r.wrong(tokenOf(n), "%v", err)
	}
	return nil
}

func (r reader) template(w *word, n ast.Node) error {
	s, err := r.text(n)
	if err != nil {
		return err
	}
	if r.p.Framing.kind == byHTTP && !w.hex {
		s = httpText(s)
	}
	if w.parts, err = parseTemplate(s, w.hex); err == nil {
		err = r.p.Framing.fits(w.parts)
	}
	if err == nil && w.match == nil {
		w.match, err = pattern(w.parts, w.hex)
	}
	if err != nil {
		return r.wrong(tokenOf(n), "%v", err)
	}
	return nil
}

// fits returns an error if a template would end its frame too early.
func (f *Framing) fits(parts []part) error {
	var all []byte
	for _, p := range parts {
		all = append(all, p.literal...)
	}
	s := stream{f: f}
	if f.kind == byHTTP {
		return nil
	}
	if f.lines && slices.Contains(all, '\n') {
		return errors.New("a line with a line end in it; each line is a word of its own")
	}
	_, err := s.encode(all)
	return err
}

// check returns an error for a file that cannot work.
func (r reader) check(f file) error {
	p := r.p
	switch app := cmp.Or(tokenOf(f.App), tokenOf(f.Framing)); {
	case p.server[accepted].known() && len(p.hello) == 0:
		return r.wrong(app, "the server accepts what nobody says: app.hello is missing")
	case p.server[pong].known() && !p.app[ping].known():
		return r.wrong(app, "the server answers a ping that the app never sends: app.ping is missing")
	case p.polls() && !p.server[accepted].known():
		return r.wrong(app, "a protocol that polls needs server.accepted")
	}
	for _, name := range appWords {
		if w := p.app[name]; w.known() && !w.spoken() {
			return r.wrong(tokenOf(f.App), "app.%s has no send: what does the app say?", name)
		}
	}
	return nil
}
