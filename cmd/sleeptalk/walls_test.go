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

// module is where the project's packages begin.
const module = "github.com/sleeptalk/sleeptalk/"

// A wall is something that packages may not import, not even through others.
// Its paths are those of the project, without [module], or of others.
type wall struct {
	from, to []string // path prefixes
	but      []string // of from: may import it all the same
	except   []string // of to: may be imported all the same
	reason   string
	// direct looks at a package's own imports only.
	direct bool
}

var walls = []wall{
	{
		from: []string{"phone", "audio", "assets", "ui"}, to: []string{"cmd"},
		reason: "the command line is on top of all",
	},
	{
		from: []string{"phone", "audio"}, to: []string{"ui", "charm.land/", "github.com/charmbracelet/"},
		reason: "the engine runs headless",
	},
	{
		from: []string{"phone"}, to: []string{"phone/live"}, but: []string{"phone/live", "phone/stage"}, direct: true,
		reason: "only the command line and the live stage play on real sockets",
	},
	{
		from: []string{"phone/control", "phone/sip", "phone/xmpp", "phone/raw", "phone/media", "phone/app"}, to: []string{"phone/device"},
		reason: "an app cannot see the system suspend it",
	},
	{
		from: []string{"phone/device"}, to: []string{"phone/control", "phone/sip", "phone/xmpp", "phone/raw", "phone/media", "phone/app", "phone/lab"},
		reason: "a mobile system does not see which app it holds, and knows no protocol: the agent names its frames",
	},
	{
		from: []string{"phone/sip"}, to: []string{"phone/xmpp", "phone/raw"},
		reason: "a protocol knows no other",
	},
	{
		from: []string{"phone/xmpp"}, to: []string{"phone/sip", "phone/raw"},
		reason: "a protocol knows no other",
	},
	{
		from: []string{"phone/raw"}, to: []string{"phone/sip", "phone/xmpp"},
		reason: "a protocol knows no other",
	},
	{
		from: []string{"phone/world", "phone/link"}, to: []string{"phone/app", "phone/control", "phone/device", "phone/lab", "phone/media", "phone/raw", "phone/sip", "phone/xmpp"},
		reason: "a network does not see what it carries, and from whom",
	},
	{
		from: []string{"phone/clean", "phone/event", "phone/internal/srtp", "phone/words"}, to: []string{module}, except: []string{"phone/clean"},
		reason: "all tell of events and in words, which know nobody",
	},
	{
		from: []string{"phone/system"}, to: []string{module}, except: []string{"phone/clean", "phone/event"},
		reason: "what an app can ask of a system does not say how that is done",
	},
	{
		from: []string{"phone/dtls"}, to: []string{module}, except: []string{"phone/clean", "phone/event", "phone/system"},
		reason: "a handshake knows neither calls nor descriptions, and can be read on its own",
	},
	{
		from: []string{"phone/picture", "phone/diagnose", "phone/scenario/record"}, to: []string{"phone/app", "phone/device", "phone/lab", "phone/sip", "phone/stage", "phone/world"}, direct: true,
		reason: "what happened is read from the log alone",
	},
	{
		from: []string{"phone/verb"}, to: []string{module}, except: []string{"phone/clean", "phone/words", "phone/internal/misbehave"},
		reason: "the grammar is a leaf: what a word does is not its business",
	},
	{
		from: []string{"phone/scenario"}, to: []string{"phone/app", "phone/lab", "phone/link", "phone/live", "phone/media", "phone/sip", "phone/stage", "phone/world", "phone/xmpp"},
		direct: true, // the table of the settings knows what it sets
		reason: "a language is read, played and written without an engine",
	},
	{
		from: []string{""}, to: []string{"github.com/gen2brain/malgo"}, but: []string{"audio"}, direct: true,
		reason: "only audio needs cgo: servers, CI and fleets build without",
	},
	{
		from: []string{"ui"}, to: []string{"phone", "audio"}, except: []string{"phone/clean", "phone/event", "phone/picture", "phone/words"},
		reason: "the screen is a fold of events: it shows what the log says and nothing else",
	},
	{
		from: []string{"cmd/sleeptalk/cli"}, to: []string{"cmd"}, except: []string{"cmd/sleeptalk/cli", "cmd/sleeptalk/config", "cmd/sleeptalk/files"},
		reason: "what all commands share knows none of them",
	},
	{
		from: []string{"cmd/sleeptalk/config"}, to: []string{"cmd/sleeptalk", "ui", "phone/live"}, except: []string{"cmd/sleeptalk/config", "cmd/sleeptalk/files"}, direct: true,
		reason: "what a person has written down is read without running anything",
	},
	{
		from: []string{"cmd", "phone/phonetest"}, to: []string{"testing"},
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
	path = strings.TrimPrefix(path, module)
	return slices.ContainsFunc(prefixes, func(p string) bool {
		return p == "" || path == p || strings.HasPrefix(path, strings.TrimSuffix(p, "/")+"/")
	})
}

// leadsTo reports whether an import is behind a wall.
func (w wall) leadsTo(path string) bool {
	if slices.Contains(w.to, module) {
		return strings.HasPrefix(path, module) && !within(path, w.except) && !within(path, w.from)
	}
	return within(path, w.to) && !within(path, w.except)
}

func TestWalls(t *testing.T) {
	for _, p := range packages(t) {
		for _, w := range walls {
			if !within(p.ImportPath, w.from) || within(p.ImportPath, w.but) {
				continue
			}
			deps := p.Deps
			if w.direct {
				deps = p.Imports
			}
			for _, d := range deps {
				if w.leadsTo(d) {
					t.Errorf("%s imports %s: %s", p.ImportPath, d, w.reason)
				}
			}
		}
	}
}

// shells are the packages and files below [machines] that do more than compute,
// and why. All others are pure: they are given what they know, the time and
// chance too, and give back what they want done; one goroutine owns them.
var shells = map[string]string{
	"phone/live":             "real sockets, the clock on the wall, goroutines",
	"phone/live/pushapi":     "asks and answers over HTTP",
	"phone/stage":            "its live half plays on real sockets",
	"phone/keep":             "writes files",
	"phone/report":           "writes files",
	"phone/internal/golden":  "reads the files that tests compare with",
	"phone/internal/torture": "reads the messages that tests torture readers with",
	"phone/event/log.go":     "the log is shared by all goroutines: that is what it is for",
}

// machines are where everything is pure that is not among the [shells].
var machines = []string{"phone", "audio/codec", "audio/pcm"}

var (
	// impure is what a pure machine never does: it asks no clock and draws no
	// chance, and nothing runs beside it.
	impure = regexp.MustCompile(`\btime\.(Now|Since|Until|Sleep|After|AfterFunc|Tick|NewTimer|NewTicker)\(|^\s*go |\.Go\(func|\bsync\.(Mutex|RWMutex|WaitGroup)\b|(^|[^.\w])rand\.(Int|IntN|N|Uint32|Uint64|Float64|Perm|Shuffle)\(`)
	// outside is what it asks of the machine that it runs on.
	outside = regexp.MustCompile(`\b(?:net|os|syscall|exec|http)\.[A-Z]\w*`)
)

// harmless is what only takes apart and puts together.
var harmless = []string{"net.SplitHostPort", "net.JoinHostPort", "net.ParseIP", "net.Addr", "net.OpError", "os.ErrDeadlineExceeded"}

// offence is what in a line no pure machine does; "" if there is nothing.
func offence(line string) string {
	code, _, _ := strings.Cut(line, "//")
	for _, use := range outside.FindAllString(code, -1) {
		if !slices.Contains(harmless, use) {
			return use
		}
	}
	return impure.FindString(code)
}

func TestPureMachines(t *testing.T) {
	needed := map[string]bool{}
	for _, p := range packages(t) {
		if !within(p.ImportPath, machines) {
			continue
		}
		where := strings.TrimPrefix(p.ImportPath, module)
		for _, name := range p.GoFiles {
			eachLine(t, filepath.Join(p.Dir, name), func(n int, line string) {
				what := offence(line)
				if what == "" {
					return
				}
				for _, shell := range []string{where, where + "/" + name} {
					if shells[shell] != "" {
						needed[shell] = true
						return
					}
				}
				t.Errorf("%s/%s:%d: %s\n\ta pure machine is given what it knows; timers are data, and one goroutine owns it", p.ImportPath, name, n, strings.TrimSpace(line))
			})
		}
	}
	for shell, why := range shells {
		if !needed[shell] {
			t.Errorf("%s is pure, and needs no leave (%s)", shell, why)
		}
	}
}

// writing is what creates a file, or takes a name from another.
var writing = regexp.MustCompile(`\bos\.(?:Create|CreateTemp|WriteFile|OpenFile|Rename|Link|Symlink|Truncate)\(`)

// writers are the files that write all the same where phone/keep does not ask
// whose a file is, and why.
var writers = map[string]string{
	"phone/keep":                       "asks whose a file is",
	"phone/internal/golden/golden.go":  "what tests compare with, when that is asked for",
	"cmd/sleeptalk/bench/ear.go":       "in a temporary folder of its own",
	"cmd/sleeptalk/bench/peer.go":      "in a temporary folder of its own",
	"cmd/sleeptalk/cli/log_other.go":   "a temporary file without a name",
	"cmd/sleeptalk/cli/log_windows.go": "a temporary file that is gone with the process",
	"cmd/sleeptalk/run/report.go":      "adds to the summary of the job, as GitHub wants it",
}

// TestFilesAreKept: whatever a flag or a key names is written by phone/keep, which
// overwrites nobody's work.
func TestFilesAreKept(t *testing.T) {
	needed := map[string]bool{}
	for _, p := range packages(t) {
		where := strings.TrimPrefix(p.ImportPath, module)
		for _, name := range p.GoFiles {
			eachLine(t, filepath.Join(p.Dir, name), func(n int, line string) {
				code, _, _ := strings.Cut(line, "//")
				if !writing.MatchString(code) || strings.Contains(code, "os.OpenFile(os.DevNull,") {
					return
				}
				for _, writer := range []string{where, where + "/" + name} {
					if writers[writer] != "" {
						needed[writer] = true
						return
					}
				}
				t.Errorf("%s/%s:%d: %s\n\ta file is written with phone/keep", where, name, n, strings.TrimSpace(line))
			})
		}
	}
	for writer, why := range writers {
		if !needed[writer] && !strings.Contains(writer, "_") { // those of other systems are not built here
			t.Errorf("%s writes nothing, and needs no leave (%s)", writer, why)
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
