package quoted

import "testing"

func TestTextAndEscape(t *testing.T) {
	for text, between := range map[string]string{`a`: `a`, `a "b"`: `a \"b\"`, `\`: `\\`, ``: ``} {
		if got := Escape(text); got != between {
			t.Errorf("%q is escaped as %q", text, got)
		}
		if got := Text(`"` + between + `"`); got != text {
			t.Errorf("%q is read as %q", between, got)
		}
	}
	if got := Text(`a\`); got != `a\` {
		t.Errorf("a lone backslash: %q", got)
	}
}

func TestCut(t *testing.T) {
	for s, want := range map[string][2]string{
		`"a b" c`:       {`a b`, ` c`},
		`"a \"b\"";"c"`: {`a "b"`, `;"c"`},
		`""`:            {``, ``},
		`"a`:            {`a`, ``},
		`"a\"`:          {`a"`, ``},
		`"a\`:           {`a\`, ``},
		`"`:             {``, ``},
	} {
		if text, rest := Cut(s); text != want[0] || rest != want[1] {
			t.Errorf("%s is cut into %q and %q", s, text, rest)
		}
	}
}
