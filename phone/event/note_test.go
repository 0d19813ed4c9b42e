package event_test

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestServerNotes holds the table of what a lab notes to what its source notes.
func TestServerNotes(t *testing.T) {
	noted := map[string]string{
		// What is no literal where it is noted.
		"registered": "sip/server/binding.go", "refreshed": "sip/server/binding.go",
		"listening for raw": "lab/gateway.go", "listening for xmpp": "lab/gateway.go", // the name of a door
		"background": "raw/server.go", "foreground": "raw/server.go", // a word of a phone
	}
	for _, dir := range []string{"lab", "sip/server", "xmpp", "raw"} {
		notesOf(t, dir, noted)
	}
	known := event.ServerNotes()
	for what, where := range noted {
		if !slices.Contains(known, what) {
			t.Errorf("%s notes %q, which event.ServerNotes does not have", where, what)
		}
	}
	for _, what := range known {
		if noted[what] == "" {
			t.Errorf("nobody notes %q", what)
		}
	}
}

// notesOf adds the notes of a package.
func notesOf(t *testing.T, dir string, noted map[string]string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(dir), "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatal(dir, files, err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		where := dir + "/" + filepath.Base(file)
		ast.Inspect(parsed, func(n ast.Node) bool {
			what, is := noteOf(n)
			if text, err := strconv.Unquote(what); is && err == nil {
				noted[text] = where
			} else if is && !slices.Contains(slices.Collect(maps.Values(noted)), where) && where != "sip/server/identity.go" {
				t.Errorf("%s notes %s: say here what that can be", where, cmp.Or(what, "something made"))
			}
			return true
		})
	}
}

// noteOf is what a node of the source notes: a call, or an event that is made. It is
// as it is written, if it is a literal, else the name of the variable or "".
func noteOf(n ast.Node) (what string, is bool) {
	var e ast.Expr
	switch n := n.(type) {
	case *ast.CallExpr:
		called, ok := n.Fun.(*ast.SelectorExpr)
		if !ok {
			return "", false
		}
		i, notes := map[string]int{"Note": 0, "note": 0, "forbid": 2}[called.Sel.Name]
		if !notes || i >= len(n.Args) {
			return "", false
		}
		e = n.Args[i]
	case *ast.CompositeLit:
		if made, ok := n.Type.(*ast.SelectorExpr); !ok || made.Sel.Name != "Server" || len(n.Elts) == 0 {
			return "", false
		}
		e = n.Elts[0].(*ast.KeyValueExpr).Value // What is the first
		if _, passed := e.(*ast.Ident); passed {
			return "", false // in note itself
		}
	}
	switch e := e.(type) {
	case *ast.BasicLit:
		return e.Value, true
	case *ast.Ident:
		return e.Name, e.Name != "x" // the note of a leg, which is a warning
	}
	return "", e != nil
}
