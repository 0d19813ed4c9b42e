//go:build hostile

package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/textproto"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// What must be in no output: a password of the user's, and what peers send.
const (
	ownSecret   = "Pass-9w8v7u6t5s4r"
	theirSecret = "Canary1x2y3z4w5v6u7t8s"
)

// A gossip is a SIP server that lets everybody in and sends secrets in every shape,
// among them the phone's password.
type gossip struct {
	addr      string
	mu        sync.Mutex
	responses []string // the digests that it was given
}

func newGossip(t *testing.T) *gossip {
	t.Helper()
	g := new(gossip)
	g.addr = accepting(t, g.talk).String()
	return g
}

// talk answers the requests of a phone.
func (g *gossip) talk(conn net.Conn) {
	in := textproto.NewReader(bufio.NewReader(conn))
	for {
		line, err := in.ReadLine()
		if err != nil {
			return
		}
		if line == "" {
			continue
		}
		head, err := in.ReadMIMEHeader()
		if err != nil {
			return
		}
		size, _ := strconv.Atoi(head.Get("Content-Length"))
		if _, err := io.CopyN(io.Discard, in.R, int64(size)); err != nil {
			return
		}
		method, _, _ := strings.Cut(line, " ")
		io.WriteString(conn, g.answer(method, head))
		if method == "REGISTER" && head.Get("Authorization") != "" && head.Get("Expires") != "0" {
			io.WriteString(conn, gossipRequests())
		}
	}
}

// answer is the answer to a request; to a response there is none.
func (g *gossip) answer(method string, head textproto.MIMEHeader) string {
	status, more := "200 OK", gossipFields
	switch auth := head.Get("Authorization"); {
	case strings.HasPrefix(method, "SIP/"), method == "ACK":
		return ""
	case method == "REGISTER" && auth == "":
		status, more = "401 Unauthorized", "WWW-Authenticate: Digest realm=\"lab.test\", nonce=\"n1n2n3n4n5n6n7n8\", qop=\"auth\"\r\n"
	default:
		g.mu.Lock()
		for _, found := range regexp.MustCompile(`(?:response|cnonce)="([^"]{8,})"`).FindAllStringSubmatch(auth, -1) {
			g.responses = append(g.responses, found[1])
		}
		g.mu.Unlock()
	}
	if contact := head.Get("Contact"); contact != "" {
		more += "Contact: " + contact + ";expires=3600\r\n"
	}
	return fmt.Sprintf("SIP/2.0 %s\r\nVia: %s\r\nFrom: %s\r\nTo: %s;tag=1\r\nCall-ID: %s\r\nCSeq: %s\r\n%sContent-Length: 0\r\n\r\n",
		status, head.Get("Via"), head.Get("From"), head.Get("To"), head.Get("Call-Id"), head.Get("Cseq"), more)
}

// gossipFields are header fields with secrets.
var gossipFields = "Authorization: Digest username=\"alice\", response=\"" + theirSecret + "\", cnonce = " + theirSecret + "\r\n" +
	"proxy-authorization:Basic " + theirSecret + "\r\n" +
	"AUTHORIZATION: Bearer " + theirSecret + ",\r\n\t" + theirSecret + "\r\n" +
	"Authentication-Info: rspauth=\"" + theirSecret + "\", nextnonce=\"" + theirSecret + "\"\r\n" +
	"Server: your password is " + ownSecret + "\r\n" +
	"X-Hex: " + hex.EncodeToString([]byte(ownSecret)) + "\r\n" +
	"X-Plain: " + base64.StdEncoding.EncodeToString([]byte("\x00alice\x00"+ownSecret)) + "\r\n" +
	"X-Token: eyJhbGciOiJIUzI1NiJ9." + theirSecret + "." + theirSecret + "\r\n"

// gossipRequests are a text and a call with secrets in addresses and bodies.
func gossipRequests() string {
	text := "Authorization: Digest response=\"" + theirSecret + "\"\r\n" +
		"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" + theirSecret + "</auth> password=" + theirSecret + " " + ownSecret + "\r\n"
	sdp := "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/SAVP 0\r\n" +
		"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + theirSecret + "\r\na=ice-pwd:" + theirSecret + "\r\nk=base64:" + theirSecret + "\r\n"
	return gossipRequest("MESSAGE", "text/plain", text) + gossipRequest("MESSAGE", "message/sipfrag", "INVITE sip:x SIP/2.0\r\n"+gossipFields) +
		gossipRequest("OPTIONS", "application/sdp", sdp)
}

func gossipRequest(method, kind, body string) string {
	return fmt.Sprintf("%s sip:alice:%s@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:1;branch=z9hG4bK%s\r\nMax-Forwards: 70\r\n"+
		"From: \"Eve\" <sip:eve;x=1:%s@lab.test>;tag=2\r\nTo: <sip:alice@lab.test>\r\nCall-ID: %s%d\r\nCSeq: 1 %s\r\n"+
		"Contact: <sip:eve@127.0.0.1:1;pn-provider=apns;pn-param=a.b;pn-prid=00000000%s>\r\n%sContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
		method, theirSecret, hex.EncodeToString([]byte(method+kind)), theirSecret, method, len(body), method, theirSecret, gossipFields, kind, len(body), body)
}

// noSecrets looks for secrets in what was printed, and in every file of a folder.
func (g *gossip) noSecrets(t *testing.T, dir string, printed ...string) {
	t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.responses) == 0 {
		t.Error("no phone has proved who it is: nothing was tested")
	}
	secrets := append([]string{
		theirSecret, theirSecret[1:], ownSecret, hex.EncodeToString([]byte(ownSecret)),
		base64.StdEncoding.EncodeToString([]byte("\x00alice\x00" + ownSecret))[12:],
	}, g.responses...)
	look := func(where string, content []byte) {
		for _, s := range secrets {
			if at := bytes.Index(content, []byte(s)); at >= 0 {
				t.Errorf("%s has %s: …%q", where, s, content[max(0, at-60):at+len(s)])
			}
		}
	}
	for _, text := range printed {
		look("what was printed", []byte(text))
	}
	files := 0
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.Contains(filepath.ToSlash(name), "/given/") {
			return err
		}
		files++
		content, err := os.ReadFile(name)
		look(name, content)
		return err
	})
	if err != nil || files == 0 {
		t.Errorf("%d files, %v", files, err)
	}
}

// given is where a secret may stand: what the user has written down.
func given(t *testing.T) (dir, below string) {
	t.Helper()
	dir = t.TempDir()
	below = filepath.Join(dir, "given")
	writeBelow(t, below, "password", ownSecret+"\n")
	writeBelow(t, below, "sleeptalk/config.yaml", "accounts:\n  alice: {server: pbx.example.com, user: alice, password: "+ownSecret+"}\n")
	return dir, below
}

// run plays the program in a folder of its own, and returns what it printed.
func (g *gossip) run(t *testing.T, dir, input string, env []string, args ...string) (out, errs string) {
	t.Helper()
	cmd := exec.Command("sleeptalk", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), append([]string{"HOME=" + dir, "XDG_STATE_HOME=" + dir, "XDG_CONFIG_HOME=" + filepath.Join(dir, "given")}, env...)...)
	var stdout, stderr strings.Builder
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), &stdout, &stderr
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return stdout.String(), stderr.String()
}

// TestHostileGossip gives a phone its password in each way that there is, and a
// server that sends it back among other secrets. Nothing that is printed or
// written has any of them.
func TestHostileGossip(t *testing.T) {
	t.Parallel()
	const input = "wait for registered within 60s\nwait for received OPTIONS within 60s\ncall sip:eve:" + theirSecret + "@lab.test\nquit\n"
	for _, c := range []struct {
		name, flags string
		env         []string
	}{
		{"a variable, JSON", "--json --user alice --password-env PW --record mine.talk", []string{"PW=" + ownSecret}},
		{"a variable, all lines", "--plain --verbose --user alice --password-env PW", []string{"PW=" + ownSecret}},
		{"a command, lines", "--plain --user alice --password-command given/command", nil},
		{"settings, JSON", "--json", []string{"SLEEPTALK_USER=alice", "SLEEPTALK_PASSWORD=" + ownSecret}},
		{"a file of the user's, all lines", "--plain -v --account alice", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			g := newGossip(t)
			dir, below := given(t)
			if err := os.WriteFile(filepath.Join(below, "command"), []byte("#!/bin/sh\necho "+ownSecret+"\n"), 0o700); err != nil {
				t.Fatal(err)
			}
			args := append([]string{"phone", "--server", g.addr, "--domain", "lab.test", "--mic", "silence", "--speaker", "file:heard.wav"}, strings.Fields(c.flags)...)
			out, errs := g.run(t, dir, input, c.env, args...)
			if !strings.Contains(errs, "an address that is called has no password") {
				t.Errorf("it did not come to the end:\n%s\n%s", out, errs)
			}
			g.noSecrets(t, dir, out, errs)
		})
	}
}

// TestHostileGossipInReports has the same server at work in a scenario that fails,
// and looks into all that is kept of it.
func TestHostileGossipInReports(t *testing.T) {
	t.Parallel()
	g := newGossip(t)
	dir, below := given(t)
	scenario := write(t, below, "gossip.talk", "use server "+g.addr+" user=alice domain=lab.test password-env=PW\n"+
		"register\nexpect registered within 60s\nexpect received OPTIONS within 60s\nexpect text from \"password="+theirSecret+"\" within 100ms\n")
	for _, flags := range []string{
		"--html report --junit junit.xml --events events.jsonl --pcap wire.pcapng", "--trace always", "--json --redact-all --html masked",
	} {
		out, errs := g.run(t, dir, "", []string{"PW=" + ownSecret, "GITHUB_ACTIONS=true", "GITHUB_STEP_SUMMARY=" + filepath.Join(dir, "summary.md")},
			append([]string{"run", "--trust", scenario}, strings.Fields(flags)...)...)
		g.noSecrets(t, dir, out, errs)
	}
	for _, name := range []string{"report/index.html", "junit.xml", "events.jsonl", "wire.pcapng", "masked/index.html", "sleeptalk/runs", "summary.md"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	for _, again := range []string{"--plain", "--json", "--scenario"} {
		out, errs := g.run(t, dir, "", nil, "replay", "report", again)
		g.noSecrets(t, dir, out, errs)
	}
}
