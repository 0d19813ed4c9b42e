package report

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// Schema returns the JSON Schema (2020-12) of a line of the event log. It is
// generated from the types of the events, so it cannot differ from them.
func Schema() ([]byte, error) {
	var kinds []any
	defs := map[string]any{}
	for _, e := range event.Types() {
		kinds = append(kinds, map[string]any{"$ref": "#/$defs/" + e.Kind()})
		defs[e.Kind()] = kindSchema(e)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(map[string]any{
		"$schema":     "https://json-schema.org/draft/2020-12/schema",
		"$id":         "urn:sleeptalk:event:v1",
		"title":       "sleeptalk event",
		"description": "One line of events.jsonl, or of --json. Each line stands alone; ev says which event it is.",
		"oneOf":       kinds,
		"$defs":       defs,
	})
	return b.Bytes(), err
}

// kindSchema returns the schema of one kind of event: the header that every
// line has, and its own fields.
func kindSchema(e event.Event) map[string]any {
	props := map[string]any{
		"v":     map[string]any{"const": event.Version, "description": "version of this schema"},
		"t":     map[string]any{"type": "string", "format": "date-time", "description": "wall time, UTC"},
		"d":     described("number", "device time in seconds: since the handset was switched on"),
		"phone": described("string", "whose line this is: a handset, a robot, or \"lab\""),
		"as":    described("string", "the account that it is about, of a phone that has several"),
		"ev":    map[string]any{"const": e.Kind()},
	}
	return object(reflect.TypeOf(e), props, []string{"v", "t", "d", "phone", "ev"})
}

// object returns the schema of a struct, with its fields added to props.
func object(t reflect.Type, props map[string]any, required []string) map[string]any {
	for i := range t.NumField() {
		if embedded := t.Field(i).Type; t.Field(i).Anonymous { // its fields stand beside the others
			if embedded.Kind() == reflect.Pointer { // or none of them does
				object(embedded.Elem(), props, nil)
				continue
			}
			required = object(embedded, props, required)["required"].([]string)
			continue
		}
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		props[name] = fieldSchema(t.Field(i).Type)
		if !strings.Contains(options, "omitempty") && !strings.Contains(options, "omitzero") {
			required = append(required, name)
		}
	}
	return map[string]any{"type": "object", "properties": props, "required": required, "additionalProperties": false}
}

func described(kind, description string) map[string]any {
	return map[string]any{"type": kind, "description": description}
}

// The values of the enumerated types.
var enums = map[reflect.Type][]string{
	reflect.TypeFor[event.Lifecycle](): wordList(
		event.Dead, event.Foreground, event.Entering, event.Background, event.Task, event.Suspended, event.Awake, event.InCall, ""),
	reflect.TypeFor[event.WakeCause](): wordList(event.WakeCauses...),
}

func wordList[T ~string](list ...T) []string {
	words := make([]string, len(list))
	for i, w := range list {
		words[i] = string(w)
	}
	return words
}

func fieldSchema(t reflect.Type) map[string]any {
	switch t {
	case reflect.TypeFor[event.Seconds]():
		return described("number", "seconds")
	case reflect.TypeFor[event.Millis]():
		return described("number", "milliseconds")
	case reflect.TypeFor[event.Reading]():
		return map[string]any{"type": "integer"}
	}
	if words, ok := enums[t]; ok {
		return map[string]any{"type": "string", "enum": words}
	}
	switch t.Kind() {
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Float64:
		return map[string]any{"type": "number"}
	case reflect.Uint64, reflect.Uint32:
		return map[string]any{"type": "integer", "minimum": 0}
	case reflect.Int:
		return map[string]any{"type": "integer"}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": fieldSchema(t.Elem())}
	case reflect.Struct:
		return object(t, map[string]any{}, []string{})
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": fieldSchema(t.Elem())}
	}
	panic("event log: no schema for the type " + t.String())
}
