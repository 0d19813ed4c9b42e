package event

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNoLiteralIsCompared: a phase is compared with its constant. A literal is taken for one of any type, so one that is
// none of them compiles, and never holds.
func TestNoLiteralIsCompared(t *testing.T) {
	files := 0
	for _, root := range []string{"../../phone", "../../cmd", "../../ui"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			files++
			for _, at := range comparedLiterals(t, path, text) {
				t.Errorf("%s: compare it with its constant", at)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files < 200 {
		t.Errorf("%d files were read: these are not all", files)
	}
}

// TestComparedLiterals: the test above finds each way to compare.
func TestComparedLiterals(t *testing.T) {
	for line, want := range map[string]int{
		`_ = e.Phase == "active"`:                    1,
		`_ = "active" != e.Phase`:                    1,
		`_ = (phase) == "up"`:                        1,
		`switch e.Phase { case "up", "ended": }`:     2,
		`switch lastPhase { case CallUp, "ended": }`: 1,
		`_ = slices.Contains([]CallPhase{"up"}, p)`:  1,
		`_ = e.Phase == ""`:                          0, // there is none yet
		`_ = e.Phase == CallUp`:                      0,
		`_ = e.Name == "control"`:                    0,
		`switch e.Name { case "up": }`:               0,
	} {
		got := comparedLiterals(t, "x.go", []byte("package x\nfunc _() { "+line+" }"))
		if len(got) != want {
			t.Errorf("%s: %q, want %d", line, got, want)
		}
	}
}

// comparedLiterals are where literals are compared with what is a phase by
// its name.
func comparedLiterals(t *testing.T, path string, text []byte) (found []string) {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, text, 0)
	if err != nil {
		t.Fatal(err)
	}
	find := func(list ...ast.Expr) {
		for _, e := range list {
			if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING && lit.Value != `""` {
				found = append(found, set.Position(lit.Pos()).String())
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if (n.Op == token.EQL || n.Op == token.NEQ) && (isPhase(n.X) || isPhase(n.Y)) {
				find(n.X, n.Y)
			}
		case *ast.SwitchStmt:
			if n.Tag == nil || !isPhase(n.Tag) {
				break
			}
			for _, s := range n.Body.List {
				find(s.(*ast.CaseClause).List...)
			}
		case *ast.CompositeLit:
			if list, ok := n.Type.(*ast.ArrayType); ok && isPhase(list.Elt) {
				find(n.Elts...)
			}
		}
		return true
	})
	return found
}

// isPhase reports whether the last name of an expression, or of a type, is that
// of a phase.
func isPhase(e ast.Expr) bool {
	name := ""
	switch e := e.(type) {
	case *ast.ParenExpr:
		return isPhase(e.X)
	case *ast.SelectorExpr:
		name = e.Sel.Name
	case *ast.Ident:
		name = e.Name
	}
	return strings.HasSuffix(strings.ToLower(name), "phase")
}
