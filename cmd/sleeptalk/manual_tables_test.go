package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/diagnose"
	"github.com/sleeptalk/sleeptalk/phone/link"
	"github.com/sleeptalk/sleeptalk/phone/setup"
	"github.com/sleeptalk/sleeptalk/ui"
)

// made is what a page has of the program's own tables, between the comments
// "made: NAME" and "end".
var made = map[string]func(t *testing.T) string{
	"failures": func(t *testing.T) string {
		list, err := failures()
		if err != nil {
			t.Fatal(err)
		}
		return strings.Replace(failuresText(list), "# Failures", "## Failures", 1)
	},
	"faults": func(*testing.T) string { return below(link.Reference()) },
	"sip": func(t *testing.T) string {
		groups, err := features()
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(featuresText(groups), "\n\n")
		return rest
	},
	"keys":        func(*testing.T) string { return keyTables() },
	"exit-codes":  func(*testing.T) string { return factTable("exit", cli.ExitCodes()) },
	"environment": func(*testing.T) string { return factTable("variable", cli.Environment()) },
	"locations":   func(*testing.T) string { return factTable("file", cli.Locations()) },
	"settings":    func(*testing.T) string { return settingList() },
	"events":      eventList,
	"rules":       func(*testing.T) string { return ruleList() },
	"devices":     deviceList,
	"kamailio":    kamailioPushes,
}

// below has each heading a level further down, and each command in a block.
func below(markdown string) string {
	markdown = regexp.MustCompile(`(?m)^    (sleeptalk .*)$`).ReplaceAllString(markdown, "<!-- not run: the account is an example -->\n```sh\n$1\n```")
	return regexp.MustCompile(`(?m)^#`).ReplaceAllString(markdown, "##")
}

// cell is text for a cell of a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

func factTable(head string, facts []cli.Fact) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s | means |\n|---|---|\n", head)
	for _, f := range facts {
		fmt.Fprintf(&b, "| `%s` | %s |\n", strings.ReplaceAll(f.Name, ", ", "`, `"), cell(f.Means))
	}
	return b.String()
}

func keyTables() string {
	var b strings.Builder
	for _, place := range ui.KeysByPlace() {
		fmt.Fprintf(&b, "## %s\n\n| key | does |\n|---|---|\n", cmp.Or(place.Name, "everywhere"))
		for _, k := range place.Keys {
			fmt.Fprintf(&b, "| %s | %s |\n", keyCell(k.Keys), cell(k.Help))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// keyCell is the names of keys, as code that a table takes.
func keyCell(keys string) string {
	if strings.Contains(keys, "`") {
		return "`` " + cell(keys) + " ``"
	}
	return "`" + cell(keys) + "`"
}

func settingList() string {
	var b strings.Builder
	for _, s := range setup.Settings() {
		fmt.Fprintf(&b, "- `%s`", s.Key)
		if s.Value != "" {
			fmt.Fprintf(&b, " = %s", s.Value)
		}
		fmt.Fprintf(&b, ": %s", s.Help)
		if s.Secret {
			b.WriteString("; no flag, for others could read it")
		}
		b.WriteString("\n")
	}
	return b.String()
}

// eventList lists the events with their fields, as the schema describes them.
func eventList(t *testing.T) string {
	t.Helper()
	type property struct{ Type, Description string }
	var schema struct {
		Defs map[string]struct {
			Properties map[string]json.RawMessage
			Required   []string
		} `json:"$defs"`
	}
	text, err := os.ReadFile(root + "/assets/schema/event.schema.json")
	if err == nil {
		err = json.Unmarshal(text, &schema)
	}
	if err != nil {
		t.Fatal(err)
	}
	header := []string{"v", "t", "d", "phone", "ev", "as"}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(schema.Defs)) {
		def := schema.Defs[name]
		if _, event := def.Properties["ev"]; !event {
			continue
		}
		var fields []string
		for _, f := range slices.Sorted(maps.Keys(def.Properties)) {
			if slices.Contains(header, f) {
				continue
			}
			var p property
			_ = json.Unmarshal(def.Properties[f], &p) // a type that is a list has no name
			field := "`" + f + "`"
			if !slices.Contains(def.Required, f) {
				field += "?"
			}
			fields = append(fields, field)
		}
		fmt.Fprintf(&b, "- `%s`: %s\n", name, cmp.Or(strings.Join(fields, ", "), "nothing else"))
	}
	return b.String()
}

func ruleList() string {
	var b strings.Builder
	for _, r := range diagnose.All() {
		fmt.Fprintf(&b, "- `%s`: %s\n", r.ID, r.Title)
	}
	return b.String()
}

func deviceList(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for _, name := range device.Names() {
		p, err := device.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "- `%s`: %s", name, p.About)
		if eras := p.Eras(); len(eras) > 0 {
			fmt.Fprintf(&b, "; releases `@%s`", strings.Join(eras, "`, `@"))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// kamailioPushes is what the configuration of the tests with Kamailio has for pushes.
func kamailioPushes(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("testdata/peers/kamailio.cfg")
	if err != nil {
		t.Fatal(err)
	}
	parts := regexp.MustCompile(`(?ms)^#!ifdef PUSH\n(.*?)^#!endif`).FindAllStringSubmatch(string(text), -1)
	if len(parts) != 4 {
		t.Fatalf("%d parts for pushes", len(parts))
	}
	var b strings.Builder
	for i, what := range []string{"modules", "for a REGISTER, after it was authenticated", "for an INVITE, after lookup(\"location\")", "routes"} {
		fmt.Fprintf(&b, "# %s\n%s\n", what, strings.TrimRight(parts[i][1], "\n"))
	}
	return "```text\n" + b.String() + "```"
}
