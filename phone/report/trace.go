package report

import (
	"bytes"
	"io"
	"strconv"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/clean"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
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
	tr := &tracer{w: w}
	tr.write([]byte(traceHead))
	for _, phone := range phonesOf(log) {
		tr.phone(picture.Of(log.From(0), phone))
	}
	tr.write([]byte(traceTail))
	return tr.err
}

// The file before and after the events.
const (
	traceHead = `{"displayTimeUnit":"ms","otherData":{"clock":"device time of each phone","program":"sleeptalk"},"traceEvents":[`
	traceTail = "]}\n"
)

// phonesOf returns the names in a log, in the order in which they appear.
func phonesOf(log *event.Log) (names []string) {
	seen := make(map[string]bool)
	for r := range log.From(0) {
		if !seen[r.Phone] {
			seen[r.Phone] = true
			names = append(names, r.Phone)
		}
	}
	return names
}

// A tracer writes the events; pid and tid are the phone and the lane that are
// being written.
type tracer struct {
	w        io.Writer
	err      error
	n        int // events so far
	pid, tid int
	on       string // the lane's name
}

func (tr *tracer) phone(t *picture.Timeline) {
	tr.pid++
	tr.tid = 0
	tr.meta("process_name", t.Phone)
	tr.lane("app")
	traceRuns(tr, t.App)
	if len(t.Idle.Runs) > 0 {
		tr.lane("idle")
		traceRuns(tr, t.Idle)
	}
	tr.lane("wake")
	for _, w := range t.Wakes {
		tr.instant(w.At, w.Letter, w.Label)
	}
	tr.lane("notify")
	traceRuns(tr, t.Cards)
	tracePins(tr, t.Posts)
	tracePins(tr, t.Pushes)
	tr.lane("socket")
	traceRuns(tr, t.Socket)
	tracePins(tr, t.Wire)
	tr.lane("reg")
	traceRuns(tr, t.Bound)
	tracePins(tr, t.Bindings)
	tr.lane("call")
	traceRuns(tr, t.Call)
	tr.lane("audio")
	traceRuns(tr, t.Audio)
	if len(t.Joined.Runs)+len(t.Broken.Runs) > 0 {
		tr.lane("network")
		traceRuns(tr, t.Joined)
		traceRuns(tr, t.Broken)
	}
	if len(t.Cut.Runs)+len(t.Lost) > 0 {
		tr.lane("unreachable")
		traceRuns(tr, t.Cut)
		for _, l := range t.Lost {
			tr.instant(l.At, string(l.Kind), l.Label)
		}
	}
	tr.lane("verbs")
	tracePins(tr, t.Verbs)
	tr.lane("faults")
	tracePins(tr, t.Faults)
	for _, c := range t.Sound {
		tr.add(traceEvent{Name: "dBFS", Phase: "C", Time: micros(c.At), Args: map[string]any{"mic": c.Mic, "ear": c.Ear}})
	}
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

func (tr *tracer) add(e traceEvent) {
	e.PID, e.TID = tr.pid, tr.tid
	var line bytes.Buffer
	if tr.n++; tr.n > 1 {
		line.WriteByte(',')
	}
	if err := clean.WriteJSON(&line, e, ""); err != nil && tr.err == nil {
		tr.err = err
	}
	tr.write(bytes.TrimSuffix(line.Bytes(), []byte{'\n'}))
}

func (tr *tracer) write(b []byte) {
	if tr.err == nil {
		_, tr.err = tr.w.Write(b)
	}
}

func (tr *tracer) meta(what, name string) {
	tr.add(traceEvent{Name: what, Phase: "M", Args: map[string]any{"name": name}})
}

// lane begins a thread.
func (tr *tracer) lane(name string) {
	tr.tid++
	tr.on = name
	tr.meta("thread_name", name)
	tr.add(traceEvent{Name: "thread_sort_index", Phase: "M", Args: map[string]any{"sort_index": tr.tid}})
}

// traceRuns writes the runs of a lane as complete events.
func traceRuns[S ~string](tr *tracer, l picture.Lane[S]) {
	for _, r := range l.Runs {
		length := micros(r.Length())
		tr.add(traceEvent{Name: named(tr.on, string(r.State), r.Label), Phase: "X", Cat: tr.on, Time: micros(r.From), Dur: &length, Args: argsOf(string(r.State), r.Label)})
	}
}

// tracePins writes pins as instants.
func tracePins[K ~string](tr *tracer, pins []picture.Pin[K]) {
	for _, p := range pins {
		tr.instant(p.At, string(p.Kind), p.Label)
	}
}

func (tr *tracer) instant(at time.Duration, kind, label string) {
	tr.add(traceEvent{Name: named(tr.on, kind, label), Phase: "i", Scope: "t", Cat: tr.on, Time: micros(at), Args: argsOf(kind, label)})
}

// named returns the name of an event in Perfetto.
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
