package phone_test

import (
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone"
)

// Every verb can be said: no other one, and no alias, stands in its way.
func TestEveryVerbIsUnderstood(t *testing.T) {
	for _, spec := range phone.Verbs {
		line := strings.TrimSpace(spec.Name + " " + example(spec))
		for _, said := range []string{line, strings.ToUpper(spec.Name) + line[len(spec.Name):], strings.ReplaceAll(line, " ", "  ")} {
			if v, err := phone.ParseVerb(said); err != nil || v.Spec != spec || v.String() != line {
				t.Errorf("%q became %q, %v", said, v, err)
			}
		}
	}
}

// example is an argument that a verb takes.
func example(spec *phone.VerbSpec) string {
	first, _, several := strings.Cut(spec.Args, "|")
	switch {
	case spec.Args == "":
		return ""
	case spec.Name == "fault":
		return "nat drop"
	case several && first == strings.ToLower(first):
		return strings.Trim(first, "[]")
	}
	return "x"
}

func TestVerbs(t *testing.T) {
	for said, want := range map[string]string{
		"open":              "foreground",
		"open notification": "open notification",
		"dial bob":          "call bob",
		"hangup":            "hang up",
		"force-quit":        "kill",
	} {
		if v, err := phone.ParseVerb(said); err != nil || v.String() != want {
			t.Errorf("%q became %q, %v; want %q", said, v, err, want)
		}
	}
}

func TestWrongVerbs(t *testing.T) {
	for said, want := range map[string]string{
		"":             "no command",
		"backgroud":    `unknown command "backgroud"; did you mean background?`,
		"open window":  `foreground takes no argument, and "window" was given`,
		"mute it":      `mute takes no argument, and "it" was given`,
		"call":         "call needs an argument: call SIP-URI|USER",
		"fault loss 5": `fault: "5" has no unit; did you mean 5%?`,
		"anwser quick": `unknown command "anwser"; did you mean answer?`,
	} {
		if _, err := phone.ParseVerb(said); err == nil || err.Error() != want {
			t.Errorf("%q: %v; want %s", said, err, want)
		}
	}
}
