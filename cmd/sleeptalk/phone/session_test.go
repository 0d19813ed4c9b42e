package phone

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/script"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/sound"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/phone/stage"
)

// TestRecordedSession presses R in the middle of what somebody does, and again
// at its end, and runs the scenario that was written.
func TestRecordedSession(t *testing.T) {
	_, wake, err := script.OfProgram("reachable-asleep").Parse()
	if err != nil {
		t.Fatal(err)
	}
	world := worldOf(t, wake)
	dir := t.TempDir()
	s := &session{log: world.Log(), name: "alice", runs: filepath.Join(dir, "runs"), file: filepath.Join(dir, "mine.talk")}
	play.Run(t.Context(), wake, world, play.Options{Before: func(_ context.Context, st scenario.Step) {
		if st.Text == "bob: call alice" {
			if on, _, err := s.record(); !on || err != nil {
				t.Errorf("on %v, %v", on, err)
			}
		}
	}})
	var said strings.Builder
	if err := s.end(&said); err != nil || !strings.Contains(said.String(), "sleeptalk run "+dir) {
		t.Errorf("%q, %v", &said, err)
	}
	src, err := os.ReadFile(filepath.Join(dir, "mine.talk"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := scenario.ParseFile("mine.talk", src, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, src)
	}
	if r := play.Run(t.Context(), again, worldOf(t, again), play.Options{World: true, Seed: 1}); r.Verdict() != play.Passed || len(r.Cases) == 0 {
		t.Errorf("%+v\n%s", r.Cases, src)
	}
}

// worldOf is a stage in virtual time for a scenario.
func worldOf(t *testing.T, f *scenario.File) *stage.World {
	t.Helper()
	w, err := stage.New(stage.Config{Casting: stage.Casting{File: f}, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestSavedSession saves the evidence twice while the phone talks: a sound
// that goes on being written is as long as it was then.
func TestSavedSession(t *testing.T) {
	log, dir := new(event.Log), t.TempDir()
	log.Append(event.Record{Phone: "alice", Event: event.Start{AOR: "sip:alice@lab.test"}})
	s := &session{log: log, name: "alice", runs: dir, tapes: new(sound.Tapes)}
	talked := make(chan struct{})
	go func() {
		defer close(talked)
		for range 2000 {
			s.tapes.Sent.Write(pcm.Rate, make([]int16, 160))
			log.Append(event.Record{Phone: "alice", Event: event.Audio{}})
		}
	}()
	for range 2 {
		words, err := s.save()
		if err != nil || !strings.HasPrefix(words, "saved: "+dir) {
			t.Errorf("%q, %v", words, err)
		}
	}
	<-talked
	saved, err := filepath.Glob(filepath.Join(dir, "alice-*", "events.jsonl"))
	if err != nil || len(saved) == 0 {
		t.Errorf("%v, %v", saved, err)
	}
	s.runs = filepath.Join(saved[0], "below a file")
	if _, err := s.save(); err == nil {
		t.Error("saved where nothing can be")
	}
}

// TestSavesCalls: the calls of a recording are saved without a phone.
func TestSavesCalls(t *testing.T) {
	runs, log := t.TempDir(), new(event.Log)
	log.Append(event.Record{Phone: "alice", Wall: time.Now(), Event: event.Start{AOR: "sip:alice@b"}})
	log.Append(event.Record{Phone: "alice", Wall: time.Now(), Event: event.Socket{Name: "control", Phase: event.SocketOpen, Local: "10.0.0.2:5062", Remote: "10.0.0.1:5060"}})
	log.Append(event.Record{Phone: "alice", Wall: time.Now(), Event: event.Message{Out: true, Method: "INVITE", CallID: "a", Raw: "INVITE sip:bob@b SIP/2.0\r\n\r\n", Bytes: 28}})
	words, err := SavesCalls(log, runs, "a run")([]string{"a"})
	if err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(strings.TrimPrefix(words, "saved: ")); err != nil || !strings.Contains(string(data), "INVITE sip:bob@b") {
		t.Errorf("%s: %v", words, err)
	}
}
