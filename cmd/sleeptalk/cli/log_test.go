package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// fillLog writes more than a log keeps in memory.
func fillLog(log *event.Log) {
	for range 8 {
		log.Append(event.Record{Phone: "alice", Event: event.Message{Method: "OPTIONS", Raw: strings.Repeat("x", 1<<20)}})
	}
}

// A log's file has no name, so that nothing is left when the process is killed;
// and a short log has no file.
func TestNewLogLeavesNothing(t *testing.T) {
	state := t.TempDir()
	p := &Program{Env: func(key string) string { return map[string]string{"XDG_STATE_HOME": state}[key] }}
	log := p.NewLog()
	log.Append(event.Record{Event: event.Lock{}})
	if entries, _ := os.ReadDir(state); len(entries) > 0 {
		t.Errorf("a short log has made %v", entries)
	}
	fillLog(log)
	entries, err := os.ReadDir(filepath.Join(state, "sleeptalk"))
	if err != nil || len(entries) > 0 {
		t.Errorf("in the state directory: %v, %v", entries, err)
	}
	if n := len(log.After(0)); n != 9 || log.Lost() > 0 {
		t.Errorf("%d records, %d are lost", n, log.Lost())
	}
}

// Where the state directory cannot be written to there is that for temporary
// files; and where that cannot either, the log says that it is in memory.
func TestNewLogWithoutADisk(t *testing.T) {
	none := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(none, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	p := &Program{Env: func(key string) string { return map[string]string{"XDG_STATE_HOME": none}[key] }}
	for _, c := range []struct {
		temporary string
		said      bool
	}{{t.TempDir(), false}, {none, true}} {
		for _, key := range []string{"TMPDIR", "TMP", "TEMP"} {
			t.Setenv(key, c.temporary)
		}
		log := p.NewLog()
		fillLog(log)
		said := ""
		for r := range log.From(0) {
			if w, ok := r.Event.(event.Warning); ok {
				said += w.Note
			}
		}
		if (said != "") != c.said || c.said && strings.Count(said, none) < 2 {
			t.Errorf("it said %q", said)
		}
	}
}
