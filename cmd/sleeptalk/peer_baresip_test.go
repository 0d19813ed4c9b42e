//go:build peers

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// baresipPhone is a baresip process, commanded over its ctrl_tcp module.
type baresipPhone struct {
	t    *testing.T
	dir  string
	ctrl net.Conn
	in   *bufio.Reader
}

// baresip starts bob, who is registered at the server at port, speaks a
// 1000 Hz tone and answers by himself.
func baresip(t *testing.T, port int) *baresipPhone {
	t.Helper()
	return bobsBaresip(t, port, "pcmu")
}

// bobsBaresip is bob's with codecs, and more parameters of his account behind them, and more
// configuration, if need be.
func bobsBaresip(t *testing.T, port int, codecs string, more ...string) *baresipPhone {
	t.Helper()
	return baresipOf(t, fmt.Sprintf("<sip:bob@127.0.0.1:%d;transport=tcp>;auth_user=bob;auth_pass=secret;regint=600;answermode=auto;audio_codecs=%s\n", port, codecs), more...)
}

// meets brings it into a call with the phone, over the server at port; calls says that it is
// baresip that calls.
func (b *baresipPhone) meets(p *tester, port int, calls bool) {
	b.t.Helper()
	if calls {
		b.do("dial", fmt.Sprintf("sip:alice@127.0.0.1:%d", port))
		p.answers()
	} else {
		p.say("call bob")
	}
	p.call("up")
}

// baresipOf starts a baresip with an account, and more configuration if need be, in
// baresip's own words.
func baresipOf(t *testing.T, account string, more ...string) *baresipPhone {
	t.Helper()
	need(t, "baresip", "baresip-core")
	b := &baresipPhone{t: t, dir: t.TempDir()}
	ctrl := strconv.Itoa(freePort(t))
	conf, err := os.ReadFile("testdata/peers/baresip.conf")
	if err != nil {
		t.Fatal(err)
	}
	b.write("config", strings.NewReplacer("@DIR@", b.dir, "@CTRL@", ctrl).Replace(strings.Join(more, "")+string(conf)))
	b.write("accounts", account)
	b.write("contacts", "")
	// Into a pipe, baresip would print only when its buffer is full.
	_, out := spawn(t, b.dir, "stdbuf", "-oL", "baresip", "-f", b.dir, "-v")
	out.wait(t, "200 OK")
	if b.ctrl, err = net.Dial("tcp", "127.0.0.1:"+ctrl); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.ctrl.Close() })
	b.in = bufio.NewReader(b.ctrl)
	return b
}

func (b *baresipPhone) write(name, text string) {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(b.dir, name), []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// do gives a command. Requests and events are netstrings of JSON.
func (b *baresipPhone) do(command, params string) {
	b.t.Helper()
	req, err := json.Marshal(map[string]string{"command": command, "params": params, "token": command})
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := fmt.Fprintf(b.ctrl, "%d:%s,", len(req), req); err != nil {
		b.t.Fatal(err)
	}
}

// expect waits for an event of the given type.
func (b *baresipPhone) expect(kind string) {
	b.t.Helper()
	for {
		size, err := b.in.ReadString(':')
		if err != nil {
			b.t.Fatalf("waited in vain for baresip's %s: %v", kind, err)
		}
		n, err := strconv.Atoi(strings.TrimSuffix(size, ":"))
		if err != nil || n > 1<<16 {
			b.t.Fatalf("not a netstring: %q", size)
		}
		msg := make([]byte, n+1) // with its comma
		if _, err := io.ReadFull(b.in, msg); err != nil {
			b.t.Fatal(err)
		}
		var e struct{ Type string }
		if err := json.Unmarshal(msg[:n], &e); err == nil && e.Type == kind {
			return
		}
	}
}

// recording is the file of what baresip has heard.
func (b *baresipPhone) recording() string {
	b.t.Helper()
	files, err := filepath.Glob(filepath.Join(b.dir, "*dec.wav"))
	if err != nil || len(files) != 1 {
		b.t.Fatalf("baresip's recordings: %v, %v; want one", files, err)
	}
	return files[0]
}

// hears fails the test unless the recording contains the tone.
func hears(t *testing.T, who, path string, hz float64) {
	t.Helper()
	sound := readTape(t, path)
	if share := toneShare(sound, hz); share < 0.5 {
		t.Errorf("%s heard %g Hz in %.0f %% of %s, want most of it", who, hz, share*100, sound.Length())
	}
}

// toneShare is the share of the 100 ms blocks with sound in them in which the
// tone dominates.
func toneShare(sound pcm.Audio, hz float64) float64 {
	loud, right := 0, 0
	for _, b := range pcm.NewToneDetector(sound.Rate).Write(sound.Samples) {
		if b.Level < -50 {
			continue
		}
		loud++
		if b.Purity > 0.8 && math.Abs(b.Hz-hz) < 15 {
			right++
		}
	}
	if loud == 0 {
		return 0
	}
	return float64(right) / float64(loud)
}

// TestBaresipWakesPhone is the moment that matters: a phone that others wrote
// calls ours while it is suspended, through a server that others wrote.
func TestBaresipWakesPhone(t *testing.T) {
	t.Parallel()
	for _, by := range []string{"us", "peer"} {
		t.Run("hung up by "+by, func(t *testing.T) {
			t.Parallel()
			port := freePort(t)
			kamailio(t, port)
			heard := filepath.Join(t.TempDir(), "heard.wav")
			p := alice(t, port, "--mic", "tone:440", "--speaker", "file:"+heard)
			p.registered()
			bob := baresip(t, port)
			p.asleep()

			bob.do("dial", fmt.Sprintf("sip:alice@127.0.0.1:%d", port))
			wake := expect(p, "wake by socket", func(e event.Wake) bool { return e.Cause == event.BySocket })
			if wake.Stamps != 1 {
				t.Errorf("wake %+v: want the first stamp of the budget", wake)
			}
			expect(p, "the INVITE as wake frame", func(e event.Frame) bool { return e.What == "INVITE" })
			expect(p, "a notification", func(e event.Notification) bool { return e.Phase == "posted" && e.Shown })
			expect(p, "180", func(e event.Message) bool { return e.Out && e.Status == 180 })

			p.say("answer from notification")
			p.call("up")
			hearsTone(p, 1000)
			expect(p, "three seconds of audio", func(e event.RTP) bool { return e.Received > 150 && e.Sent > 150 })

			if by == "us" {
				p.say("hang up")
				bob.expect("CALL_CLOSED")
			} else {
				bob.do("hangup", "")
			}
			if ended := p.call("ended"); ended.By != by {
				t.Errorf("ended by %s, want %s", ended.By, by)
			}
			if code := p.quit(); code != 0 {
				t.Errorf("exit code %d, want 0", code)
			}
			hears(t, "the phone", heard, 1000)
			hears(t, "baresip", bob.recording(), 440)
		})
	}
}
