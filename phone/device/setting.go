package device

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// ErrBeyond says that a number is more generous than any real system was.
var ErrBeyond = errors.New("the real system allowed")

// eraKey is the key of With that chooses a release of the system: not a
// number of its own, but a set of them.
const eraKey = "era"

// With returns p with settings changed by their keys ("wake-window": "5s").
// The key "era" chooses a release ("ios4") before the others apply.
//
// A number that cannot be is an error. So is one that is more generous than
// any real system was, if strict; else it is listed in Unfaithful.
func (p Profile) With(set map[string]string, strict bool) (Profile, error) {
	if era, ok := set[eraKey]; ok {
		if err := p.setEra(era); err != nil {
			return Profile{}, err
		}
	}
	for _, key := range slices.Sorted(maps.Keys(set)) {
		if key == eraKey {
			continue
		}
		if err := p.change(key, set[key], Note{}, strict); err != nil {
			return Profile{}, fmt.Errorf("device %s: %w", p.Name, err)
		}
	}
	if err := p.check(); err != nil {
		return Profile{}, fmt.Errorf("device %s: %w", p.Name, err)
	}
	p.choose()
	return p, nil
}

// note records where the value of a setting comes from. Profiles are copied
// freely and share their lists and maps, so whatever changes one of those
// replaces it.
func (p *Profile) note(key string, n Note) {
	p.notes = maps.Clone(p.notes)
	p.notes[key] = n
}

// Eras lists the releases that the profile knows, in the order of its file.
func (p Profile) Eras() []string { return slices.Clone(p.order) }

// setEra makes the profile that of a release.
func (p *Profile) setEra(era string) error {
	changes, ok := p.eras[era]
	if !ok {
		return fmt.Errorf("device %s: no era %q%s (there are: %s)", p.Name, era,
			words.DidYouMean(era, p.Eras()), strings.Join(p.Eras(), ", "))
	}
	for _, s := range changes {
		if err := p.set(s.key, s.value); err != nil {
			return fmt.Errorf("era %s: %w", era, err)
		}
		p.note(s.key, s.note)
	}
	name, _, _ := strings.Cut(p.Name, eraMark)
	p.Name = name + eraMark + era
	return nil
}

// remember lists a change, instead of an earlier one of the same setting.
func (p *Profile) remember(key, value string) {
	others := slices.DeleteFunc(slices.Clone(p.Changed), changeOf(key))
	p.Changed = append(others, key+"="+value)
}

// changeOf finds the change of a setting among those that are listed.
func changeOf(key string) func(string) bool {
	return func(s string) bool { return strings.HasPrefix(s, key+"=") }
}

// openQuestions are the settings without a source on which it hangs most
// whether a call gets through: they are listed first.
var openQuestions = []string{
	"rearm", "keepalive-early", "fin-counts", "push-violations", "push-block-time", "ring-window", "call-screen-time",
	"push-penalty-limit",
}

// choose lists the settings that no source settles, as they now are.
func (p *Profile) choose() {
	p.Choices = nil
	rest := slices.DeleteFunc(slices.Clone(p.keys), func(key string) bool { return slices.Contains(openQuestions, key) })
	for _, key := range slices.Concat(openQuestions, rest) {
		about, open := p.open[key]
		yours := slices.ContainsFunc(p.Changed, changeOf(key))
		if open && (yours || p.notes[key].Confidence == ownDefault) { // else a release has settled it
			p.Choices = append(p.Choices, event.Choice{Key: key, Value: p.show(key), About: about, Yours: yours})
		}
	}
}

// change sets one setting that the profile has, within what is allowed.
func (p *Profile) change(key, value string, note Note, strict bool) error {
	if !slices.Contains(p.keys, key) {
		known := append([]string{eraKey}, p.keys...)
		help := words.DidYouMean(key, known)
		if help == "" {
			help = " (there are: " + strings.Join(known, ", ") + ")"
		}
		return fmt.Errorf("no setting %q%s", key, help)
	}
	was := p.value(key)
	if err := p.set(key, value); err != nil {
		return err
	}
	if p.value(key) != was {
		p.remember(key, value)
		p.note(key, note)
	}
	limit, beyond, err := p.outside(key)
	switch {
	case err != nil:
		return err
	case beyond && strict:
		return fmt.Errorf("%s %s: %w %s (strict = off to go beyond it); source: %s", key, value, ErrBeyond, limit, p.allowed[key].note)
	case beyond:
		p.Unfaithful = append(slices.Clip(p.Unfaithful), fmt.Sprintf("%s %s (the real system allowed %s)", key, value, limit))
	}
	return nil
}

// settingField is the field that key names, of p or of the settings of its
// family.
func (p *Profile) settingField(key string) (field reflect.Value, own, ok bool) {
	if f, ok := fieldOf(reflect.ValueOf(p).Elem(), key); ok {
		return f, false, true
	}
	f, ok := fieldOf(reflect.ValueOf(p.own).Elem(), key)
	return f, true, ok
}

// fieldOf is the field of a struct that key names.
func fieldOf(v reflect.Value, key string) (reflect.Value, bool) {
	for _, f := range reflect.VisibleFields(v.Type()) {
		if k := f.Tag.Get("setting"); k != "" && k == key {
			return v.FieldByIndex(f.Index), true
		}
	}
	return reflect.Value{}, false
}

// value is a setting as it now is.
func (p *Profile) value(key string) any {
	field, _, _ := p.settingField(key)
	return field.Interface()
}

// Settings lists the keys of all settings that a profile may have: first those
// that several families have, then each family's own.
func Settings() []string {
	all := keysOf(reflect.TypeFor[Profile]())
	known := families()
	for _, name := range slices.Sorted(maps.Keys(known)) {
		all = append(all, keysOf(reflect.TypeOf(known[name].own).Elem())...)
	}
	return all
}

// keysOf lists the keys of the settings in a struct.
func keysOf(t reflect.Type) []string {
	var keys []string
	for _, f := range reflect.VisibleFields(t) {
		if k := f.Tag.Get("setting"); k != "" {
			keys = append(keys, k)
		}
	}
	return keys
}

// set sets one setting from text.
func (p *Profile) set(key, value string) error {
	field, own, ok := p.settingField(key)
	if !ok {
		return fmt.Errorf("no setting %q%s", key, words.DidYouMean(key, Settings()))
	}
	v, err := parseSetting(field.Type(), value)
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	if own { // other copies of the profile have the same
		p.own = copied(p.own)
		field, _, _ = p.settingField(key)
	}
	field.Set(reflect.ValueOf(v))
	return nil
}

// copied is a copy of the settings of a family.
func copied(own settings) settings {
	c := reflect.New(reflect.TypeOf(own).Elem())
	c.Elem().Set(reflect.ValueOf(own).Elem())
	return c.Interface().(settings)
}

// parseSetting reads a value of a setting's type.
func parseSetting(t reflect.Type, s string) (any, error) {
	switch t {
	case reflect.TypeFor[time.Duration]():
		d, err := time.ParseDuration(s)
		if err != nil || d < 0 {
			return nil, fmt.Errorf("%q is not a duration such as 10s or 500ms", s)
		}
		return d, nil
	case reflect.TypeFor[Marked]():
		return parseChoice(s, Watched, Ignored, KilledForIt)
	case reflect.TypeFor[Overrun]():
		return parseChoice(s, SuspendOverrun, KillOverrun)
	case reflect.TypeFor[bool]():
		return parseSwitch(s)
	case reflect.TypeFor[int]():
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("%q is not a whole number from 0 to %d", s, math.MaxInt)
		}
		return n, nil
	default:
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || !(f >= 0 && f <= math.MaxInt32) { // NaN is neither
			return nil, fmt.Errorf("%q is not a number from 0 to %d", s, math.MaxInt32)
		}
		return f, nil
	}
}

func parseChoice[T ~string](s string, choices ...T) (any, error) {
	var known []string
	for _, c := range choices {
		if T(s) == c {
			return c, nil
		}
		known = append(known, string(c))
	}
	return nil, fmt.Errorf("%q is none of %s", s, strings.Join(known, ", "))
}

func parseSwitch(s string) (any, error) {
	switch s {
	case "true", "on", "yes":
		return true, nil
	case "false", "off", "no":
		return false, nil
	}
	return nil, fmt.Errorf("%q is neither on nor off", s)
}

// outside reports whether a setting is more generous than what the real
// system allowed, and what that was.
func (p *Profile) outside(key string) (limit string, beyond bool, err error) {
	b := p.allowed[key]
	for _, edge := range []struct {
		text, words string
		sign        float64
	}{{b.min, "no less than ", 1}, {b.max, "no more than ", -1}} {
		if edge.text == "" {
			continue
		}
		field, _, ok := p.settingField(key)
		if !ok || !field.CanInt() && !field.CanFloat() {
			return "", false, fmt.Errorf("%s is not a number", key)
		}
		v, err := parseSetting(field.Type(), edge.text)
		if err != nil {
			return "", false, fmt.Errorf("%s: %w", key, err)
		}
		if edge.sign*number(field) < edge.sign*number(reflect.ValueOf(v)) {
			return edge.words + edge.text, true, nil
		}
	}
	return "", false, nil
}

// number is a setting as a number, to be compared.
func number(v reflect.Value) float64 {
	if v.CanInt() {
		return float64(v.Int())
	}
	return v.Float()
}
