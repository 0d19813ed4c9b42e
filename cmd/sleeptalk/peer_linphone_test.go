//go:build peers

package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// linphonePhone is linphone's console client.
type linphonePhone struct {
	t     *testing.T
	home  string
	cmd   *exec.Cmd
	stdin io.Writer
	out   *output
	seen  int // up to where its output has been waited for
}

// linphone starts somebody's linphone at the server at port, with more settings of its
// section "sip".
func linphone(t *testing.T, user string, port int, realm string, settings ...string) *linphonePhone {
	t.Helper()
	need(t, "linphonec", "linphone-cli")
	conf, err := os.ReadFile("testdata/peers/linphonerc")
	if err != nil {
		t.Fatal(err)
	}
	l := &linphonePhone{t: t, home: t.TempDir()}
	name := filepath.Join(l.home, "linphonerc")
	filled := strings.NewReplacer("@PORT@", strconv.Itoa(port), "@USER@", user, "@REALM@", realm, "@MORE@", strings.Join(settings, "\n"))
	if err := os.WriteFile(name, []byte(filled.Replace(string(conf))), 0o600); err != nil {
		t.Fatal(err)
	}
	// It does not make the folder itself, and without one it has no network.
	if err := os.MkdirAll(filepath.Join(l.home, ".local/share/linphone"), 0o700); err != nil {
		t.Fatal(err)
	}
	l.cmd, l.out = spawnWith(t, l.home, func(cmd *exec.Cmd) {
		if l.stdin, err = cmd.StdinPipe(); err != nil {
			t.Fatal(err)
		}
		cmd.Env = append(os.Environ(), "HOME="+l.home)
	}, "stdbuf", "-oL", "linphonec", "-c", name)
	return l
}

// say gives it a command.
func (l *linphonePhone) say(line string) {
	l.t.Helper()
	if _, err := io.WriteString(l.stdin, line+"\n"); err != nil {
		l.t.Fatal(err)
	}
}

// prints waits until it prints something, after what was waited for before.
func (l *linphonePhone) prints(want string) {
	l.t.Helper()
	end := l.out.find(l.seen, want, patience)
	if end < 0 {
		l.t.Fatalf("linphone does not print %q:\n%s", want, l.out)
	}
	l.seen = end
}

// registered asks it until it is registered: it does not say so by itself.
func (l *linphonePhone) registered() {
	l.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		l.say("status register")
		l.prints("registered")
		if l.prints("\n"); strings.Contains(l.out.String(), "registered, identity=") {
			return
		}
	}
	l.t.Fatalf("linphone is not registered:\n%s", l.out)
}

// linphoneBob is bob's at Kamailio, registered: he plays a tone of 1000 Hz and records what
// he hears into a file.
func linphoneBob(t *testing.T, port int, settings ...string) (l *linphonePhone, heard string) {
	t.Helper()
	l = linphone(t, "bob", port, "127.0.0.1", settings...)
	l.registered()
	samples := make([]int16, 20*pcm.Rate)
	pcm.Tone(pcm.Rate, 1000, -10).Read(samples)
	tone, err := os.Create(filepath.Join(l.home, "tone.wav"))
	if err != nil {
		t.Fatal(err)
	}
	defer tone.Close()
	if err := pcm.WriteWAV(tone, pcm.Audio{Rate: pcm.Rate, Samples: samples}); err != nil {
		t.Fatal(err)
	}
	l.say("soundcard use files")
	return l, filepath.Join(l.home, "heard.wav")
}

// meets brings it into a call with the phone, over the server at port; calls says that it is
// linphone that calls.
func (l *linphonePhone) meets(p *tester, port int, calls bool) {
	l.t.Helper()
	if calls {
		l.say("call sip:alice@" + address(port))
		p.answers()
	} else {
		p.say("call bob")
		l.prints("Receiving new incoming call")
		l.say("answer")
	}
	p.call("up")
}

// talks has it play its tone, and record what it hears.
func (l *linphonePhone) talks(heard string) {
	l.t.Helper()
	l.say("play " + filepath.Join(l.home, "tone.wav"))
	l.say("record " + heard)
}

// quits has it end, and waits for that: what it has recorded is whole then.
func (l *linphonePhone) quits() {
	l.t.Helper()
	l.say("quit")
	l.cmd.Wait()
}

// TestLinphoneWakesPhone: linphone calls the phone while it sleeps, offering a session
// timer, which each of its changes refreshes; holds the call, takes it back, and hangs up.
func TestLinphoneWakesPhone(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	kamailio(t, port)
	p := alice(t, port, "--mic", "tone:440", "--speaker", "none")
	p.registered()
	l, heard := linphoneBob(t, port, "session_expires_enabled=1", "session_expires_value=120", "session_expires_refresher_value=1")
	p.asleep()
	l.say("call sip:alice@" + address(port))
	expect(p, "wake by socket", func(e event.Wake) bool { return e.Cause == event.BySocket })
	expect(p, "a notification", func(e event.Notification) bool { return e.Phase == "posted" && e.Shown })
	p.say("answer from notification")
	if up := p.call("up"); up.Expires.D().Seconds() != 120 {
		t.Errorf("session timer %s, want 2 min", up.Expires)
	}
	l.prints("Media streams established")
	l.talks(heard)
	hearsTone(p, 1000)
	expect(p, "two seconds of audio", func(e event.RTP) bool { return e.Received > 100 && e.Sent > 100 })
	l.say("record " + filepath.Join(l.home, "rest.wav")) // what is resumed is recorded anew
	l.say("pause")
	if again := p.call("refreshed"); again.By != "peer" || again.Expires.D().Seconds() != 120 {
		t.Errorf("refreshed by %s, for %s, want by the peer, for 2 min", again.By, again.Expires)
	}
	if held := p.call("held"); held.By != "peer" {
		t.Errorf("held by %s, want peer", held.By)
	}
	l.prints("is now paused") // it resumes nothing before
	l.say("resume 1")
	if resumed := p.call("resumed"); resumed.By != "peer" {
		t.Errorf("resumed by %s, want peer", resumed.By)
	}
	l.say("terminate")
	if ended := p.call("ended"); ended.By != "peer" {
		t.Errorf("ended by %s, want peer", ended.By)
	}
	if code := p.quit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	l.quits()
	hears(t, "linphone", heard, 440)
}

// TestLinphoneTexts writes to linphone, and is written to.
func TestLinphoneTexts(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	kamailio(t, port)
	p := alice(t, port)
	p.registered()
	l, _ := linphoneBob(t, port)
	p.say(`text bob "hello linphone"`)
	l.prints("hello linphone")
	l.say(fmt.Sprintf(`chat sip:alice@%s "hello alice"`, address(port)))
	expect(p, "a text", func(e event.Text) bool { return strings.Contains(e.Body, "hello alice") })
	p.quit()
}

// linphoneInACall is alice in a call with linphone, and carol.
func linphoneInACall(t *testing.T, port int) (p, carol *tester, l *linphonePhone) {
	t.Helper()
	p, carol = aliceAndCarol(t, port)
	l, _ = linphoneBob(t, port)
	l.meets(p, port, false)
	l.prints("Media streams established")
	l.say("play " + filepath.Join(l.home, "tone.wav"))
	return p, carol, l
}

// TestLinphoneTransfersUs: linphone has the phone call carol.
func TestLinphoneTransfersUs(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	p, carol, l := linphoneInACall(t, port)
	l.say(fmt.Sprintf("transfer sip:carol@%s", address(port)))
	transferred(p, event.RoleTransferee, event.TransferAsked)
	transferred(p, event.RoleTransferee, event.TransferCompleted)
	carol.call("up")
	hearsTone(p, 620)
	p.say("hang up")
	p.quit()
}

// TestLinphoneTransfersUsAttended: linphone talks to carol, too, and has the phone take its place.
func TestLinphoneTransfersUsAttended(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	p, carol, l := linphoneInACall(t, port)
	l.say("pause")
	p.call("held")
	l.say(fmt.Sprintf("call sip:carol@%s", address(port)))
	carol.call("up")
	l.prints("Media streams established")
	l.say("transfer 1 --to-call 2")
	transferred(p, event.RoleTransferee, event.TransferCompleted)
	transferred(carol, event.RoleTarget, event.TransferCompleted)
	hearsTone(p, 620)
	p.say("hang up")
	p.quit()
}

// TestWeTransferLinphone: linphone calls carol because we ask it to.
func TestWeTransferLinphone(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	p, carol, _ := linphoneInACall(t, port)
	p.say("transfer carol")
	transferred(p, event.RoleTransferor, event.TransferAccepted)
	carol.call("up")
	if done := transferred(p, event.RoleTransferor, event.TransferCompleted); done.Status != 200 {
		t.Errorf("completed with %+v, want 200", done)
	}
	p.call("ended")
	p.quit()
}

// TestWeTransferLinphoneAttended: linphone takes our place in the call with carol. It
// answers a REFER 491 as long as it has not answered the re-INVITE that holds its call:
// ours waits for that.
func TestWeTransferLinphoneAttended(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	p, carol, l := linphoneInACall(t, port)
	p.say("call carol")
	carol.call("up")
	p.say("attended transfer")
	transferred(carol, event.RoleTarget, event.TransferCompleted)
	transferred(p, event.RoleTransferor, event.TransferCompleted)
	l.prints("Media streams established")
	p.quit()
}
