package stage

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/golden"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/phone/scenario/record"
)

// recorded is what a log becomes: formatted, and right.
func recorded(t *testing.T, log *event.Log) (*scenario.File, []byte) {
	t.Helper()
	return formatted(t, record.Record(log))
}

func formatted(t *testing.T, src []byte) (*scenario.File, []byte) {
	t.Helper()
	if formatted, err := scenario.Format(src); err != nil || !bytes.Equal(formatted, src) {
		t.Errorf("it is not formatted (%v):\n%s", err, src)
	}
	f, err := scenario.ParseFile("recorded.talk", src, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, src)
	}
	return f, src
}

// TestRecord records what the program's own scenarios do, and a demo on real
// sockets, and plays the scenarios that come out.
func TestRecord(t *testing.T) {
	logs := map[string]func(t *testing.T) *event.Log{"demo": readLog}
	for _, name := range []string{"reachable-asleep", "keepalive", "cancel-while-asleep", "wrong-password", "server-restart", "audio-across-background", "two-accounts"} {
		logs[name] = func(t *testing.T) *event.Log {
			_, log := playFile(t, builtin(t, name), 1)
			return log
		}
	}
	for name, log := range logs {
		t.Run(name, func(t *testing.T) {
			f, src := recorded(t, log(t))
			golden.File(t, filepath.Join("testdata", "recorded-"+name+".talk"), string(src))
			for seed := range uint64(3) {
				if r, log := playFile(t, f, seed); r.Verdict() != play.Passed {
					explain(t, r, log)
				}
			}
		})
	}
}

// TestRecordOfFlows: an account has one flow in a recording, whose top says so; what
// becomes of the account is there whichever flow it came by, and what was done to another
// flow than the first is not done to that.
func TestRecordOfFlows(t *testing.T) {
	for _, name := range []string{"two-flows", "flows-of-accounts"} {
		_, log := playFile(t, builtin(t, name), 1)
		_, src := recorded(t, log)
		golden.File(t, filepath.Join("testdata", "recorded-"+name+".talk"), string(src))
	}
}

// TestRecordOfAFlowThatFails: what becomes of a flow while another stands is nothing that
// a phone with one flow could be expected to do; where none stands, it is.
func TestRecordOfAFlowThatFails(t *testing.T) {
	log := new(event.Log)
	is := func(flow string, e event.Event) { log.Append(event.Record{Phone: "alice", Account: flow, Event: e}) }
	failed := event.Registration{Phase: event.RegistrationFailed, Status: 503}
	is("", event.Start{AOR: "sip:alice@lab.test", Accounts: []event.Account{{Name: "flow1", Flow: 1}, {Name: "flow2", Flow: 2}}})
	is("flow1", event.Registration{Phase: event.RegistrationActive})
	is("flow2", failed)
	if _, src := recorded(t, log); strings.Contains(string(src), "failed") || !strings.Contains(string(src), "expect registered within") {
		t.Errorf("%s", src)
	}
	is("flow1", failed)
	if _, src := recorded(t, log); !strings.Contains(string(src), "expect registration failed with 503") {
		t.Errorf("%s", src)
	}
}

func readLog(t *testing.T) *event.Log {
	file, err := os.Open(filepath.Join("testdata", "demo.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	log, err := event.ReadJSON(file)
	if err != nil {
		t.Fatal(err)
	}
	return log
}

// TestRecordKeepsTheSetUp wants the lab and the phones of a recorded scenario to
// be those that were recorded, whatever was set.
func TestRecordKeepsTheSetUp(t *testing.T) {
	starts := func(log *event.Log) (list []string) {
		for _, r := range log.After(0) {
			switch e := r.Event.(type) {
			case event.Start:
				list = append(list, fmt.Sprintf("%s %+v", r.Phone, e))
			case event.Server:
				if e.What == "listening" {
					list = append(list, fmt.Sprintf("%s %+v", r.Phone, e))
				}
			}
		}
		return list
	}
	for _, head := range []string{
		"use lab",
		"use lab domain=pbx.test",
		"use lab\nuse device desktop",
		"use lab\nuse device ios-voip-socket wake-window=5s grace=1s500ms keepalive-early=0.05 rearm=off",
		"use lab\nuse device ios-voip-socket era=ios4 sound-max=3s",
		"use lab\nuse device ios-voip-socket strict=off keepalive-min=60s\nuse phone alice keepalive=60s",
		"use lab\nuse phone alice auto=busy display=\"Alice in the office\" expires=10m strategy=none",
		"use lab\nuse device ios-voip-socket grace=3s\nuse phone carol auto=echo\nuse phone dave device=desktop display=Dave",
		"use lab push-wait=6s push-delay=2s\nuse device ios-pushkit\nuse phone alice strategy=push report=late invite-wait=5s early-audio=on push-param=T.a.voip",
		"use lab\nuse phone alice strategy=stay-awake stay-awake-by=options",
		"use lab\nuse phone alice mic=none\nuse phone carol mic=none auto=echo",
		"use lab ping-every=1m algorithm=SHA-256 domain=pbx.test",
		"use lab\nuse phone alice fault=\"nat short reset, latency 200ms\"\nuse phone carol fault=\"loss 1%\"",
	} {
		_, log := playFile(t, parse(t, head+"\nregister\nexpect registered"), 1)
		f, src := recorded(t, log)
		r, again := playFile(t, f, 1)
		if r.Verdict() != play.Passed {
			explain(t, r, again)
		}
		if got, want := starts(again), starts(log); !slices.Equal(got, want) {
			t.Errorf("%s\nrecorded as\n%s\n got %q\nwant %q", head, src, got, want)
		}
	}
}

// TestRecordKeepsAWrongPassword wants a phone that never knew the password to be
// as ignorant in the recorded scenario, which does not say what it took for it.
func TestRecordKeepsAWrongPassword(t *testing.T) {
	for head, want := range map[string]bool{
		"use lab\nuse phone alice password=hunter2\nexpect registration failed with 403":                         true,
		"use lab\nuse phone alice password=hunter2\nuse phone carol\nexpect registration failed with 403":        true,
		"use lab\nexpect registered\nlab: password alice hunter3\nregister\nexpect registration failed with 403": false,
	} {
		_, log := playFile(t, parse(t, head), 1)
		f, src := recorded(t, log)
		if got := strings.Contains(string(src), "password=wrong"); got != want || strings.Contains(string(src), "hunter2") {
			t.Errorf("%s\nrecorded as\n%s", head, src)
		}
		if r, again := playFile(t, f, 1); r.Verdict() != play.Passed {
			explain(t, r, again)
		}
	}
}

// TestRecordSaysWhatItCannotKeep has two phones that were set up differently,
// for which the language has no words.
func TestRecordSaysWhatItCannotKeep(t *testing.T) {
	log := new(event.Log)
	log.Append(event.Record{Phone: "alice", Event: event.Start{Profile: "ios-voip-socket", Settings: []string{"grace=3s"}}})
	log.Append(event.Record{Phone: "carol", Event: event.Start{Profile: "ios-voip-socket", Settings: []string{"wake-window=5s"}}})
	_, src := recorded(t, log)
	for _, want := range []string{"\nuse device ios-voip-socket grace=3s\n", "\n# carol cannot be set up as it was: wake-window=5s\n"} {
		if !strings.Contains(string(src), want) {
			t.Errorf("no %q in\n%s", want, src)
		}
	}
}

// TestRecordNotices breaks the lab: a recorded scenario must fail then.
func TestRecordNotices(t *testing.T) {
	_, log := playFile(t, builtin(t, "reachable-asleep"), 1)
	f, _ := recorded(t, log)
	for _, misbehave := range []string{"no-invite", "no-bye", "refuse-register", "no-audio"} {
		if r, _ := playFile(t, f, 1, misbehave); r.Verdict() != play.Failed {
			t.Errorf("%s: %s", misbehave, r.Verdict())
		}
	}
}

// FuzzRecord makes scenarios of what no phone would log.
func FuzzRecord(f *testing.F) {
	for since := range uint64(4 * 16) { // each of the four, since each of its events
		switch seq := since / 4; since % 4 {
		case 0:
			f.Add("alice", "answer from notification", "sip:alice@lab.test", "192.0.2.1:5060", "Bob", seq)
		case 1:
			f.Add("carol", "dtmf #1", "x", "host name", `B"b`, seq)
		case 2:
			f.Add("lab", "bob calls lab", "", "", "$x", seq)
		case 3:
			f.Add("a\nb", "call \x00\" == #", "sip:a b@c#d", "[::1", "\n", seq)
		}
	}
	f.Fuzz(func(t *testing.T, phone, verb, aor, server, name string, since uint64) {
		log := new(event.Log)
		for _, e := range []event.Event{
			event.Start{AOR: aor, Server: server, Profile: name, Strategy: name, Mic: "tone:1", Display: name, Auto: name, Settings: []string{verb, name}, App: []string{verb, name}, Faults: verb},
			event.Server{What: "listening", Settings: []string{verb, name}},
			event.Server{What: "wrong password", Detail: "user " + phone},
			event.Keepalive{Phase: "installed", Timeout: event.Seconds(len(verb))},
			event.Verb{Line: verb},
			event.Error{Op: verb, Err: name},
			event.Call{Phase: "up", Name: name},
			event.Heard{What: "sample", Name: name},
			event.Notification{Phase: "posted", Title: name, Shown: true},
			event.Killed{Code: name},
			event.Frame{What: name},
			event.Verb{Line: verb + " " + name},
		} {
			log.Append(event.Record{Phone: phone, Event: e})
		}
		log.Append(event.Record{Phone: name, Event: event.Verb{Line: verb}})
		log.Append(event.Record{Phone: name, Event: event.Start{}})
		if since %= log.Len() + 2; since == 0 {
			recorded(t, log)
		}
		formatted(t, record.Since(log, since, time.Unix(int64(since), 0)))
	})
}

// TestRecordIsBounded wants a scenario of a sane size, whatever was recorded.
func TestRecordIsBounded(t *testing.T) {
	log := new(event.Log)
	log.Append(event.Record{Phone: "alice", Event: event.Start{}})
	for range 5000 {
		log.Append(event.Record{Phone: "alice", Event: event.Verb{Line: "dtmf " + strings.Repeat("1", 900)}})
	}
	recorded(t, log)
}
