package diagnose

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
	seen := map[event.Rule]bool{}
	for _, r := range All() {
		if seen[r.ID] {
			t.Errorf("two rules %q", r.ID)
		}
		seen[r.ID] = true
		if r.ID == "" || r.Title == "" || r.Happened == "" || r.Law == "" || r.Source == "" || r.Try == "" {
			t.Errorf("%+v lacks words", r)
		}
		for _, id := range r.See {
			if found, err := Find(string(id)); err != nil || found[0].ID != id {
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

// TestIDs: each constant of [event.Rule] is explained, and the other way round.
func TestIDs(t *testing.T) {
	ids := event.Rules()
	for _, r := range All() {
		if !slices.Contains(ids, r.ID) {
			t.Errorf("the rule %q has no constant", r.ID)
		}
	}
	for _, id := range ids {
		if found, err := Find(string(id)); err != nil || found[0].ID != id {
			t.Errorf("%q is not explained: %v", id, err)
		}
	}
}

// TestRulesInTheSources reads the sources of the program: each rule that they
// name is one of the constants, each constant of a rule is in the list and is
// used, and each error says its rule. The phases of events are constants too;
// those of the trace of a browser, one letter each, are something else.
func TestRulesInTheSources(t *testing.T) {
	constants := map[string]event.Rule{}
	var named, listed []string
	errors := 0
	for path, file := range sources(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				if kind, ok := n.Type.(*ast.Ident); ok && kind.Name == "Rule" && file.Name.Name == "event" {
					constants[n.Names[0].Name] = event.Rule(literal(n.Values[0]))
					return false
				}
			case *ast.FuncDecl:
				if n.Name.Name == "Rules" && file.Name.Name == "event" {
					listed = identifiers(n.Body)
					return false
				}
			case *ast.Ident:
				named = append(named, n.Name)
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.Ident); ok && strings.EqualFold(key.Name, "rule") && literal(n.Value) != "" {
					t.Errorf("%s: the rule %q is no constant of event.Rule", path, literal(n.Value))
				}
				if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Phase" && len(literal(n.Value)) > 1 {
					t.Errorf("%s: the phase %q is no constant of phone/event", path, literal(n.Value))
				}
			case *ast.CompositeLit:
				if kind, ok := n.Type.(*ast.SelectorExpr); ok && kind.Sel.Name == "Error" && len(n.Elts) > 0 {
					errors++
					if !slices.Contains(identifiers(n), "Rule") {
						t.Errorf("%s: an error without a rule", path)
					}
				}
			}
			return true
		})
	}
	slices.Sort(named)
	for name, id := range constants {
		if _, used := slices.BinarySearch(named, name); !used {
			t.Errorf("the rule %s (%s) is used nowhere", name, id)
		}
		if !slices.Contains(listed, name) || !slices.Contains(event.Rules(), id) {
			t.Errorf("the rule %s (%s) is not in event.Rules", name, id)
		}
	}
	if len(constants) < 80 || errors < 40 {
		t.Errorf("%d rules and %d errors: does this test still look for the right thing?", len(constants), errors)
	}
}

// TestRulesOfErrors reads from the sources which rules come with an error, and which
// of those with a warning too: it is by [event.ErrorRules] that a claim of a rule is
// refused that could not be met.
func TestRulesOfErrors(t *testing.T) {
	onError, onWarning := map[string]bool{}, map[string]bool{}
	mark := func(rules map[string]bool, n ast.Node) {
		for _, name := range identifiers(n) {
			if strings.HasPrefix(name, "Rule") && len(name) > len("Rules") {
				rules[name] = true
			}
		}
	}
	constants := map[string]event.Rule{}
	for _, file := range sources(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				if kind, ok := n.Type.(*ast.Ident); ok && kind.Name == "Rule" && file.Name.Name == "event" {
					constants[n.Names[0].Name] = event.Rule(literal(n.Values[0]))
				}
			case *ast.CompositeLit:
				switch nameOf(n.Type) {
				case "Error", "Registration", "Subscription", "Publication", "SoundCard", "refusal": // the last is that of a call or a text
					mark(onError, n)
				case "Warning":
					mark(onWarning, n)
				}
			case *ast.CallExpr:
				switch nameOf(n.Fun) {
				case "problem", "unchanged":
					mark(onError, n)
				case "warn":
					mark(onWarning, n)
				}
			case *ast.FuncDecl:
				if n.Name.Name == "unanswered" {
					mark(onError, n)
				}
			}
			return true
		})
	}
	for name, id := range constants {
		if id.OnError() != onError[name] {
			t.Errorf("the rule %s: an error has it: %v; event.ErrorRules: %v", name, onError[name], id.OnError())
		}
		if id.OnlyOnError() != (onError[name] && !onWarning[name]) {
			t.Errorf("the rule %s: OnlyOnError is %v; an error has it: %v, a warning: %v", name, id.OnlyOnError(), onError[name], onWarning[name])
		}
	}
}

// nameOf is the last name of a type or a function.
func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// sources are the files of the program, without tests and without phone/grade,
// whose checks have sentences for rules.
func sources(t *testing.T) map[string]*ast.File {
	t.Helper()
	files := map[string]*ast.File{}
	for _, root := range []string{"..", "../../cmd", "../../ui"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if d != nil && d.Name() == "grade" {
				return filepath.SkipDir
			}
			if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			files[path], err = parser.ParseFile(token.NewFileSet(), path, nil, 0)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func literal(e ast.Expr) string {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	s, err := strconv.Unquote(lit.Value)
	if err != nil {
		return ""
	}
	return s
}

func identifiers(n ast.Node) []string {
	var names []string
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			names = append(names, id.Name)
		}
		return true
	})
	return names
}

func TestOf(t *testing.T) {
	for _, c := range []struct {
		want event.Rule
		e    event.Event
	}{
		{event.RuleWakeRace, event.Warning{Rule: event.RuleWakeRace}},
		{event.RuleWakeBudget, event.Killed{Rule: event.RuleWakeBudget}},
		{event.RulePortTaken, event.Error{Op: "listen on 127.0.0.1:5070", Rule: event.RulePortTaken}},
		{"", event.Error{Op: "listen on 127.0.0.1:5070"}}, // of an old recording: no rule rather than a wrong one
		{event.RuleReclaimed, event.Reclaim{Sockets: 1}},
		{event.RuleStoodStill, event.Standstill{For: 1}},
		{event.RuleReclaimed, event.Socket{Name: "rtp", Phase: "broken"}},
		{event.RuleKeepaliveRefused, event.Keepalive{Phase: "refused"}},
		{event.RuleKeepaliveCut, event.Keepalive{Phase: "cut"}},
		{"", event.Keepalive{Phase: "cleared"}},
		{event.RuleWrongPassword, event.Registration{Phase: "failed", Status: 401, Rule: event.RuleWrongPassword}},
		{"", event.Registration{Phase: "active"}},
		{event.RulePushExpired, event.Push{Phase: "expired"}},
		{event.RulePushBlocked, event.Push{Phase: "blocked"}},
		{event.RulePushLost, event.Push{Phase: "dropped"}},
		{event.RulePushRefused, event.Push{Phase: "refused"}},
		{"", event.Push{Phase: "delivered"}},
		{event.RuleMissedCall, event.Notification{Phase: "expired"}},
		{event.RuleMissedCall, event.Notification{Phase: "missed"}},
		{event.RuleCallFiltered, event.Notification{Phase: "refused", Screen: true}},
		{event.RuleNoBanner, event.Notification{Phase: "refused"}},
		{"", event.Notification{Phase: "tapped"}},
		{event.RuleTaskRefused, event.BackgroundTask{Phase: "refused"}},
		{"", event.BackgroundTask{Phase: "end"}},
		{event.RuleLateTick, event.Tick{Early: -1}},
		{"", event.Tick{Early: 0}},
		{event.RuleNotConnected, event.Socket{Name: "control", Phase: "failed"}},
		{event.RuleFlowBroken, event.Socket{Name: "control", Phase: "reset"}},
		{event.RuleFlowBroken, event.Socket{Name: "control", Phase: "broken"}},
		{"", event.Socket{Name: "control", Phase: "closed"}},
		{event.RuleNotConnected, event.Recovery{}},
		{event.RuleCallFailed, event.Call{Phase: "ended", By: "peer", Out: true, Status: 480}},
		{event.RuleCallFailed, event.Call{Phase: "ended", By: "peer", Out: true, Status: 400}},
		{"", event.Call{Phase: "ended", By: "peer", Out: true, Status: 200}},
		{"", event.Call{Phase: "ended", By: "peer", Status: 480}},
		{"", event.Call{Phase: "ended", By: "peer", Out: true, Status: 486}},
		{"", event.Call{Phase: "ended", By: "peer", Out: true, Status: 600}},
		{"", event.Call{Phase: "ended", By: "peer", Out: true, Status: 603}},
		{event.RuleUnacknowledged, event.Call{Phase: "ended", By: "timeout"}},
		{event.RuleServerSilent, event.Call{Phase: "ended", By: "timeout", Out: true}},
		{event.RuleFlowBroken, event.Call{Phase: "ended", By: "network"}},
		{"", event.Call{Phase: "ended", By: "us"}},
		{"", event.Call{Phase: "up", By: "timeout"}},
		{event.RuleHalfOpen, event.Fault{Name: "nat drop", On: true}},
		{event.RuleHalfOpen, event.Fault{Name: "nat expired", On: true}},
		{event.RuleHalfOpen, event.Fault{Name: "server half-open", On: true}},
		{event.RuleHandover, event.Fault{Name: "handover", On: true}},
		{"", event.Fault{Name: "handover"}},
		{"", event.Fault{Name: "loss", On: true}},
	} {
		if got := Of(c.e); got != c.want {
			t.Errorf("%+v: %q, want %q", c.e, got, c.want)
		}
	}
}

// TestRulesAreValues: what a caller does to the rules that it was given, no
// other caller sees.
func TestRulesAreValues(t *testing.T) {
	before := fmt.Sprintf("%+v", All())
	spoil := func(rules []Rule) {
		for _, r := range rules {
			for i := range r.Codes {
				r.Codes[i] = "spoiled"
			}
			for i := range r.See {
				r.See[i] = "spoiled"
			}
		}
	}
	for _, r := range All() {
		found, err := Find(string(r.ID))
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
