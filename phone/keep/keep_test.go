package keep

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// recorded is the first line of a recording.
const recorded = `{"v":1,"t":"2026-01-01T00:00:00.000000Z","d":0,"phone":"alice","ev":"start"}` + "\n"

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

// ours is how a file of each kind begins, with a marker or, from an earlier
// version, without.
var ours = map[Kind][]string{
	Events:   {recorded, `{"v":1,"t":"2026-01-01T00:00:00.000000Z","d":12.5,"phone":"","ev":"server"}`},
	Sound:    {"RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x000123456789abcdefLIST\x16\x00\x00\x00INFOISFT\x0a\x00\x00\x00sleeptalk\x00data"},
	Capture:  {"\x0a\x0d\x0d\x0a....\x04\x00\x09\x00sleeptalk\x00"},
	Scenario: {"# Recorded from what a person did, as alice sip:alice@lab.test.\n"},
	Row:      {"# Row 3 of the matrix: background, locked, handover, cancel early.\n# tags: matrix\n"},
	Page: {
		"<!DOCTYPE html>\n<head>\n<meta name=\"generator\" content=\"sleeptalk\">\n",
		"<!DOCTYPE html>\n<link rel=\"stylesheet\" href=\"report.css\">\n</head>\n<p class=\"brand\">sleeptalk</p>",
	},
	Drawing: {
		"<svg width=\"9\">\n<!-- sleeptalk -->\n",
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\">\n<title>A</title>\n<text font-family=\"system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif\">",
	},
	JUnit: {"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"sleeptalk\" tests=\"1\">"},
	Trace: {`{"displayTimeUnit":"ms","otherData":{"clock":"device time of each phone","program":"sleeptalk"},"traceEvents":[]}`},
	Card:  {"{\n  \"user\": \"alice\",\n  \"domain\": \"lab.test\",\n  \"took_s\": 1,"},
	Text: {
		"sleeptalk report\n\nwake.talk\n",
		"wake.talk   sip:alice@lab.test   device clock warped while suspended\n  ✓ setup 0.00 s   ✗ suspend 10.00 s\n",
		"wake.talk   sip:alice@lab.test\n  ✗ setup 0.00 s\n",
		"wake.talk   alice   virtual time, seed 7\n  - 4 skipped\n",
	},
	Style: {
		"/* sleeptalk: the style of a report.",
		"/* The colours are those of the drawings: Okabe and Ito's hues, darkened for a\n   light ground",
	},
}

// foreign are files of other people that are like ours.
var foreign = map[Kind][]string{
	Events:   {"{\"v\":1}\n", "a log\n" + recorded},
	Sound:    {"RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x000123456789abcdefdata\x00\x00\x00\x00", "sleeptalk"},
	Capture:  {"\x0a\x0d\x0d\x0a....\x04\x00\x09\x00Wireshark", "sleeptalk"},
	Row:      {"# My row\n# Row 3 of the matrix: x.\n", "# Row of the matrix: x.\n", "register\n"},
	Scenario: {"# My scenario\n# Recorded from what a person did, as alice.\n", "register\n"},
	Page:     {"<!DOCTYPE html><title>sleeptalk</title>", "<link rel=\"stylesheet\" href=\"report.css\">"},
	Drawing:  {"<svg xmlns=\"http://www.w3.org/2000/svg\">\n<title>A logo</title>\n<path d=\"\"/>", "<svg><!-- sleeptalk -->"},
	JUnit:    {"<testsuites name=\"jest\"><testsuite name=\"sleeptalk\">"},
	Trace:    {`{"traceEvents":[{"name":"sleeptalk"}]}`},
	Card:     {"{\n  \"user\": \"alice\",\n  \"password\": \"x\"}"},
	Text:     {"A report\n  ✓ shopping\n", "about sleeptalk report\n", "notes   sip:alice@lab.test\n\n  ✓ called\n"},
	Style:    {"/* The colours are mine */", "body {} /* sleeptalk: the style */"},
	Plain:    {"anything", "sleeptalk"},
	Certificate: {
		"no certificate",
		"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
	},
}

// TestWhatIsOurs: a file of ours is replaced by the same command again, and one
// of somebody else's stays as it is, unless that is asked for.
func TestWhatIsOurs(t *testing.T) {
	dir := t.TempDir()
	write := func(content string) string {
		name := filepath.Join(dir, "file")
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	for kind, list := range ours {
		for _, content := range list {
			f := File{Kind: kind, Name: write(content), By: "--flag"}
			if err := f.Write(text("new")); err != nil || read(t, f.Name) != "new" {
				t.Errorf("a %s of ours, %q: %v", kind, content, err)
			}
			for other := range ours {
				if other != kind && other.recognises([]byte(content)) {
					t.Errorf("a %s is taken for a %s", kind, other)
				}
			}
		}
	}
	for kind, list := range foreign {
		for _, content := range list {
			f := File{Kind: kind, Name: write(content), By: "--flag"}
			begun := false
			refused := f.Write(func(io.Writer) error { begun = true; return nil })
			if begun {
				t.Errorf("a foreign %s: the new one was written before it was refused", kind)
			}
			for what, err := range map[string]error{"Check": f.Check(), "Write": refused} {
				if taken, ok := errors.AsType[*TakenError](err); !ok || !strings.Contains(taken.Error(), "--flag "+f.Name+": ") {
					t.Errorf("a foreign %s, %q: %s: %v", kind, content, what, err)
				}
			}
			if _, err := f.Create(); err == nil || read(t, f.Name) != content {
				t.Errorf("a foreign %s was touched: %q, %v", kind, read(t, f.Name), err)
			}
			f.Force = true
			if err := f.Write(text("new")); err != nil || read(t, f.Name) != "new" {
				t.Errorf("with force, a foreign %s: %v", kind, err)
			}
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestMeanwhile: what appears under the name while the file is being written is
// left alone, too.
func TestMeanwhile(t *testing.T) {
	for name, f := range map[string]File{
		"nothing was there": {Kind: Events, Name: filepath.Join(t.TempDir(), "a")},
		"ours was there":    {Kind: Events, Name: filepath.Join(t.TempDir(), "b")},
	} {
		if name == "ours was there" {
			if err := os.WriteFile(f.Name, []byte(recorded), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		err := f.Write(func(io.Writer) error { return os.WriteFile(f.Name, []byte("theirs"), 0o600) })
		if _, taken := errors.AsType[*TakenError](err); !taken || read(t, f.Name) != "theirs" {
			t.Errorf("%s: %v, %q", name, err, read(t, f.Name))
		}
		if left, err := filepath.Glob(filepath.Join(filepath.Dir(f.Name), ".*")); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	}
}

// TestHardLink: the other names of a file of ours keep what they have.
func TestHardLink(t *testing.T) {
	dir := t.TempDir()
	f, other := File{Kind: Events, Name: filepath.Join(dir, "a")}, filepath.Join(dir, "b")
	if err := errors.Join(os.WriteFile(f.Name, []byte(recorded), 0o600), os.Link(f.Name, other)); err != nil {
		t.Fatal(err)
	}
	open, err := f.Create()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := open.WriteString("new"); err != nil {
		t.Fatal(err)
	}
	open.Close()
	if read(t, f.Name) != "new" || read(t, other) != recorded {
		t.Errorf("%q, %q", read(t, f.Name), read(t, other))
	}
}

// TestFullDisk fails in the middle of a file, as on a full disk: the error names
// the file, the older file stays, and no partial file is left.
func TestFullDisk(t *testing.T) {
	name := filepath.Join(t.TempDir(), "report.txt")
	if err := os.WriteFile(name, []byte("before"), 0o644); err != nil {
		t.Fatal(err)
	}
	full := errors.New("no space left on device")
	err := (File{Kind: Plain, Name: name, Force: true}).Write(func(w io.Writer) error {
		if _, err := io.WriteString(w, "half"); err != nil {
			return err
		}
		return full
	})
	if !errors.Is(err, full) || !strings.Contains(err.Error(), name) {
		t.Errorf("the error does not say what and where: %v", err)
	}
	if b, err := os.ReadFile(name); err != nil || string(b) != "before" {
		t.Errorf("the file was touched: %q, %v", b, err)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(name), ".*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
