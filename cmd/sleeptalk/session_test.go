package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/phone/stage"
)

// TestRecordedSession presses R in the middle of what somebody does, and again
// at its end, and runs the scenario that was written.
func TestRecordedSession(t *testing.T) {
	wake := builtinScript("reachable-asleep")
	if _, err := (&program{}).checkScripts([]*script{wake}, &runOptions{}); err != nil {
		t.Fatal(err)
	}
	world, err := stage.New(stage.Config{Casting: stage.Casting{File: wake.file}, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	s := &session{log: world.Log(), name: "alice", runs: filepath.Join(dir, "runs"), file: filepath.Join(dir, "mine.talk")}
	play.Run(t.Context(), wake.file, world, play.Options{Before: func(_ context.Context, st scenario.Step) {
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
	var out strings.Builder
	p := &program{args: []string{"run", filepath.Join(dir, "mine.talk")}, in: strings.NewReader(""), out: &out, err: &out, env: func(string) string { return "" }}
	if code := p.guarded(t.Context(), p.run); code != 0 {
		src, _ := os.ReadFile(filepath.Join(dir, "mine.talk"))
		t.Errorf("exit code %d\n%s\n%s", code, &out, src)
	}
}

// TestSavedSession saves the evidence twice while the phone talks: a sound
// that goes on being written is as long as it was then.
func TestSavedSession(t *testing.T) {
	log, dir := new(event.Log), t.TempDir()
	log.Append(event.Record{Phone: "alice", Event: event.Start{AOR: "sip:alice@lab.test"}})
	s := &session{log: log, name: "alice", runs: dir, tapes: new(tapes)}
	talked := make(chan struct{})
	go func() {
		defer close(talked)
		for range 2000 {
			s.tapes.sent.Write(make([]int16, 160))
			log.Append(event.Record{Phone: "alice", Event: event.Levels{}})
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
