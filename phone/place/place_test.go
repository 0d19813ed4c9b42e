package place

import (
	"strings"
	"testing"
)

func TestDecode(t *testing.T) {
	var f struct {
		Server string `yaml:"server"`
		Count  int    `yaml:"count"`
	}
	for text, want := range map[string]string{
		"count: 1\nsevrer: x\n": "a.yaml:2:1 unknown key \"sevrer\"; did you mean server?\n2 | sevrer: x\n  | ^^^^^^",
		"count: ä\n":            "a.yaml:1:8 a number is wanted here, not a text\n1 | count: ä\n  |        ^",
	} {
		err := Decode("a.yaml", []byte(text), &f, []string{"server", "count"})
		if err == nil || err.Error() != want {
			t.Errorf("got\n%v\nwant\n%s", err, want)
		}
	}
}

// TestMasked: of a password nothing is left, whatever it is made of.
func TestMasked(t *testing.T) {
	for line, want := range map[string]string{
		`password: "ab,cd#ef}g"`:                   `password: ............`,
		`password: p#w2,x`:                         `password: ......`,
		`password: p#w2 # my own`:                  `password: .............`,
		`{password: "a\"b, c}d", user: bob}`:       `{password: ..........., user: bob}`,
		`{'secret': 'it''s, here', password: "x"}`: `{'secret': ............., password: ...}`,
		`"password" : 'a' # 'b'`:                   `"password" : ... # 'b'`,
		`password: "ab"cd"`:                        `password: .......`, // not YAML: there is no knowing where it ends
		`password: "ab,c`:                          `password: .....`,
		`password: {ab`:                            `password: ...`,
		`password: !!str "ab"`:                     `password: ..........`,
		`password:`:                                `password:`,
	} {
		if got := masked(line); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}

func TestExcerpt(t *testing.T) {
	for _, c := range []struct {
		text            string
		line, column, n int
		want            string
	}{
		{"a: {passwd: \"ab c\", user: é, password: geheim}", 1, 4, 6, "1 | a: {passwd: ......, user: é, password: .......\n  |    ^^^^^^"},
		{"push-secret: é # x", 1, 1, 11, "1 | push-secret: .....\n  | ^^^^^^^^^^^"},
		{"password-env: PW", 1, 1, 12, "1 | password-env: PW\n  | ^^^^^^^^^^^^"},
		{"a\nbad: 1\n", 2, 6, 1, "2 | bad: 1\n  |      ^"},
		{"a\tb", 1, 3, 9, "1 | a b\n  |   ^"},
		{"a", 9, 1, 1, ""},
		{"a", 1, 5, 3, "1 | a\n  |     ^"},
		{strings.Repeat("[", 500), 1, 1, 1, "1 | " + strings.Repeat("[", 120) + "…\n  | ^"},
		{strings.Repeat("[", 500), 1, 490, 1, "1 | …" + strings.Repeat("[", 71) + "\n  | " + strings.Repeat(" ", 61) + "^"},
	} {
		if got := excerpt([]byte(c.text), c.line, c.column, c.n); got != c.want {
			t.Errorf("%q %d:%d: got\n%s\nwant\n%s", c.text, c.line, c.column, got, c.want)
		}
	}
}
