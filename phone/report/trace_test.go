package report

import (
	"encoding/json"
	"io"
	"testing"
)

func TestTrace(t *testing.T) {
	_, log := passing(t)
	var got struct {
		TraceEvents []traceEvent `json:"traceEvents"`
	}
	if err := json.Unmarshal(written(t, func(w io.Writer) error { return Trace(w, log) }), &got); err != nil {
		t.Fatal(err)
	}
	phones, lanes := map[int]string{}, map[[2]int]string{}
	slept := 0.0
	for _, e := range got.TraceEvents {
		switch {
		case e.Phase == "M" && e.Name == "process_name":
			phones[e.PID] = e.Args["name"].(string)
		case e.Phase == "M" && e.Name == "thread_name":
			lanes[[2]int{e.PID, e.TID}] = e.Args["name"].(string)
		case e.Phase == "X" && (e.Dur == nil || *e.Dur < 0):
			t.Errorf("%s lasts %v", e.Name, e.Dur)
		case e.Phase == "X" && e.Name == "suspended" && phones[e.PID] == "alice" && lanes[[2]int{e.PID, e.TID}] == "app":
			slept += *e.Dur / 1e6
		}
	}
	if slept < 551 || slept > 552 {
		t.Errorf("alice slept for %.1f s in the trace, 9:09 and 2 s in the log", slept)
	}
	if phones[3] != "alice" || len(phones) != 3 || len(lanes) != 27 {
		t.Errorf("phones %v, %d lanes", phones, len(lanes))
	}
}
