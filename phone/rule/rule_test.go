package rule

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// width is that of a terminal.
const width = 80

func TestRulesAreWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range All() {
		if seen[r.ID] {
			t.Errorf("two rules %q", r.ID)
		}
		seen[r.ID] = true
		if r.ID == "" || r.Title == "" || r.Happened == "" || r.Law == "" || r.Source == "" || r.Try == "" {
			t.Errorf("%+v lacks words", r)
		}
		for _, id := range r.See {
			if found, err := Find(id); err != nil || found[0].ID != id {
				t.Errorf("%s sees %q: %v", r.ID, id, err)
			}
		}
		for line := range strings.Lines(r.Text(width)) {
			if len([]rune(strings.TrimSuffix(line, "\n"))) > width {
				t.Errorf("%s: too wide: %s", r.ID, line)
			}
		}
	}
}

func TestFind(t *testing.T) {
	if found, err := Find("0x8BADF00D"); err != nil || len(found) != 3 {
		t.Errorf("by code: %v, %v", found, err)
	}
	if _, err := Find("wake-bugdet"); err == nil || !strings.Contains(err.Error(), "did you mean wake-budget?") {
		t.Errorf("got %v", err)
	}
}

// TestEveryRuleNamedInTheCodeIsExplained reads the sources: a warning or a
// death that names a rule nobody wrote down fails here.
func TestEveryRuleNamedInTheCodeIsExplained(t *testing.T) {
	named := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if d != nil && d.Name() == "grade" {
			return filepath.SkipDir // the rules of its checks are sentences
		}
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		for _, id := range rulesIn(file) {
			named++
			if found, err := Find(id); err != nil || found[0].ID != id {
				t.Errorf("%s names the rule %q: %v", path, id, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if named == 0 {
		t.Error("no rule is named anywhere: does this test still look for the right thing?")
	}
}

// rulesIn lists the rules that a file gives to events.
func rulesIn(file *ast.File) []string {
	var ids []string
	ast.Inspect(file, func(n ast.Node) bool {
		kv, ok := n.(*ast.KeyValueExpr)
		if !ok {
			return true
		}
		key, isName := kv.Key.(*ast.Ident)
		value, isText := kv.Value.(*ast.BasicLit)
		if isName && isText && strings.EqualFold(key.Name, "rule") && value.Kind == token.STRING {
			if id, err := strconv.Unquote(value.Value); err == nil {
				ids = append(ids, id)
			}
		}
		return true
	})
	return ids
}

// TestErrorRulesAreOfErrors: each beginning by which an error is known stands
// in the sources still.
func TestErrorRulesAreOfErrors(t *testing.T) {
	var texts []string
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if d != nil && d.Name() == "grade" {
			return filepath.SkipDir // the rules of its checks are sentences
		}
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "../rule/") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil && s != "" {
					texts = append(texts, s)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range errorRules {
		begins := func(s string) bool {
			return strings.HasPrefix(s, r.op) || len(s) > 4 && strings.HasPrefix(r.op, s)
		}
		if !slices.ContainsFunc(texts, begins) {
			t.Errorf("no error begins with %q", r.op)
		}
		if _, err := Find(r.rule); err != nil {
			t.Error(err)
		}
	}
}

func TestOf(t *testing.T) {
	for want, e := range map[string]event.Event{
		"wake-race":         event.Warning{Rule: "wake-race"},
		"wake-budget":       event.Killed{Rule: "wake-budget"},
		"reclaimed":         event.Reclaim{Sockets: 1},
		"keepalive-refused": event.Keepalive{Phase: "refused"},
		"not-registered":    event.Registration{Phase: "failed"},
		"push-expired":      event.Push{Phase: "expired"},
		"push-blocked":      event.Push{Phase: "blocked"},
		"push-lost":         event.Push{Phase: "dropped"},
		"push-refused":      event.Push{Phase: "refused"},
		"missed-call":       event.Notification{Phase: "expired"},
		"task-refused":      event.BackgroundTask{Phase: "refused"},
		"late-tick":         event.Tick{Early: -1},
		"flow-broken":       event.Socket{Name: "control", Phase: "reset"},
		"wrong-password":    event.Registration{Phase: "failed", Status: 401},
		"call-failed":       event.Call{Phase: "ended", By: "peer", Out: true, Status: 480},
		"malformed-message": event.Error{Op: "read from 192.0.2.1:5060"},
		"port-taken":        event.Error{Op: "listen on 127.0.0.1:5070"},
		"host-failed":       event.Error{Op: "use the sound card"},
		"change-refused":    event.Error{Op: "change the call with sip:bob@lab"},
		"no-common-audio":   event.Error{Op: "agree on audio with sip:bob@lab"},
		"not-wakeable":      event.Error{Op: "use the push token"},
		"not-possible":      event.Error{Op: "background", Err: "the app is not on the screen"},
		"call-filtered":     event.Notification{Phase: "refused", Screen: true},
		"no-banner":         event.Notification{Phase: "refused"},
		"unacknowledged":    event.Call{Phase: "ended", By: "timeout"},
		"server-silent":     event.Call{Phase: "ended", By: "timeout", Out: true},
		"not-connected":     event.Recovery{},
		"half-open":         event.Fault{Name: "nat expired", On: true},
		"handover":          event.Fault{Name: "handover", On: true},
		"":                  event.Call{Phase: "ended", By: "us"},
	} {
		if got := Of(e); got != want {
			t.Errorf("%+v: %q, want %q", e, got, want)
		}
		if _, err := Find(want); want != "" && err != nil {
			t.Error(err)
		}
	}
}

// TestRulesAreValues: what a caller does to the rules that it was given, no
// other caller sees.
func TestRulesAreValues(t *testing.T) {
	before := fmt.Sprintf("%+v", All())
	spoil := func(rules []Rule) {
		for _, r := range rules {
			for _, list := range [][]string{r.Codes, r.See} {
				for i := range list {
					list[i] = "spoiled"
				}
			}
		}
	}
	for _, r := range All() {
		found, err := Find(r.ID)
		if err != nil {
			t.Fatal(err)
		}
		spoil(found)
	}
	spoil(All())
	if after := fmt.Sprintf("%+v", All()); after != before {
		t.Errorf("the rules were changed from\n%s\nto\n%s", before, after)
	}
}
