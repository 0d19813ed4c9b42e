package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// root is the project's directory, seen from this package's.
const root = "../.."

// A wall is something that packages may not import, not even through others.
type wall struct {
	from, to []string // path prefixes
	reason   string
	except   []string
	// direct looks at a package's own imports only.
	direct bool
}

var pure = []string{
	"github.com/sleeptalk/sleeptalk/phone/device", "github.com/sleeptalk/sleeptalk/phone/sip", "github.com/sleeptalk/sleeptalk/phone/sip/server", "github.com/sleeptalk/sleeptalk/phone/internal/loop", "github.com/sleeptalk/sleeptalk/phone/internal/misbehave", "github.com/sleeptalk/sleeptalk/phone/media", "github.com/sleeptalk/sleeptalk/phone/link", "github.com/sleeptalk/sleeptalk/phone/lab",
	"github.com/sleeptalk/sleeptalk/phone/app", "github.com/sleeptalk/sleeptalk/phone/event", "github.com/sleeptalk/sleeptalk/phone/control", "github.com/sleeptalk/sleeptalk/phone/system", "github.com/sleeptalk/sleeptalk/phone/scenario", "github.com/sleeptalk/sleeptalk/phone/verb", "github.com/sleeptalk/sleeptalk/phone/words",
	"github.com/sleeptalk/sleeptalk/phone/diagnose", "github.com/sleeptalk/sleeptalk/phone/picture", "github.com/sleeptalk/sleeptalk/phone/place", "github.com/sleeptalk/sleeptalk/phone/push", "github.com/sleeptalk/sleeptalk/phone/raw", "github.com/sleeptalk/sleeptalk/phone/xmpp",
}

var walls = []wall{
	{
		from: []string{"github.com/sleeptalk/sleeptalk/phone", "github.com/sleeptalk/sleeptalk/audio"}, to: []string{"github.com/sleeptalk/sleeptalk/ui", "charm.land/", "github.com/charmbracelet/"},
		reason: "the engine runs headless",
	},
	{
		from: []string{"github.com/sleeptalk/sleeptalk/phone/control", "github.com/sleeptalk/sleeptalk/phone/sip", "github.com/sleeptalk/sleeptalk/phone/xmpp", "github.com/sleeptalk/sleeptalk/phone/raw", "github.com/sleeptalk/sleeptalk/phone/media", "github.com/sleeptalk/sleeptalk/phone/app"}, to: []string{"github.com/sleeptalk/sleeptalk/phone/device"},
		reason: "an app cannot see the system suspend it",
	},
	{
		from: []string{"github.com/sleeptalk/sleeptalk/phone/device"}, to: []string{"github.com/sleeptalk/sleeptalk/phone/control", "github.com/sleeptalk/sleeptalk/phone/sip", "github.com/sleeptalk/sleeptalk/phone/xmpp", "github.com/sleeptalk/sleeptalk/phone/raw", "github.com/sleeptalk/sleeptalk/phone/media", "github.com/sleeptalk/sleeptalk/phone/app", "github.com/sleeptalk/sleeptalk/phone/lab"},
		reason: "a mobile system does not see which app it holds, and knows no protocol: the agent names its frames",
	},
	{
		from: pure, to: []string{"net", "os", "syscall"}, except: []string{"net/netip", "net/url"}, direct: true,
		reason: "pure machines: they are given what they know, and give back what they want done",
	},
	{
		from: []string{"github.com/sleeptalk/sleeptalk/"}, to: []string{"github.com/gen2brain/malgo"}, except: []string{"github.com/sleeptalk/sleeptalk/audio"}, direct: true,
		reason: "only audio needs cgo: servers, CI and fleets build without",
	},
	{
		from: []string{"github.com/sleeptalk/sleeptalk/ui"}, to: []string{"github.com/sleeptalk/sleeptalk/phone", "github.com/sleeptalk/sleeptalk/audio"},
		except: []string{"github.com/sleeptalk/sleeptalk/phone/event", "github.com/sleeptalk/sleeptalk/phone/picture", "github.com/sleeptalk/sleeptalk/phone/words"},
		reason: "the screen is a fold of events: it shows what the log says and nothing else",
	},
	{
		from: []string{"github.com/sleeptalk/sleeptalk/phone/verb"}, to: []string{"github.com/sleeptalk/sleeptalk"}, except: []string{"github.com/sleeptalk/sleeptalk/phone/words", "github.com/sleeptalk/sleeptalk/phone/internal/misbehave"},
		reason: "the grammar is a leaf: what a word does is not its business",
	},
	{
		from: []string{"github.com/sleeptalk/sleeptalk/phone/scenario"}, to: []string{"github.com/sleeptalk/sleeptalk/phone/app", "github.com/sleeptalk/sleeptalk/phone/lab", "github.com/sleeptalk/sleeptalk/phone/link", "github.com/sleeptalk/sleeptalk/phone/live", "github.com/sleeptalk/sleeptalk/phone/media", "github.com/sleeptalk/sleeptalk/phone/sip", "github.com/sleeptalk/sleeptalk/phone/stage", "github.com/sleeptalk/sleeptalk/phone/world", "github.com/sleeptalk/sleeptalk/phone/xmpp"},
		direct: true, // the table of the settings knows what it sets
		reason: "a language is read, played and written without an engine",
	},
	{
		from: []string{"github.com/sleeptalk/sleeptalk/cmd", "github.com/sleeptalk/sleeptalk/phone/phonetest"}, to: []string{"testing"},
		reason: "testing is for tests: what they share takes a small interface",
	},
}

type goPackage struct {
	ImportPath    string
	Imports, Deps []string
	GoFiles       []string
	Dir           string
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,Deps,GoFiles,Dir", "./...")
	cmd.Dir = root
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var list []goPackage
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var p goPackage
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	return list
}

// within reports whether path is one of the prefixes or below it.
func within(path string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool {
		return path == p || strings.HasPrefix(path, strings.TrimSuffix(p, "/")+"/")
	})
}

func TestWalls(t *testing.T) {
	for _, p := range packages(t) {
		for _, w := range walls {
			if !within(p.ImportPath, w.from) || within(p.ImportPath, w.except) {
				continue
			}
			deps := p.Deps
			if w.direct {
				deps = p.Imports
			}
			for _, d := range deps {
				if within(d, w.to) && !within(d, w.except) {
					t.Errorf("%s imports %s: %s", p.ImportPath, d, w.reason)
				}
			}
		}
	}
}

// impure is what a pure machine never does.
var impure = regexp.MustCompile(`\btime\.(Now|Since|Until|Sleep|After|AfterFunc|Tick|NewTimer|NewTicker)\(|^\s*go |\bsync\.(Mutex|RWMutex)\b`)

func TestPureMachinesAskNoClock(t *testing.T) {
	for _, p := range packages(t) {
		// The log is shared by all goroutines: that is what it is for.
		if !within(p.ImportPath, pure) || p.ImportPath == "github.com/sleeptalk/sleeptalk/phone/event" {
			continue
		}
		for _, name := range p.GoFiles {
			eachLine(t, filepath.Join(p.Dir, name), func(n int, line string) {
				if code, _, _ := strings.Cut(line, "//"); impure.MatchString(code) {
					t.Errorf("%s/%s:%d: %s\n\ta pure machine is given the time; timers are data, and one goroutine owns it", p.ImportPath, name, n, strings.TrimSpace(line))
				}
			})
		}
	}
}

func TestTopLevel(t *testing.T) {
	allowed := []string{"cmd", "ui", "phone", "audio", "assets", "go.mod", "go.sum", ".goreleaser.yaml", "README.md", "LICENSE"}
	built := []string{"sleeptalk", "sleeptalk.exe", "dist", "completions", "manpages"} // .gitignore has them
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(allowed, e.Name()) && !slices.Contains(built, e.Name()) && !strings.HasPrefix(e.Name(), ".") {
			t.Errorf("%s stands at the top level, where there are only %s", e.Name(), strings.Join(allowed, " "))
		}
	}
}

var (
	leftBehind = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X|HA` + `CK)\b|not implem` + `ented`)
	sleeps     = regexp.MustCompile(`\btime\.Sl` + `eep\(`)
	skips      = regexp.MustCompile(`\bt\.Sk` + `ip`)
)

// TestTidy keeps out what is never right. A sleep is fine in a bubble of
// testing/synctest, where it takes no time: only files that use one have it.
func TestTidy(t *testing.T) {
	eachGoFile(t, func(path string) {
		test := strings.HasSuffix(path, "_test.go")
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		bubble := bytes.Contains(content, []byte(`"testing/synctest"`))
		eachLine(t, path, func(n int, line string) {
			switch {
			case leftBehind.MatchString(line):
				t.Errorf("%s:%d: left behind: %s", path, n, strings.TrimSpace(line))
			case test && !bubble && sleeps.MatchString(line):
				t.Errorf("%s:%d: a test does not sleep on the wall clock", path, n)
			case test && skips.MatchString(line):
				t.Errorf("%s:%d: a test is not skipped: say what is missing, and fail", path, n)
			}
		})
		if lines := bytes.Count(content, []byte("\n")); !test && lines > 500 {
			t.Errorf("%s has %d lines: a room with too much in it", path, lines)
		}
	})
}

func eachGoFile(t *testing.T, f func(path string)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != root {
			return fs.SkipDir
		}
		if !d.IsDir() && strings.HasSuffix(path, ".go") {
			f(path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func eachLine(t *testing.T, path string, f func(n int, line string)) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(content)) {
		n++
		f(n, line)
	}
}
