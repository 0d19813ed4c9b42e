package phone

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/sound"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/keep"
	"github.com/sleeptalk/sleeptalk/phone/report"
	"github.com/sleeptalk/sleeptalk/phone/scenario/record"
)

// A session is what a person does with a phone at its screen, and what is kept
// of that: recordings, which are scenarios, and evidence. It may be used from
// any goroutine.
type session struct {
	log   *event.Log
	name  string       // of the phone
	runs  string       // the folder of the runs
	force bool         // overwrite what is not ours
	file  string       // for the next recording; "": one is chosen
	tapes *sound.Tapes // nil: nobody keeps the audio

	mu    sync.Mutex
	on    bool   // whether it records
	since uint64 // the last record before the recording
	began time.Time
	to    string // the file of this recording; "": none has been chosen
	said  []string
}

// record begins to record, or ends that and writes the scenario.
func (s *session) record() (on bool, words string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.on {
		s.on, s.since, s.began = true, s.log.Len(), time.Now()
		return true, "recording: what you do becomes a scenario; R ends it", nil
	}
	s.on = false
	name := s.target()
	s.to = "" // the next one is another
	if err := s.scenario(name).WriteBytes(record.Since(s.log, s.since, s.began)); err != nil {
		return false, "", err
	}
	return false, s.say("recorded: %s   Play it: sleeptalk run %s", name, name), nil
}

// target is the file of this recording. The lock is held.
func (s *session) target() string {
	if s.to == "" {
		s.to, s.file = cmp.Or(s.file, freeName(time.Now().Format("session-150405"))), ""
	}
	return s.to
}

// soFar writes the recording that is on as far as it goes.
func (s *session) soFar() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.on {
		return nil
	}
	return growing(s.scenario(s.target()), s.log, s.name, s.since, s.began)
}

// freeName is a name for a recording that no file has.
func freeName(base string) string {
	name := base + ".talk"
	for n := 2; ; n++ {
		if _, err := os.Lstat(name); err != nil {
			return name
		}
		name = fmt.Sprintf("%s-%d.talk", base, n)
	}
}

// scenario is the file of a recording.
func (s *session) scenario(name string) keep.File { return scenarioFile(name, s.force) }

func scenarioFile(name string, force bool) keep.File {
	return keep.File{Kind: keep.Scenario, Name: name, By: "--record", Force: force}
}

// save writes the evidence so far. What happens meanwhile is not waited for.
func (s *session) save() (words string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	dir, err := cli.RunFolder(s.runs, s.name)
	if err != nil {
		return "", fmt.Errorf("the evidence could not be saved: %w", err)
	}
	err = report.Session(dir, s.log, s.tapes.Packets())
	if _, tapeErr := s.tapes.Write(dir, s.name); err == nil {
		err = tapeErr
	}
	if err != nil {
		return "", fmt.Errorf("the evidence could not be saved: %w", err)
	}
	return s.say("saved: %s", dir.Path), nil
}

// SavesCalls is what saves the calls of a recording that have one of these Call-IDs, in the
// folder of the runs; of their audio nothing is there.
func SavesCalls(log *event.Log, runs, name string) func(callIDs []string) (words string, err error) {
	return (&session{log: log, runs: runs, name: name}).saveCalls
}

// saveCalls writes some calls into a capture of their own.
func (s *session) saveCalls(callIDs []string) (words string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	dir, err := cli.RunFolder(s.runs, s.name)
	if err == nil {
		err = dir.Open()
	}
	file := dir.File(keep.Capture, "calls.pcapng")
	if err == nil {
		err = file.Write(func(w io.Writer) error { return report.CaptureCalls(w, s.log, s.tapes.Packets(), callIDs) })
	}
	if err != nil {
		return "", fmt.Errorf("the calls could not be saved: %w", err)
	}
	return s.say("saved: %s", file.Name), nil
}

// say keeps a remark for when the screen has closed.
func (s *session) say(format string, args ...any) string {
	words := fmt.Sprintf(format, args...)
	s.said = append(s.said, words)
	return words
}

// end ends a recording that is still on, and writes what was kept where.
func (s *session) end(w io.Writer) error {
	var err error
	if s.recording() {
		_, _, err = s.record()
	}
	s.mu.Lock() // what is being saved is waited for
	defer s.mu.Unlock()
	for _, words := range s.said {
		_, writeErr := fmt.Fprintln(w, words)
		err = errors.Join(err, writeErr)
	}
	return err
}

func (s *session) recording() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.on
}
