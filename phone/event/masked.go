package event

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Masked is an event without secrets: those that [Mask] finds in its texts, and
// what a verb sets a password to.
func Masked(e Event) Event {
	if v, ok := e.(Verb); ok {
		e = Verb{Line: maskVerb(v.Line), By: v.By}
	}
	return edit(e, Mask)
}

// publicPassword is the password of everybody at the lab, which the help tells:
// what hides it hides nothing, and a scenario needs it.
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

// textFields are the fields of each kind of event that hold texts of others:
// those of a type of their own are our words.
var textFields = textFieldsOf(Types())

func textFieldsOf(all []Event) map[reflect.Type][]int {
	found := map[reflect.Type][]int{}
	for _, e := range all {
		t := reflect.TypeOf(e)
		for i := range t.NumField() {
			switch t.Field(i).Type {
			case reflect.TypeFor[string](), reflect.TypeFor[[]string](), reflect.TypeFor[map[string]string]():
				found[t] = append(found[t], i)
			}
		}
	}
	return found
}

// edit gives an event other texts. Where none is another it is the same event.
func edit(e Event, f func(string) string) Event {
	fields := textFields[reflect.TypeOf(e)]
	if len(fields) == 0 {
		return e
	}
	from := reflect.ValueOf(e)
	var to reflect.Value // a copy, once there is something to change
	for _, i := range fields {
		value, changed := edited(from.Field(i), f)
		if !changed {
			continue
		}
		if !to.IsValid() {
			to = reflect.New(from.Type()).Elem()
			to.Set(from)
		}
		to.Field(i).Set(value)
	}
	if !to.IsValid() {
		return e
	}
	return to.Interface().(Event)
}

// edited gives a field other texts, and says whether one is another.
func edited(field reflect.Value, f func(string) string) (reflect.Value, bool) {
	switch v := field.Interface().(type) {
	case string:
		other := f(v)
		return reflect.ValueOf(other), other != v
	case []string:
		other := slices.Clone(v)
		for i := range other {
			other[i] = f(other[i])
		}
		return reflect.ValueOf(other), !slices.Equal(other, v)
	case map[string]string:
		other := maps.Clone(v)
		for key := range other {
			other[key] = f(other[key])
		}
		return reflect.ValueOf(other), !maps.Equal(other, v)
	}
	return field, false
}
