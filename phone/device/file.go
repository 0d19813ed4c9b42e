package device

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"github.com/sleeptalk/sleeptalk/phone/place"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// file is a built-in profile as it is written. The comment behind a number is
// part of it: its [Note].
type file struct {
	About    string              `yaml:"about"`
	Family   ast.Node            `yaml:"family"`
	Settings ast.Node            `yaml:"settings"`
	Allowed  map[string]ast.Node `yaml:"allowed"`
	Eras     map[string]ast.Node `yaml:"eras"`
}

// bounds is how far a setting may go before no real system allowed it.
type bounds struct {
	min, max string
	note     Note // of the setting itself, unless the file says more
}

// ownFile is a profile of a user's own: a base, and what differs from it.
type ownFile struct {
	Base     ast.Node `yaml:"base"`
	About    string   `yaml:"about"`
	Settings ast.Node `yaml:"settings"`
}

// field is one setting as it is written.
type field struct {
	key, value string
	note       Note
	at         *token.Token // its key
	valueAt    *token.Token
}

// A text is a file that is being read.
type text struct {
	name string
	data []byte
}

func (t text) decode(into any, known []string) error {
	return place.Decode(t.name, t.data, into, known, yaml.CommentToMap(yaml.CommentMap{}))
}

func (t text) wrong(at *token.Token, format string, args ...any) error {
	return place.At(t.name, t.data, at, fmt.Sprintf(format, args...))
}

// parse reads a built-in profile. An unknown key, or a number that cannot be,
// is an error.
func parse(name string, data []byte) (Profile, error) {
	t := text{name + ".yaml", data}
	var f file
	if err := t.decode(&f, []string{"about", "family", "settings", "allowed", "eras"}); err != nil {
		return Profile{}, err
	}
	family, err := t.family(f.Family)
	if err != nil {
		return Profile{}, err
	}
	p := Profile{Name: name, About: f.About, family: family, own: families()[family].own, notes: map[string]Note{}, open: map[string]string{}, allowed: map[string]bounds{}, eras: map[string][]field{}}
	fields, err := t.fields(f.Settings)
	if err != nil {
		return Profile{}, err
	}
	for _, s := range fields {
		if err := t.set(&p, s); err != nil {
			return Profile{}, err
		}
		p.keys = append(p.keys, s.key)
		p.notes[s.key] = s.note
		if s.note.Confidence == ownDefault {
			p.open[s.key] = s.note.Source
		}
	}
	if err := t.limits(&p, f.Allowed); err != nil {
		return Profile{}, err
	}
	if err := t.releases(&p, f.Eras); err != nil {
		return Profile{}, err
	}
	if err := p.checkFile(); err != nil {
		return Profile{}, fmt.Errorf("device profile %s: %w", name, err)
	}
	p.choose()
	return p, nil
}

// family reads which family a profile is of.
func (t text) family(n ast.Node) (string, error) {
	known := slices.Sorted(maps.Keys(families()))
	if n == nil {
		return "", t.wrong(nil, "a profile needs a family (there are: %s)", strings.Join(known, ", "))
	}
	at := n.GetToken()
	if !slices.Contains(known, at.Value) {
		return "", t.wrong(at, "no family %q%s (there are: %s)", at.Value, words.DidYouMean(at.Value, known), strings.Join(known, ", "))
	}
	return at.Value, nil
}

// limits reads what no real system of the kind was more generous than.
func (t text) limits(p *Profile, allowed map[string]ast.Node) error {
	for _, key := range slices.Sorted(maps.Keys(allowed)) {
		fields, err := t.fields(allowed[key])
		if err != nil {
			return err
		}
		b := bounds{note: cmp.Or(noteOf(allowed[key]), p.notes[key])}
		for _, f := range fields {
			switch f.key {
			case "min":
				b.min = f.value
			case "max":
				b.max = f.value
			default:
				return t.wrong(f.at, "unknown key %q: a limit has a min, a max, or both", f.key)
			}
		}
		p.allowed[key] = b
	}
	return nil
}

// releases reads what differed from release to release, in the order of the file.
func (t text) releases(p *Profile, eras map[string]ast.Node) error {
	inOrder := slices.SortedFunc(maps.Keys(eras), func(a, b string) int {
		return eras[a].GetToken().Position.Offset - eras[b].GetToken().Position.Offset
	})
	for _, era := range inOrder {
		fields, err := t.fields(eras[era])
		if err != nil {
			return err
		}
		if len(fields) == 0 {
			return t.wrong(nil, "era %s changes nothing", era)
		}
		if p.eras[era], err = t.goesOn(p, fields); err != nil {
			return err
		}
		p.order = append(p.order, era)
		for _, s := range p.eras[era] {
			q := *p
			if err := t.set(&q, s); err != nil {
				return err
			}
		}
	}
	return nil
}

// after is the key of a release that differs from the rest of the file as one before it
// does, and in what it says itself.
const after = "after"

// goesOn adds to what a release says itself what that of the release has which it goes on
// from.
func (t text) goesOn(p *Profile, own []field) ([]field, error) {
	i := slices.IndexFunc(own, func(f field) bool { return f.key == after })
	if i < 0 {
		return own, nil
	}
	before, ok := p.eras[own[i].value]
	if !ok {
		return nil, t.wrong(own[i].valueAt, "no era %q above this one%s", own[i].value, words.DidYouMean(own[i].value, p.Eras()))
	}
	all := slices.Delete(slices.Clone(own), i, i+1)
	for _, f := range before {
		if !slices.ContainsFunc(own, func(o field) bool { return o.key == f.key }) {
			all = append(all, f)
		}
	}
	return all, nil
}

// set sets one setting, or says where the mistake is.
func (t text) set(p *Profile, s field) error {
	if _, _, ok := p.settingField(s.key); !ok {
		return t.wrong(s.at, "no setting %q%s", s.key, words.DidYouMean(s.key, Settings()))
	}
	if err := p.set(s.key, s.value); err != nil {
		return t.wrong(s.valueAt, "%v", err)
	}
	return nil
}

// Parse reads a profile of a user's own: a base, a built-in profile or one of
// its releases, and the settings that differ from it. name stands in the
// errors, which show the place. A number that no real system allowed is an
// error if strict, else it is listed in Unfaithful.
func Parse(name string, data []byte, strict bool) (Profile, error) {
	t := text{name, data}
	var f ownFile
	if err := t.decode(&f, []string{"base", "about", "settings"}); err != nil {
		return Profile{}, err
	}
	if f.Base == nil {
		return Profile{}, t.wrong(nil, "a profile of your own needs a base, such as base: ios-voip-socket@ios7 (there are: %s)", strings.Join(Names(), ", "))
	}
	p, err := Load(f.Base.GetToken().Value)
	if err != nil {
		return Profile{}, t.wrong(f.Base.GetToken(), "%v", err)
	}
	p.About = cmp.Or(f.About, p.About)
	fields, err := t.fields(f.Settings)
	if err != nil {
		return Profile{}, err
	}
	for _, s := range fields {
		if err := p.change(s.key, s.value, s.note, strict); err != nil {
			return Profile{}, t.wrong(wrongPart(&p, s), "%v", err)
		}
	}
	if err := p.check(); err != nil {
		return Profile{}, t.wrong(culprit(fields, err.Error()), "%v", err)
	}
	p.choose()
	p.Name = name
	return p, nil
}

// culprit is the value of the first setting that a rule speaks of.
func culprit(fields []field, rule string) *token.Token {
	for _, f := range fields {
		if slices.Contains(strings.FieldsFunc(rule, func(r rune) bool { return r == ' ' || r == ':' }), f.key) {
			return f.valueAt
		}
	}
	return nil
}

// wrongPart is what of a setting is wrong: its key, if the profile has none
// of the kind, or its value.
func wrongPart(p *Profile, s field) *token.Token {
	if !slices.Contains(p.keys, s.key) {
		return s.at
	}
	return s.valueAt
}

// fields reads a mapping of settings, in order.
func (t text) fields(n ast.Node) ([]field, error) {
	var entries []*ast.MappingValueNode
	switch n := n.(type) {
	case nil, *ast.NullNode:
		return nil, nil
	case *ast.MappingNode:
		entries = n.Values
	case *ast.MappingValueNode:
		entries = []*ast.MappingValueNode{n}
	default:
		return nil, t.wrong(n.GetToken(), "expected settings, such as wake-window: 5s")
	}
	shared := noteOf(n)
	var fields []field
	for _, e := range entries {
		at := e.Key.GetToken()
		value, ok := e.Value.(ast.ScalarNode)
		if !ok {
			return nil, t.wrong(at, "%s: expected one value, such as 5s", at.Value)
		}
		if slices.ContainsFunc(fields, func(f field) bool { return f.key == at.Value }) {
			return nil, t.wrong(at, "%s is set twice", at.Value)
		}
		s := field{key: at.Value, value: value.GetToken().Value, note: noteOf(value), at: at, valueAt: value.GetToken()}
		if s.note == (Note{}) {
			s.note = shared
		}
		fields = append(fields, s)
	}
	return fields, nil
}

// noteOf reads the comment behind a value: "[A] source".
func noteOf(n ast.Node) Note {
	if n == nil {
		return Note{}
	}
	group := n.GetComment()
	if group == nil || len(group.Comments) == 0 {
		return Note{}
	}
	source := strings.TrimSpace(strings.TrimPrefix(group.Comments[0].GetToken().Value, "#"))
	if len(source) >= 3 && source[0] == '[' && source[2] == ']' {
		return Note{Confidence: source[1:2], Source: strings.TrimSpace(source[3:])}
	}
	return Note{Source: source}
}
