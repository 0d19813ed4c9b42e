package ui

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// A KeyHelp is an action that a key does, by its name.
type KeyHelp struct{ ID, Keys, Help string }

// A KeyPlace is what the keys do in one place, such as the ladder.
type KeyPlace struct {
	Name string
	Keys []KeyHelp
}

// KeysByPlace lists all keys that the help lists, as it names them, for who reads about them.
func KeysByPlace() (list []KeyPlace) {
	of := map[string]int{}
	for _, b := range everyBinding() {
		if b.help == "" {
			continue
		}
		place := placeOf(&b)
		if _, there := of[place]; !there {
			of[place] = len(list)
			list = append(list, KeyPlace{Name: place})
		}
		p := &list[of[place]]
		p.Keys = append(p.Keys, KeyHelp{b.id, b.Help().Key, b.help})
	}
	return list
}

// ownKeys is the most keys of a binding that can be others: those with more stand for themselves,
// as the numbers of the panels do.
const ownKeys = 3

// mappable reports whether an action can have other keys: one that the help lists, and whose
// keys are not the terminal's.
func (b *binding) mappable() bool {
	return b.help != "" && len(b.Keys()) <= ownKeys && !slices.ContainsFunc(b.Keys(), ofTerminal)
}

// ofTerminal reports whether a key is one that the terminal, or the shell, knows as well.
func ofTerminal(k string) bool { return k == "ctrl+c" || k == "ctrl+z" }

// KeyTable lists the actions whose keys can be others.
func KeyTable() (list []KeyHelp) {
	for _, b := range everyBinding() {
		if b.mappable() {
			list = append(list, KeyHelp{b.id, strings.Join(b.Keys(), " "), b.help})
		}
	}
	return list
}

// everyBinding are those of a screen that shows nothing.
func everyBinding() []binding { return newModel(context.Background(), silent{}, Options{}).bindings() }

// silent is a phone without a past, and without verbs.
type silent struct{}

func (silent) Log() *event.Log   { return new(event.Log) }
func (silent) Do(string) error   { return nil }
func (silent) Verbs() []VerbHelp { return nil }

// A KeyError says why an action cannot have a key.
type KeyError struct{ ID, Why string }

func (e *KeyError) Error() string { return "keys: " + e.ID + ": " + e.Why }

// CheckKeys finds what is wrong with other keys for actions: an action that there is not, a key
// that there is not, or one that would mean two things in one place. Its error is a [KeyError].
func CheckKeys(keys map[string]string) error {
	if len(keys) == 0 {
		return nil
	}
	all := everyBinding()
	for _, id := range slices.Sorted(maps.Keys(keys)) {
		if err := checkKey(all, id, keys[id]); err != nil {
			return err
		}
	}
	return clash(remapped(all, keys), keys)
}

func checkKey(all []binding, id, value string) error {
	var known []string
	for i := range all {
		if all[i].mappable() {
			known = append(known, all[i].id)
		}
	}
	if !slices.Contains(known, id) {
		return &KeyError{id, "there is no such action" + words.DidYouMean(id, known)}
	}
	list := strings.Fields(value)
	if len(list) == 0 {
		return &KeyError{id, "a key, such as h, H, ctrl+k or f5"}
	}
	for _, k := range list {
		if !isKey(k) {
			return &KeyError{id, fmt.Sprintf("%q is no key, such as h, H, ctrl+k or f5", k)}
		}
		if ofTerminal(k) {
			return &KeyError{id, k + " leaves, and nothing else"}
		}
	}
	return nil
}

var namedKey = regexp.MustCompile(`^(ctrl\+|alt\+)*(f[1-9]|f1[0-2]|up|down|left|right|home|end|pgup|pgdown|insert|delete|backspace|tab|shift\+tab|enter|esc|space)$`)

// isKey reports whether a word is a key as a terminal names it.
func isKey(k string) bool {
	if namedKey.MatchString(k) {
		return true
	}
	for strings.HasPrefix(k, "ctrl+") || strings.HasPrefix(k, "alt+") {
		_, k, _ = strings.Cut(k, "+")
	}
	return ansi.StringWidth(k) == 1 && event.Printable(k) == k && k != " "
}

// clash finds a key that means two things in one place, one of them by keys.
func clash(all []binding, keys map[string]string) error {
	for md := mainMode; md&everyMode != 0; md <<= 1 {
		seen := map[string]*binding{}
		for i := range all {
			b := &all[i]
			if !b.active(md) {
				continue
			}
			for _, k := range b.Keys() {
				mine, other := b, seen[k]
				seen[k] = b
				if other == nil {
					continue
				}
				if keys[mine.id] == "" {
					mine, other = other, mine
				}
				return &KeyError{mine.id, fmt.Sprintf("%s is the key of %q there: %s", k, other.id, placeName(md))}
			}
		}
	}
	return nil
}

// placeName is a mode as a person knows it.
func placeName(md mode) string {
	for _, p := range places {
		if p.mode == md {
			return p.name
		}
	}
	return ""
}

// remapped are bindings with other keys.
func remapped(all []binding, keys map[string]string) []binding {
	for i := range all {
		b := &all[i]
		if list := strings.Fields(keys[b.id]); len(list) > 0 && b.mappable() {
			b.Binding = key.NewBinding(key.WithKeys(list...), key.WithHelp(keyNames(list), b.Help().Desc))
		}
	}
	return all
}
