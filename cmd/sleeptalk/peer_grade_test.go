//go:build peers

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/grade"
)

// A graded peer is a phone that others wrote, and the card that it must get:
// the checks that it fails, with words of why, and those that tell nothing.
// All the others it passes.
type gradedPeer struct {
	flags  []string
	enroll func(t *testing.T, x *exam) (answer, dial func()) // makes it register; nil: it is not called, or calls nobody
	fails  map[string]string
	untold []string
}

var gradedPeers = map[string]gradedPeer{
	// Without a setting of its own baresip names no instance and asks for no
	// outbound; it has no pings over TCP, and what ends its connection is found
	// out by its next REGISTER. An OPTIONS it answers whatever that requires. A challenge
	// by SHA-256 is not for its version, nor is the one by MD5 beneath it.
	"baresip": {
		flags:  []string{"--expires", "10s", "--skip", "update,redirected-call,redirected,reset,no-pong,stall"},
		enroll: enrollBaresip,
		fails:  map[string]string{"instance": "no +sip.instance", "outbound": "neither", "cut": "only with its next refresh", "require": "200", "digest-choice": "does not answer"},
		untold: []string{"push-params", "repeated-invite", "mwi", "reliable", "timer", "brief-timer", "replaces", "keepalive", "stale", "push", "cancel-asleep"},
	},
	// Linphone says that it supports outbound, and gives no reg-id; belle-sip
	// goes on over a connection on which its pings are not answered. It agrees to what
	// an OPTIONS requires and to any news, and rings unreliably where 100rel is required, and for who is to replace a call that is not there.
	"linphone": {
		flags:  []string{"--expires", "10s", "--skip", "update,redirected-call,cut,reset,stall,redirected"},
		enroll: enrollLinphone,
		fails:  map[string]string{"outbound": "without reg-id", "no-pong": "goes on as if there had been a pong", "require": "200", "event": "200", "reliable": "without what the caller requires", "replaces": "180"},
		untold: []string{"push-params", "repeated-invite", "timer", "brief-timer", "digest-choice", "push", "cancel-asleep"},
	},
	// SIPp is a phone in two processes: one registers, once, and with another
	// URI in its digest than it asks; the other has a scenario, in which there
	// is nothing but INVITE, ACK and BYE.
	"sipp": {
		flags:  []string{"--expires", "30s", "--skip", "require,message,mwi,event,refer,cancel,repeated-invite,media,hears,re-invite,update,session,call,redirected-call"},
		enroll: enrollSIPp,
		fails: map[string]string{
			"instance": "no +sip.instance", "outbound": "neither", "options": "no answer", "unknown-method": "no answer",
			"refresh": "not refreshed", "digest": "is not the Request-URI", "reliable": "without what the caller requires", "replaces": "as if the call",
		},
		untold: []string{"push-params", "timer", "brief-timer", "redirected", "digest-choice", "keepalive", "server-ping", "stale", "push", "cancel-asleep", "cut", "reset", "no-pong", "stall"},
	},
}

// TestGradePeers grades phones that others wrote. All are examined at the same
// time, on a machine of any size; each answers its call when it is told to.
func TestGradePeers(t *testing.T) {
	t.Parallel()
	exams, answers, dials := map[string]*exam{}, map[string]func(){}, map[string]func(){}
	for name, peer := range gradedPeers {
		exams[name] = newExam(t, peer.flags...)
		answers[name], dials[name] = peer.enroll(t, exams[name])
	}
	for _, name := range []string{"baresip", "linphone"} { // in the order in which they are called
		exams[name].out.wait(t, "answer the call")
		answers[name]()
	}
	for _, name := range []string{"baresip", "linphone"} {
		exams[name].out.wait(t, "call bob from the phone")
		dials[name]()
	}
	for name, peer := range gradedPeers {
		t.Run(name, func(t *testing.T) {
			for _, m := range exams[name].card().Marks {
				want, words := wantedOf(peer, m.ID)
				if m.Verdict != want || !strings.Contains(m.Why, words) {
					t.Errorf("%s: %s, %q; want %s, %q", m.ID, m.Verdict, m.Why, want, words)
				}
			}
		})
	}
}

// wantedOf is the verdict that a peer must get, and words of why.
func wantedOf(peer gradedPeer, id string) (v grade.Verdict, words string) {
	if words, bad := peer.fails[id]; bad {
		return grade.Fail, words
	}
	for _, u := range peer.untold {
		if u == id {
			return grade.Untold, ""
		}
	}
	return grade.Pass, ""
}

// An exam is a sleeptalk process that grades.
type exam struct {
	t    *testing.T
	port int
	file string
	cmd  *exec.Cmd
	out  *output
}

func newExam(t *testing.T, flags ...string) *exam {
	x := &exam{t: t, port: freePort(t), file: filepath.Join(t.TempDir(), "card.json")}
	x.cmd, x.out = spawn(t, "", "sleeptalk", append([]string{
		"grade", "--listen", address(x.port), "--flow-timer", "5s", "--patience", "20s", "--card", x.file,
	}, flags...)...)
	x.out.wait(t, "listening on")
	return x
}

// card waits for the end of the examination.
func (x *exam) card() (card grade.Report) {
	x.t.Helper()
	x.out.wait(x.t, "could not be told\n")
	x.cmd.Wait() // its exit code says what the card says
	text, err := os.ReadFile(x.file)
	if err == nil {
		err = json.Unmarshal(text, &card)
	}
	if err != nil {
		x.t.Fatal(err)
	}
	return card
}

func enrollBaresip(t *testing.T, x *exam) (answer, dial func()) {
	b := baresipOf(t, fmt.Sprintf("<sip:alice@127.0.0.1:%d;transport=tcp>;auth_user=alice;auth_pass=secret;regint=600;audio_codecs=pcmu\n", x.port))
	return func() { b.do("accept", "") }, func() { b.do("dial", "sip:bob@"+address(x.port)) }
}

func enrollLinphone(t *testing.T, x *exam) (answer, dial func()) {
	l := linphone(t, "alice", x.port, "lab.test")
	l.say("soundcard use files")
	return func() {
		l.say("answer")
		l.out.wait(t, "Media streams established")
		l.say("play /usr/share/sounds/linphone/hello8000.wav")
	}, func() { l.say("call sip:bob@" + address(x.port)) }
}

func enrollSIPp(t *testing.T, x *exam) (answer, dial func()) {
	port := freePort(t)
	sippUDP(t, address(x.port), "-sf", "register.xml", "-p", strconv.Itoa(port), "-m", "1")
	sippAt(t, "u1", port, "-sn", "uas", "-rtp_echo")
	return nil, nil
}
