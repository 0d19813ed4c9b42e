package lines

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sleeptalk/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/stage"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// newPhone is a phone that is not on.
func newPhone(t *testing.T) *live.Phone {
	t.Helper()
	profile, err := device.Load("ios-voip-socket")
	if err != nil {
		t.Fatal(err)
	}
	ph, err := live.NewPhone("alice", new(event.Log), phone.Config{Profile: profile, Seed: 1, App: app.Config{
		Account:  sip.Config{AOR: "sip:alice@lab.test", Server: "127.0.0.1:1"},
		Strategy: app.VoIPSocket, Rand: rand.New(rand.NewPCG(1, 1)),
	}}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return ph
}

// TestPromptLetsOthersPass types a claim that waits, and then what must not wait
// for it.
func TestPromptLetsOthersPass(t *testing.T) { synctest.Test(t, testPromptLetsOthersPass) }

func testPromptLetsOthersPass(t *testing.T) {
	log := new(event.Log)
	tell := func(e event.Event) { log.Append(event.Record{Wall: time.Now(), Phone: "alice", Event: e}) }
	tell(event.Start{})
	ph := newPhone(t)
	p := &Prompt{beside: func(f func()) { go ph.Guard("prompt", f) }, Running: stage.NewRunning(log, "key", nil), name: "alice", script: scenario.NewScript("prompt", Alone(verb.Of("alice", verb.Phone)))}
	p.player = play.NewPlayer(p)
	began := time.Now()
	for line, want := range map[string]string{
		"wait for registered within 5s": "",
		"# a comment":                   "",
		"hang up":                       `nobody here is called "alice"`, // no phone is on this stage
		"hangupp":                       "did you mean hang up?",
		"bob calls alice":               `nobody here is called "bob"; bob is told where it runs`,
	} {
		if err := p.Do(t.Context(), line); want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %q", line, err, want)
		}
	}
	if took := time.Since(began); took != 0 {
		t.Errorf("the lines took %s: one waited for the claim", took)
	}
	time.Sleep(2 * time.Second)
	tell(event.Registration{Phase: "active"})
	synctest.Wait()
	records := log.After(0)
	check, ok := records[len(records)-1].Event.(event.Check)
	if !ok || !check.OK || check.Name != "wait for registered within 5s" {
		t.Errorf("the last that is in the log is %+v", records[len(records)-1].Event)
	}
}

// TestPromptSaysWhatCannotBePlayed: a claim about a variable that nothing has set
// leaves an error in the log.
func TestPromptSaysWhatCannotBePlayed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := new(event.Log)
		log.Append(event.Record{Wall: time.Now(), Phone: "alice", Event: event.Start{}})
		ph := newPhone(t)
		p := &Prompt{beside: func(f func()) { go ph.Guard("prompt", f) }, Running: stage.NewRunning(log, "key", nil), name: "alice", script: scenario.NewScript("prompt", Alone(verb.Of("alice", verb.Phone)))}
		p.player = play.NewPlayer(p)
		if err := p.Do(t.Context(), "expect call up as $who within 1s"); err != nil {
			t.Fatal(err)
		}
		if err := p.Do(t.Context(), "expect call up from $who within 1s"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		for _, r := range log.After(0) {
			if e, ok := r.Event.(event.Error); ok && strings.Contains(e.Op, "$who") {
				return
			}
		}
		t.Error("nothing says that the line could not be played")
	})
}

// TestPromptPanics: a bug in a line that waits ends the phone, as one in the phone
// itself does, so that the screen closes and the bug is reported.
func TestPromptPanics(t *testing.T) {
	ph := newPhone(t)
	off := make(chan error, 1)
	go func() { off <- ph.Run(t.Context()) }()
	p := NewPrompt(ph, "alice", nil)
	p.player = nil
	if err := p.Do(t.Context(), "wait for call up within 1s"); err != nil {
		t.Error(err)
	}
	if bug, ok := errors.AsType[*live.PanicError](<-off); !ok || bug.Where != "prompt" {
		t.Errorf("the phone has ended with %v", bug)
	}
}
