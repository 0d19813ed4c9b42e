package event

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Masked returns an event with its secrets masked: those that [Mask] finds in its
// texts, and the password that a verb sets.
func Masked(e Event) Event {
	if v, ok := e.(Verb); ok {
		e = Verb{Line: maskVerb(v.Line), By: v.By}
	}
	return Edit(e, func(_, text string) string { return Mask(text) })
}

// publicPassword is the default password of users of the lab. The help states it,
// so hiding it would hide nothing, and scenarios use it.
const publicPassword = "secret"

// maskVerb hides the password that the lab is told to give a user.
func maskVerb(line string) string {
	words := strings.Fields(line)
	at := slices.Index(words, "password")
	if at < 0 || at > 1 || len(words) != at+3 || words[at+2] == publicPassword {
		return line
	}
	words[at+2] = dots(words[at+2])
	return strings.Join(words, " ")
}

// textFields has the fields of each kind of event that hold foreign text. Fields
// of a named type hold our own words.
var textFields = textFieldsOf(Types())

// A textField is a field of a struct, by its index and its name.
type textField struct {
	index int
	name  string
}

func textFieldsOf(all []Event) map[reflect.Type][]textField {
	found := map[reflect.Type][]textField{}
	for _, e := range all {
		t := reflect.TypeOf(e)
		for i := range t.NumField() {
			switch t.Field(i).Type {
			case reflect.TypeFor[string](), reflect.TypeFor[[]string](), reflect.TypeFor[map[string]string](),
				reflect.TypeFor[[]Identity](), reflect.TypeFor[Cause]():
				found[t] = append(found[t], textField{i, t.Field(i).Name})
			}
		}
	}
	return found
}

// Edit returns an event with f applied to its foreign texts, each with the name of
// its field. If none changes, it returns the same event.
func Edit(e Event, f func(field, text string) string) Event {
	fields := textFields[reflect.TypeOf(e)]
	if len(fields) == 0 {
		return e
	}
	from := reflect.ValueOf(e)
	var to reflect.Value // a copy, once there is something to change
	for _, field := range fields {
		value, changed := edited(from.Field(field.index), func(text string) string { return f(field.name, text) })
		if !changed {
			continue
		}
		if !to.IsValid() {
			to = reflect.New(from.Type()).Elem()
			to.Set(from)
		}
		to.Field(field.index).Set(value)
	}
	if !to.IsValid() {
		return e
	}
	return to.Interface().(Event)
}

// edited returns a field with f applied to its texts, and whether one changed.
func edited(field reflect.Value, f func(string) string) (reflect.Value, bool) {
	switch v := field.Interface().(type) {
	case string:
		other := f(v)
		return reflect.ValueOf(other), other != v
	case []string:
		return editedList(v, func(s *string) { *s = f(*s) })
	case []Identity:
		return editedList(v, func(id *Identity) { id.Name, id.URI, id.Why = f(id.Name), f(id.URI), f(id.Why) })
	case Cause:
		return editedCause(v, f)
	case map[string]string:
		other := maps.Clone(v)
		for key := range other {
			other[key] = f(other[key])
		}
		return reflect.ValueOf(other), !maps.Equal(other, v)
	}
	return field, false
}

// editedList is [edited] for a list.
func editedList[T comparable](list []T, edit func(*T)) (reflect.Value, bool) {
	other := slices.Clone(list)
	for i := range other {
		edit(&other[i])
	}
	return reflect.ValueOf(other), !slices.Equal(other, list)
}

// editedCause is [edited] for what header fields say.
func editedCause(c Cause, f func(string) string) (reflect.Value, bool) {
	if len(c.Reasons)+len(c.Warnings) == 0 {
		return reflect.Value{}, false
	}
	reasons, other := editedList(c.Reasons, func(r *Reason) { r.Protocol, r.Text = f(r.Protocol), f(r.Text) })
	warnings, odd := editedList(c.Warnings, func(w *SIPWarning) { w.Agent, w.Text = f(w.Agent), f(w.Text) })
	c.Reasons, c.Warnings = reasons.Interface().([]Reason), warnings.Interface().([]SIPWarning)
	return reflect.ValueOf(c), other || odd
}
