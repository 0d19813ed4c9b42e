package report

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/keep"
)

// schemaFile is where the schema is published.
const schemaFile = "../../assets/schema/event.schema.json"

func TestSchemaIsPublished(t *testing.T) {
	got, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := (keep.File{Name: schemaFile, Force: true}).Write(writes(got)); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s is not that of the types; go test ./phone/report -update", schemaFile)
	}
}

// TestLogsFollowSchema checks recorded logs, and an empty event of each kind.
func TestLogsFollowSchema(t *testing.T) {
	v := newValidator(t)
	var lines []string
	for _, name := range []string{"testdata/passing.jsonl", "testdata/failing.jsonl"} {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.Split(strings.TrimSpace(string(b)), "\n")...)
	}
	for _, e := range event.Types() {
		if w, ok := e.(event.Wake); ok {
			w.Cause = event.ByUser
			e = w
		}
		b, err := event.AppendJSON(nil, event.Record{Phone: "alice", Event: e})
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(b))
	}
	for _, line := range lines {
		if err := v.line(line); err != nil {
			t.Errorf("%v\n%s", err, line)
		}
	}
}

// TestSchemaRefuses checks that the schema refuses invalid lines.
func TestSchemaRefuses(t *testing.T) {
	v := newValidator(t)
	head := `{"v":1,"t":"2026-01-01T00:00:00Z","d":1,"phone":"alice",`
	for _, line := range []string{
		head + `"ev":"lock"}`,
		head + `"ev":"lock","on":"yes"}`,
		head + `"ev":"lock","on":true,"more":1}`,
		head + `"ev":"nothing"}`,
		head + `"ev":"ping","out":true,"v":2}`,
		head + `"ev":"state","from":"dead","to":"asleep","why":""}`,
		head + `"ev":"tick_done","n":1.5,"ran_ms":2}`,
		`{"v":1,"d":1,"phone":"alice","ev":"ping","out":true}`,
	} {
		if v.line(line) == nil {
			t.Errorf("it allows %s", line)
		}
	}
}

// A validator implements the part of JSON Schema that the schema uses.
type validator struct{ root map[string]any }

func newValidator(t *testing.T) validator {
	t.Helper()
	b, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	var v validator
	if err := json.Unmarshal(b, &v.root); err != nil {
		t.Fatal(err)
	}
	return v
}

func (v validator) line(line string) error {
	var value any
	if err := json.Unmarshal([]byte(line), &value); err != nil {
		return err
	}
	return v.check(v.root, value)
}

func (v validator) check(schema map[string]any, value any) error {
	if ref, ok := schema["$ref"].(string); ok {
		name := strings.TrimPrefix(ref, "#/$defs/")
		return v.check(v.root["$defs"].(map[string]any)[name].(map[string]any), value)
	}
	if list, ok := schema["oneOf"].([]any); ok {
		return v.oneOf(list, value)
	}
	if want, ok := schema["const"]; ok && want != value {
		return fmt.Errorf("%v is not %v", value, want)
	}
	if words, ok := schema["enum"].([]any); ok && !slices.Contains(words, value) {
		return fmt.Errorf("%v is none of %v", value, words)
	}
	switch schema["type"] {
	case "object":
		return v.object(schema, value)
	case "array":
		list, ok := value.([]any)
		for _, item := range list {
			if err := v.check(schema["items"].(map[string]any), item); err != nil {
				return err
			}
		}
		return unless(ok, value, "array")
	case "string":
		_, ok := value.(string)
		return unless(ok, value, "string")
	case "boolean":
		_, ok := value.(bool)
		return unless(ok, value, "boolean")
	case "number", "integer":
		n, ok := value.(float64)
		minimum, bounded := schema["minimum"].(float64)
		whole := schema["type"] == "number" || n == math.Trunc(n)
		return unless(ok && whole && (!bounded || n >= minimum), value, "number")
	}
	return nil
}

func unless(ok bool, value any, kind string) error {
	if ok {
		return nil
	}
	return fmt.Errorf("%v is no %s", value, kind)
}

func (v validator) oneOf(list []any, value any) error {
	fits := 0
	var errs []string
	for _, s := range list {
		err := v.check(s.(map[string]any), value)
		if err == nil {
			fits++
		} else {
			errs = append(errs, err.Error())
		}
	}
	if fits != 1 {
		return fmt.Errorf("%d schemas fit: %s", fits, strings.Join(errs, "; "))
	}
	return nil
}

func (v validator) object(schema map[string]any, value any) error {
	fields, ok := value.(map[string]any)
	if !ok {
		return unless(false, value, "object")
	}
	props, _ := schema["properties"].(map[string]any)
	for name, field := range fields {
		s, known := props[name].(map[string]any)
		if !known { // the values of a map
			s, known = schema["additionalProperties"].(map[string]any)
		}
		if !known {
			return fmt.Errorf("no field %s", name)
		}
		if err := v.check(s, field); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if _, there := fields[name.(string)]; !there {
			return fmt.Errorf("%s is missing", name)
		}
	}
	return nil
}
