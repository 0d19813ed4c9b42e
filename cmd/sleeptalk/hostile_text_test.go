//go:build hostile

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/creack/pty"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/clean"
	"github.com/sleeptalk/sleeptalk/phone/setup"
)

// hostile is a name that is a file's, too. It sets the title of a window, rings,
// colours, clears the screen (with C1), turns the direction, ends a line, hides
// and piles.
var hostile = "x\x1b]0;owned\a\x1b[35m\u009b2J\x7f\u202eexe\u2028\u200b\U000e0041\ufffe\xff\b\r" + strings.Repeat("\u0301", 20)

// hostileText is what of it can stand in a text that must be UTF-8.
var hostileText = strings.ToValidUTF8(hostile, "")

// commandsOf walks the tree of commands, so that a new one is attacked, too.
func commandsOf(c *cobra.Command, path []string, visit func(c *cobra.Command, path []string)) {
	visit(c, path)
	for _, sub := range c.Commands() {
		commandsOf(sub, append(path[:len(path):len(path)], sub.Name()), visit)
	}
}

// ordinary are arguments with which a command gets as far as its flags.
var ordinary = map[string][]string{
	"run": {"good.talk"}, "check": {"good.talk"}, "fmt": {"good.talk"}, "replay": {"good.jsonl"}, "explain": {"stale-binding"},
	"profile show": {"desktop"}, "profile diff": {"desktop", "android-doze"}, "raw show": {"lines"}, "raw check": {"good.yaml"},
	"phone": {"--plain", "--server", "127.0.0.1:1", "--user", "alice"}, "demo": {"--plain"}, "lab": {"--plain", "--listen", "127.0.0.1:0"},
	"grade": {"--listen", "127.0.0.1:0"}, "init": {}, "survive": {"127.0.0.1:1"}, "push serve": {"--listen", "127.0.0.1:0"},
}

// An attack is one run of the program.
type attack struct {
	dir   string
	args  []string
	env   []string
	stdin string
	tty   bool
	ends  bool // by itself, whenever it has come so far
}

// lasting is how long an attacked program may go on after its first words, if it
// was not refused and does not end by itself.
const lasting = 700 * time.Millisecond

// silent is how long it may say nothing at all.
const silent = 10 * time.Second

// speech is what a program says.
type speech struct {
	text  []byte
	first func() // is called when it begins
}

func (s *speech) Write(b []byte) (int, error) {
	if len(s.text) == 0 {
		s.first()
	}
	s.text = append(s.text, b...)
	return len(b), nil
}

// told is what a program says to an attack: standard output and error, each apart
// in a pipe and both together on a terminal.
func (a attack) told(t *testing.T) []byte {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := speech{first: func() {}}
	if a.ends {
		defer time.AfterFunc(patience, func() {
			t.Errorf("%q does not end", a.args)
			cancel()
		}).Stop()
	} else {
		over := time.AfterFunc(silent, cancel)
		defer over.Stop()
		out.first = func() { over.Reset(lasting) }
	}
	cmd := exec.CommandContext(ctx, "sleeptalk", a.args...)
	cmd.Dir = a.dir
	cmd.Env = append(append(os.Environ(), "HOME="+a.dir, "XDG_STATE_HOME="+a.dir, "XDG_CONFIG_HOME="+a.dir, "TERM=xterm-256color"), a.env...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 3 * lasting
	if !a.tty {
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(a.stdin), &out, &out
		_ = cmd.Run() // however it ends
		return out.text
	}
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 40, Cols: 120})
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	read := make(chan struct{})
	go func() { // ends with an error when the program has gone
		io.Copy(&out, io.TeeReader(terminal, answering{terminal}))
		close(read)
	}()
	_ = cmd.Wait()
	<-read
	return out.text
}

// answering is a terminal that says what it is when it is asked, and that it is
// dark.
type answering struct{ to io.Writer }

func (a answering) Write(shown []byte) (int, error) {
	if bytes.Contains(shown, []byte("\x1b[c")) {
		io.WriteString(a.to, "\x1b]11;rgb:0000/0000/0000\a\x1b[?62c")
	}
	return len(shown), nil
}

// weapons are the parts of the hostile name that a terminal would obey, and that
// no screen of ours has.
var weapons = []string{"\x1b]0;owned", "owned\a", "\x1b[35m", "\u009b", "\x7f", "\u202e", "\u2028", "\u200b", "\U000e0041", "\ufffe", "\xff", strings.Repeat("\u0301", 9)}

// unarmed wants nothing of a hostile name raw in what a program wrote. In a pipe
// and in a file there is nothing that is forbidden at all.
func unarmed(t *testing.T, what string, out []byte, tty bool) {
	t.Helper()
	for _, weapon := range weapons {
		if at := bytes.Index(out, []byte(weapon)); at >= 0 {
			t.Errorf("%s: %q in %q", what, weapon, out[max(0, at-60):min(len(out), at+60)])
			return
		}
	}
	if tty {
		return
	}
	for at := 0; at < len(out); {
		r, size := utf8.DecodeRune(out[at:])
		if r == utf8.RuneError && size == 1 || r != '\n' && r != '\t' && clean.Forbidden(r) {
			t.Errorf("%s: %q in %q", what, out[at:at+size], out[max(0, at-60):min(len(out), at+60)])
			return
		}
		at += size
	}
}

// strike runs an attack, in a pipe and on a terminal. What a flag is refused for,
// or that there is none, is said by the same code in both.
func (a attack) strike(t *testing.T) {
	t.Helper()
	for _, a.tty = range []bool{false, true} {
		if a.tty && slices.ContainsFunc(a.args, isHostileFlag) {
			return
		}
		out := a.told(t)
		unarmed(t, fmt.Sprintf("%q, terminal %v", a.args, a.tty), out, a.tty)
	}
}

// isHostileFlag reports whether an argument is a flag of that name or value.
func isHostileFlag(arg string) bool {
	return strings.HasPrefix(arg, "-") && (strings.TrimLeft(arg, "-") == hostile || strings.Contains(arg, "="+hostile))
}

// victims is a folder with good files, and with others of a hostile name.
func victims(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	const passes = "register\nexpect registered within 3s\n"
	events, err := exec.Command("sleeptalk", "run", write(t, dir, "good.talk", passes), "--json", "--trace", "never").Output()
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "good.jsonl", string(events))
	write(t, dir, "good.yaml", "framing: lines\napp:\n  hello: a\n")
	for name, text := range map[string]string{
		".talk": passes, "bad.talk": "expect " + hostile + "\n", ".jsonl": string(events), "bad.jsonl": "{\"v\":1,\"ev\":\"" + hostile,
		".yaml": "base: desktop\nsettings:\n  " + hostileText + ": 1\n", ".wav": "RIFF" + hostile, ".pem": hostile,
	} {
		write(t, dir, hostile+name, text)
	}
	writeBelow(t, dir, filepath.Join(hostile, "a"+hostile+".talk"), passes)
	write(t, filepath.Join(dir, hostile), "a"+hostile+".talk.txt", hostile)
	return dir
}

// TestHostileArguments gives every command the hostile name as an argument, as an
// unknown flag and as the value of each flag, as the name of files that are there,
// and as a file's content.
func TestHostileArguments(t *testing.T) {
	t.Parallel()
	dir := victims(t)
	queue := make(chan attack)
	done := make(chan struct{})
	const workers = 6
	for range workers {
		go func() {
			defer func() { done <- struct{}{} }()
			for a := range queue {
				a.dir = dir
				a.strike(t)
			}
		}()
	}
	n := 0
	commandsOf(commands(&cli.Program{Env: func(string) string { return "" }}), nil, func(c *cobra.Command, path []string) {
		if !c.Runnable() && len(c.Commands()) > 0 {
			return
		}
		for _, args := range struck(c, path) {
			n++
			queue <- attack{args: append(path[:len(path):len(path)], args...)}
		}
	})
	close(queue)
	for range workers {
		<-done
	}
	t.Log(n, "attacks")
	unarmedFiles(t, dir)
}

// struck are the arguments with which a command is attacked.
func struck(c *cobra.Command, path []string) [][]string {
	list := [][]string{{hostile}, {"--" + hostile}, {"-" + hostile}, {"--help", hostile}}
	if c.ValidateArgs([]string{hostile}) == nil { // if not, it refuses all of them alike
		list = append(list, []string{hostile, hostile})
		for _, end := range []string{".talk", "bad.talk", ".jsonl", "bad.jsonl", ".yaml"} {
			list = append(list, []string{hostile + end})
		}
	}
	usual := ordinary[strings.Join(path, " ")]
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Value.Type() == "bool" {
			return
		}
		values := []string{hostile}
		switch f.Name {
		case "mic", "speaker":
			values = append(values, "file:"+hostile+".wav", "device:"+hostile)
		case "ca", "key", "cert", "provider-ca", "provider-key", "tls-cert", "tls-key", "tls-keylog", "client-ca":
			values = append(values, hostile+".pem")
		case "device":
			values = append(values, hostile+".yaml")
		case "set", "lab", "rule", "account":
			values = append(values, hostile+"="+hostile, hostile+":"+hostile)
		}
		for _, v := range values {
			list = append(list, append(usual[:len(usual):len(usual)], "--"+f.Name+"="+v))
		}
	})
	return list
}

// unarmedFiles looks into all files but those of a hostile name, and of sounds.
func unarmedFiles(t *testing.T, dir string) {
	t.Helper()
	binary := regexp.MustCompile(`\.(wav|pcapng)$`)
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !d.Type().IsRegular() || binary.MatchString(name) || strings.HasPrefix(d.Name(), "x\x1b") || strings.HasPrefix(d.Name(), "ax\x1b") {
			return err
		}
		text, err := os.ReadFile(name)
		unarmed(t, name, text, false)
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// TestHostileSettings gives each setting of a phone the hostile value, in the
// environment and in the config, as a key of the config, and the name to an
// account.
func TestHostileSettings(t *testing.T) {
	t.Parallel()
	quoted := func(s string) string { return `"` + string(clean.JSON([]byte(s))) + `"` }
	configs := []string{
		hostileText + ": 1\n", "accounts: {" + hostileText + ": {server: x}}\n", "accounts: {alice: {" + hostileText + ": x}}\n",
		"ui: {theme: " + hostileText + "}\n", "# \n\t" + hostile + "\n", "accounts: [" + hostileText + "\n",
		`accounts: {"\e]0;owned\a\u009b\u202e": {"server": "127.0.0.1:1", "user": "\e]0;owned\a\u202e\u2028"}}` + "\n",
		`devices: {"\e]0;owned\a\u009b": {base: "\e]0;owned\a\u202e"}}` + "\n",
	}
	var attacks []attack
	for _, s := range setup.Settings() {
		attacks = append(attacks, attack{env: []string{setup.EnvName(s.Key) + "=" + strings.ReplaceAll(hostile, "\x00", "")}})
		configs = append(configs, "accounts: {alice: {server: '127.0.0.1:1', user: alice, "+s.Key+": "+quoted(`\e]0;owned\a\e[35m\u009b\u202e\u2028\x7f`)+"}}\n")
	}
	for _, text := range configs {
		dir := t.TempDir()
		writeBelow(t, dir, "sleeptalk/config.yaml", text)
		attacks = append(attacks, attack{dir: dir})
	}
	t.Log(len(attacks), "attacks")
	slots := make(chan struct{}, 4)
	for _, a := range attacks {
		slots <- struct{}{}
		go func() {
			defer func() { <-slots }()
			a.dir = max(a.dir, t.TempDir())
			for _, a.args = range [][]string{{"phone", "--plain"}, {"doctor"}} {
				unarmed(t, fmt.Sprintf("%q %q", a.env, a.args), a.told(t), false)
			}
		}()
	}
	for range cap(slots) {
		slots <- struct{}{}
	}
}

// TestHostileReports plays scenarios of a hostile name in a folder of one, and has
// everything written to files of such names.
func TestHostileReports(t *testing.T) {
	t.Parallel()
	dir := victims(t)
	write(t, dir, "comment.talk", "# "+hostileText+"\n"+"register\n")
	for _, args := range [][]string{
		{"run", "comment.talk"},
		{"check", "comment.talk"},
		{"check", "--json", "comment.talk"},
		{"fmt", "comment.talk"},
		{"list", "."},
		{"__complete", "--" + hostile + "="},
		{"__completeNoDesc", "run", hostile},
		{"help", hostile},
		{"run", hostile + ".talk", hostile, "--html", "html", "--junit", "junit.xml", "--events", "events.jsonl", "--pcap", "wire.pcapng"},
		{"run", hostile + ".talk", "--html", "html1", "--json"},
		{"run", hostile + ".talk", hostile, "--trace", "always", "-v"},
		{"run", hostile + "bad.talk", "--trace", "always"},
		{"list", hostile},
		{"check", hostile},
		{"check", hostile, "--json"},
		{"fmt", "-d", hostile},
		{"replay", hostile + ".jsonl", "--plain"},
		{"replay", hostile + "bad.jsonl", "--plain"},
		{"replay", hostile + ".jsonl", "--json"},
	} {
		attack{dir: dir, args: args, ends: true, env: []string{"GITHUB_ACTIONS=true", "GITHUB_STEP_SUMMARY=" + filepath.Join(dir, "summary.md")}}.strike(t)
	}
	for _, name := range []string{"html/index.html", "junit.xml", "events.jsonl", "html1/index.html", "summary.md"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s was not written: %v", name, err)
		}
	}
	folders, err := os.ReadDir(filepath.Join(dir, "html"))
	for _, d := range folders {
		if d.Name() != clean.FileName(d.Name()) {
			t.Errorf("a file is called %q", d.Name())
		}
	}
	if err != nil || len(folders) < 4 { // a page, its style, and a folder each
		t.Errorf("%d files, %v", len(folders), err)
	}
	if err := os.Remove(filepath.Join(dir, "comment.talk")); err != nil { // it is not ours
		t.Fatal(err)
	}
	unarmedFiles(t, dir)
}

// TestHostilePeers registers phones at servers that say the hostile name wherever
// they say a text, and looks at what the phones print and record.
func TestHostilePeers(t *testing.T) {
	t.Parallel()
	mild := "\u202eexe\u2028\u200b\U000e0041\ufffe" + strings.Repeat("\u0301", 20) // what is no control character
	for name, c := range map[string]struct {
		answer func(said string) string
		args   []string
		comes  string // what then comes of it
		heard  string // what of it the events must have, character by character
	}{
		"sip":       {saySIP(mild), nil, "call ringing", mild},
		"sip, C0":   {saySIP(strings.ReplaceAll(hostileText, "\r", "")), nil, "socket broken", "control characters"},
		"raw":       {sayRaw(mild), []string{"--raw", "lines"}, "call ringing", mild},
		"raw, C0":   {sayRaw(strings.ReplaceAll(hostile, "\r", "")), []string{"--raw", "lines"}, "call ringing", "owned"},
		"xmpp":      {sayXMPP("\u202eexe"), []string{"--control", "xmpp", "--tls", "off"}, "registration failed", "\u202eexe"},
		"xmpp, C1":  {sayXMPP("\u009b2J\u0085\x7f"), []string{"--control", "xmpp", "--tls", "off"}, "registration failed", "2J"},
		"no sense":  {func(string) string { return hostile + "\r\n\r\n" }, nil, "socket broken", "control characters"},
		"no sense2": {func(string) string { return hostile + "\r\n\r\n" }, []string{"--control", "xmpp"}, "socket broken", "between stanzas"},
	} {
		for _, as := range [][]string{{"--json"}, {"--plain", "-v"}} {
			t.Run(name+" "+as[0], func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				out := attack{
					dir: dir, ends: true, stdin: "wait for " + c.comes + " within 60s\nring bob\nquit\n",
					args: append(append([]string{"phone", "--server", serveText(t, c.answer), "--domain", "lab.test", "--user", "alice", "--password-env", "PW", "--record", "rec.talk"}, as...), c.args...),
					env:  []string{"PW=secret"},
				}.told(t)
				unarmed(t, name, out, false)
				unarmedFiles(t, dir)
				if as[0] == "--json" && !heard(t, out, c.heard) {
					t.Errorf("%q is not in\n%s", c.heard, out)
				}
			})
		}
	}
}

// heard reports whether events, as a reader of the JSON has them, contain a text.
func heard(t *testing.T, out []byte, text string) bool {
	t.Helper()
	found := false
	for line := range bytes.Lines(out) {
		if !bytes.HasPrefix(line, []byte("{")) { // standard error
			continue
		}
		var fields map[string]any
		if err := json.Unmarshal(line, &fields); err != nil {
			t.Errorf("%v: %s", err, line)
		}
		found = found || strings.Contains(fmt.Sprint(fields), text)
	}
	return found
}

// serveText is a server over TCP that answers each message, which ends like an XML
// element or a line, with a text.
func serveText(t *testing.T, answer func(said string) string) (addr string) {
	t.Helper()
	return accepting(t, func(conn net.Conn) {
		for said := make([]byte, 64<<10); ; {
			n, err := conn.Read(said)
			if err != nil {
				return
			}
			io.WriteString(conn, answer(string(said[:n])))
		}
	}).String()
}

// saySIP takes a REGISTER and then calls; its reason phrases, header fields and
// names are the given one.
func saySIP(name string) func(string) string {
	return func(said string) string {
		if !strings.HasPrefix(said, "REGISTER ") {
			return ""
		}
		return answer(said, "200 "+name, "Server: "+name, "X-Name: "+name) +
			"INVITE sip:alice@lab.test SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bK1\r\nFrom: \"" + name + "\" <sip:bob@lab.test>;tag=1\r\nTo: <sip:alice@lab.test>\r\n" +
			"Call-ID: 1" + "\r\nCSeq: 1 INVITE\r\nContact: <sip:bob@127.0.0.1:9>\r\nSubject: " + name + "\r\nUser-Agent: " + name + "\r\nContent-Length: 0\r\n\r\n"
	}
}

// sayRaw accepts a phone, and calls.
func sayRaw(name string) func(string) string {
	return func(said string) string {
		if !strings.HasPrefix(said, "HELLO ") {
			return ""
		}
		return "OK\r\nTEXT " + name + " " + name + "\r\nCALL 17 " + name + " " + name + "\r\n" + name + "\r\n"
	}
}

// sayXMPP opens a stream, and ends it with an error.
func sayXMPP(name string) func(string) string {
	return func(string) string {
		return "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' id='1' from='lab.test'>" +
			"<stream:error><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>" + name + "</text></stream:error>"
	}
}
