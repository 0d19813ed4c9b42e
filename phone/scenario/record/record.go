// Package record writes what somebody did with a phone as a scenario.
package record

import (
	"strings"
	"time"
	"unicode"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
)

// maxRecorded bounds the steps of a recorded scenario, so that it stays well
// below maxLines and maxSource, whatever the recording is.
const maxRecorded = 1000

// Record turns what somebody did with a phone into a scenario: the verbs in
// their order, what they brought about as expectations, and a wait where the
// person took their time. It is formatted and can be parsed, whatever log is.
//
// Only what comes again at every run is expected, and with time to spare: see
// [within]. The phone is that of the first start in the log; it is called
// [DefaultPhone] in the scenario, as the phone under test always is.
func Record(log *event.Log) []byte { return Since(log, 0, time.Time{}) }

// Since is [Record] of what came after the record numbered seq, beginning
// at a moment of the wall's clock; if that is zero, with the record. Before it
// stands what brings a fresh phone to where this one was: see
// [recorder.arrive].
func Since(log *event.Log, seq uint64, at time.Time) []byte {
	r := newRecorder(log)
	seq = min(seq, log.Len())
	way := ""
	if seq > 0 {
		way = r.arrive(log, seq, at)
	}
	for rec := range log.From(seq) {
		if r.steps > maxRecorded {
			break
		}
		r.take(rec)
	}
	return []byte(strings.TrimSpace(r.head+way+"\n== as recorded\n"+strings.Join(r.lines, "\n")) + "\n")
}

// A recorder writes one scenario.
type recorder struct {
	phone    string      // whose events matter
	fold     *event.Fold // its state before the record that is taken
	before   *event.Fold // its state at the last step
	refusals map[uint64]string
	lab      bool   // the server was the lab
	head     string // what stands above the steps
	uses     string // its statements
	lines    []string
	steps    int

	now     time.Duration // the phone's clock at the record that is taken
	last    time.Duration // when the last step was
	verb    string        // the phone's last
	missed  bool          // what was done last is not here, and what came of it neither
	said    map[string]bool
	heard   map[string]bool // in this call
	handset map[string]bool // who is a phone, not a robot
	owners  owners
	midway  bool          // it begins in the middle of the log
	began   time.Duration // where, then
	acted   bool          // somebody has done something since
}

func newRecorder(log *event.Log) *recorder {
	r := &recorder{phone: scenario.DefaultPhone, said: map[string]bool{}, heard: map[string]bool{}, handset: map[string]bool{}}
	_, r.lab = firstOf(log, scenario.LabActor)
	phones := sets(log)
	r.owners = ownersOf(phones)
	var aor string
	if len(phones) > 0 {
		r.phone, aor = phones[0].name, phones[0].start.AOR
		r.handset[r.phone] = true
	}
	r.fold = event.NewFold(r.phone)
	if first, ok := firstOf(log, r.phone); ok {
		r.fold.Begin(first)
	}
	r.before = r.fold.Clone()
	r.refusals = refusals(log)
	r.useAll(phones, log)
	r.head = "# Recorded from what a person did, as " + strings.TrimSpace(event.Printable(r.phone+" "+aor)) + ".\n" + r.uses
	return r
}

// firstOf is somebody's first record.
func firstOf(log *event.Log, who string) (first event.Record, ok bool) {
	for rec := range log.From(0) {
		if rec.Phone == who {
			return rec, true
		}
	}
	return first, false
}

// refusals finds the verbs that were refused, and why: the error that names
// the verb comes before the next verb of the same phone.
func refusals(log *event.Log) map[uint64]string {
	found := map[uint64]string{}
	open := map[string]event.Record{}
	for rec := range log.From(0) {
		switch e := rec.Event.(type) {
		case event.Verb:
			open[rec.Phone] = rec
		case event.Error:
			verb, ok := open[rec.Phone].Event.(event.Verb)
			if ok && strings.EqualFold(verb.Line, strings.Join(strings.Fields(e.Op), " ")) {
				found[open[rec.Phone].Seq] = e.Err
			}
		}
	}
	return found
}

// take takes in the next record.
func (r *recorder) take(rec event.Record) {
	// Others know nothing of a changed pace, so what they log has its time by
	// the wall.
	if r.now = r.fold.Now(rec.Wall); rec.Phone == r.phone {
		r.now = rec.Device
	}
	steps := r.steps
	switch e := rec.Event.(type) {
	case event.Verb:
		r.did(rec, e)
	default:
		if !r.lab && r.calledUp(rec) {
			r.add("# Somebody has to call here.")
		}
		for _, fact := range r.facts(rec) {
			if !r.missed {
				r.expect(rec.Phone, fact)
			}
		}
	}
	r.fold.Apply(rec)
	if r.steps > steps {
		r.before = r.fold.Clone()
	}
}

// did writes a verb down, and the wait before it.
func (r *recorder) did(rec event.Record, e event.Verb) {
	words, ours := r.owners.ofOneFlow(rec.Phone, e.Line)
	r.missed = !ours
	line := event.Printable(r.action(rec.Phone, words))
	switch why, refused := r.refusals[rec.Seq]; {
	case line == "quit":
		return
	case !ours:
		r.add("# of a flow that is not here: " + event.Printable(e.Line))
		return
	case refused:
		r.add("# refused: " + line + ": " + event.Printable(why))
		return
	case fitting(r.uses, line, "") == "":
		r.add("# cannot be played: " + line)
		return
	}
	if rec.Phone == r.phone {
		r.verb = line
	}
	wait := pause(r.now - r.last)
	if len(r.lines) > 0 {
		r.add("")
	}
	if wait > 0 && wait <= scenario.MaxDuration {
		r.add("wait " + short(wait))
	}
	r.add(line)
	clear(r.said)
	r.last, r.acted = r.now, true
}

// action is a verb as a line of the language.
func (r *recorder) action(who string, words []string) string {
	if len(words) > 2 && words[0] == "speak" && words[1] == "file" {
		words = append([]string{"speak"}, words[2:]...)
	}
	for i, w := range words {
		if r.phone != scenario.DefaultPhone && w == r.phone && !r.handset[who] {
			w = scenario.DefaultPhone
		}
		words[i] = word(w)
	}
	line := strings.Join(words, " ")
	switch {
	case who == r.phone:
		return line
	case r.handset[who]:
		return who + ": " + line
	case len(words) == 3 && words[1] == "calls":
		return words[0] + ": call " + words[2]
	case len(words) > 3 && words[1] == "texts":
		return words[0] + ": text " + words[2] + " " + word(strings.Join(words[3:], " "))
	case len(words) == 3 && words[1] == "hangs":
		return words[0] + ": hang up"
	}
	return scenario.LabActor + ": " + line
}

// expect writes down that something came. What was expected before since the
// last verb is expected "again", and so is a state that the phone was in
// already at the last step: it would be fulfilled before anything happens.
func (r *recorder) expect(who string, f fact) {
	line := r.expectation(who, f.String())
	f.again = r.said[line] || who == r.phone && r.held(f)
	r.said[line] = true
	line = r.expectation(who, f.String()) + " within " + short(within(max(r.now-r.last, r.least(f.what))))
	if fitting(r.uses, line, "") == "" {
		return
	}
	r.add(line)
	r.last = r.now
}

// held reports whether an expectation was fulfilled by the phone's state
// already at the last step.
func (r *recorder) held(f fact) bool {
	e, err := scenario.Parse(f.what)
	if err != nil || !e.Condition() {
		return false
	}
	holds, known := e.As(f.account).Holds(r.before)
	return holds && known
}

func (r *recorder) expectation(who, what string) string {
	if who != r.phone {
		return who + ": expect " + what
	}
	return "expect " + what
}

func (r *recorder) add(line string) {
	switch r.steps++; {
	case r.steps < maxRecorded:
		r.lines = append(r.lines, strings.TrimSpace(line))
	case r.steps == maxRecorded:
		r.lines = append(r.lines, "# The recording goes on; this is as much as a scenario should have.")
	}
}

// pause is a wait as a person would write it, and never shorter than it was: what had
// happened before a verb has happened before it again. Less than a millisecond is none.
func pause(d time.Duration) time.Duration {
	unit := time.Millisecond
	switch {
	case d < time.Millisecond:
		return 0
	case d > time.Minute:
		unit = time.Second
	case d > time.Second:
		unit = 100 * time.Millisecond
	}
	return (d + unit - 1) / unit * unit
}

// within is how long to wait for what took so long: at least twice that and a
// second, as machines and networks are busy at times, and a round number.
func within(took time.Duration) time.Duration {
	d := min(max(2*took, time.Second), scenario.MaxDuration)
	for _, unit := range []time.Duration{time.Second, 5 * time.Second, time.Minute} {
		if up := (d + unit - 1) / unit * unit; up <= 12*unit {
			return up
		}
	}
	return min((d + 10*time.Minute - 1).Truncate(10*time.Minute), scenario.MaxDuration)
}

// short is a duration without its zeros: "20m", not "20m0s".
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// word is a word as it is written: quoted where it would end, or begin a
// comment.
func word(s string) string {
	if s == "" || strings.HasPrefix(s, "#") || strings.ContainsFunc(s, unicode.IsSpace) {
		return `"` + s + `"`
	}
	return s
}
