package report

import (
	"encoding/json"
	"io"
	"strconv"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A traceEvent is an event of the Trace Event Format, which Perfetto and
// chrome://tracing open. Times are in microseconds.
type traceEvent struct {
	Name  string         `json:"name"`
	Phase string         `json:"ph"`
	Time  float64        `json:"ts"`
	Dur   *float64       `json:"dur,omitempty"`
	PID   int            `json:"pid"`
	TID   int            `json:"tid"`
	Scope string         `json:"s,omitempty"`
	Cat   string         `json:"cat,omitempty"`
	Args  map[string]any `json:"args,omitempty"`
}

// Trace writes a log in Chrome's Trace Event Format: a phone is a process, a
// lane a thread, the sound levels are counters. The times are those of each
// phone's own clock.
func Trace(w io.Writer, log *event.Log) error {
	records := log.After(0)
	tr := new(tracer)
	for _, phone := range phonesOf(records) {
		tr.phone(newTape(records, phone))
	}
	return json.NewEncoder(w).Encode(map[string]any{
		"displayTimeUnit": "ms", "traceEvents": tr.events,
		"otherData": map[string]any{"clock": "device time of each phone", "program": "sleeptalk"},
	})
}

// phonesOf are the names in a log, in the order in which they appear.
func phonesOf(records []event.Record) (names []string) {
	seen := make(map[string]bool)
	for _, r := range records {
		if !seen[r.Phone] {
			seen[r.Phone] = true
			names = append(names, r.Phone)
		}
	}
	return names
}

// A tracer collects the events; pid and tid are the phone and the lane that
// are being written.
type tracer struct {
	events   []traceEvent
	pid, tid int
}

func (tr *tracer) phone(t *tape) {
	tr.pid++
	tr.tid = 0
	tr.meta("process_name", t.phone)
	tr.lane("app", t.app, nil)
	tr.lane("wake", nil, t.wakes)
	tr.lane("notify", t.cards, t.posts)
	tr.lane("socket", t.socket, t.wire)
	tr.lane("reg", t.bound, t.bounds)
	tr.lane("call", t.call, nil)
	tr.lane("audio", t.audio, nil)
	tr.lane("verbs", nil, t.hands)
	tr.lane("faults", nil, t.faults)
	for _, l := range t.levels {
		tr.add(traceEvent{Name: "dBFS", Phase: "C", Time: micros(l.at), Args: map[string]any{"mic": l.mic, "ear": l.ear}})
	}
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

func (tr *tracer) add(e traceEvent) {
	e.PID, e.TID = tr.pid, tr.tid
	tr.events = append(tr.events, e)
}

func (tr *tracer) meta(what, name string) {
	tr.add(traceEvent{Name: what, Phase: "M", Args: map[string]any{"name": name}})
}

// lane writes a thread: spans as complete events, marks as instants.
func (tr *tracer) lane(name string, spans []span, marks []mark) {
	tr.tid++
	tr.meta("thread_name", name)
	tr.add(traceEvent{Name: "thread_sort_index", Phase: "M", Args: map[string]any{"sort_index": tr.tid}})
	for _, s := range spans {
		length := micros(s.length())
		tr.add(traceEvent{Name: named(name, s.kind, s.label), Phase: "X", Cat: name, Time: micros(s.from), Dur: &length, Args: argsOf(s.kind, s.label)})
	}
	for _, m := range marks {
		tr.add(traceEvent{Name: named(name, m.kind, m.label), Phase: "i", Scope: "t", Cat: name, Time: micros(m.at), Args: argsOf(m.kind, m.label)})
	}
}

// named is the name of an event in Perfetto.
func named(lane, kind, label string) string {
	switch lane {
	case "wake", "verbs", "socket", "faults":
		if label != "" {
			return label
		}
	}
	if kind == "" {
		return lane + " " + strconv.Quote(label)
	}
	return kind
}

func argsOf(kind, label string) map[string]any {
	args := map[string]any{"kind": kind}
	if label != "" {
		args["label"] = label
	}
	return args
}
