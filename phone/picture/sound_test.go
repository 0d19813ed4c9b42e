package picture_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

const cell = 200 * time.Millisecond

// kinds are cells by a letter: a good one, one with a packet that is late, one with a lost
// one, one in which nothing came though it had to, and one in which nothing had to.
var kinds = map[rune]event.AudioCell{
	'.': {Mic: -20, Ear: -20, Sent: 10, Due: 10, Came: 10},
	'l': {Mic: -20, Ear: -20, Sent: 10, Due: 10, Came: 10, Late: 1},
	'x': {Mic: -20, Ear: -20, Sent: 10, Due: 10, Came: 9, Lost: 1},
	'o': {Mic: -20, Ear: -96, Sent: 10, Due: 10},
	'-': {Mic: -20, Ear: -96},
	'r': {Mic: -20, Ear: -20, Unsent: 10, Due: 10, Came: 10},
}

// A tape tells a timeline of cells, a second at a time, and of reports.
type tape struct {
	line picture.Timeline
	fold *event.Fold
	at   time.Duration
	seq  uint64
}

func newTape() *tape {
	return &tape{fold: &event.Fold{Phone: "alice", Started: true}}
}

func (t *tape) tell(e event.Event) {
	t.seq++
	r := event.Record{Seq: t.seq, Phone: "alice", Device: t.at, Event: e}
	t.fold.Apply(r)
	t.line.Apply(r, t.fold)
}

// sounds has so many at a time told, of a call.
func (t *tape) sounds(call int, letters string, at int) {
	var cells []event.AudioCell
	for _, letter := range letters {
		t.at += cell
		if cells = append(cells, kinds[letter]); len(cells) == at {
			t.tell(event.NewAudio(call, cell, 0, cells))
			cells = nil
		}
	}
	if len(cells) > 0 {
		t.tell(event.NewAudio(call, cell, 0, cells))
	}
}

// fates are those of a call, by the signs.
func (t *tape) fates(call int, of func(picture.SoundCell) picture.Fate) string {
	cells, _ := t.line.SoundOf(call, 0, t.at+1, t.seq)
	return fates(cells, of)
}

func fates(cells []picture.SoundCell, of func(picture.SoundCell) picture.Fate) string {
	var b strings.Builder
	for _, c := range cells {
		b.WriteString(picture.FateSign(of(c)).Glyph())
	}
	return b.String()
}

func in(c picture.SoundCell) picture.Fate  { return c.In }
func out(c picture.SoundCell) picture.Fate { return c.Out }

// TestInwardFates: nothing that did not come is shown as come, and nothing as lost that may
// still come, or did.
func TestInwardFates(t *testing.T) {
	for letters, want := range map[string]string{
		".....":               "·····",
		"..l.x.":              "··»·╳·",
		"--..--":              "  ··  ",
		"..oo":                "··»»",         // nobody knows yet
		"..oo..":              "··»»··",       // it came later
		"..ool.":              "··»»»·",       // too late
		"..oox.":              "··╳╳╳·",       // a packet after them tells
		"..ooooooooo":         "··»»»»»»»»»",  // 1.8 s
		"..oooooooooo":        "··╳╳╳╳╳╳╳╳╳╳", // 2 s: the direction is dead
		"..oooooooooooooo":    "··╳╳╳╳╳╳╳╳╳╳╳╳╳╳",
		"..ooooooooooooo..":   "··╳╳╳╳╳╳╳╳╳╳╳╳╳··",
		"..oooooooooooo..oo.": "··╳╳╳╳╳╳╳╳╳╳╳╳··»»·",
		"oo--ooooooooooo":     "»»  ╳╳╳╳╳╳╳╳╳╳╳",
	} {
		for _, at := range []int{1, 2, 5, 50} {
			tape := newTape()
			tape.sounds(1, letters, at)
			if got := tape.fates(1, in); got != want {
				t.Errorf("%s, told %d at a time: %s, want %s", letters, at, got, want)
			}
		}
	}
}

// TestCellsOfLateRecords: live, a record is written a moment after its time.
func TestCellsOfLateRecords(t *testing.T) {
	tape := newTape()
	for i := range 12 {
		late := time.Duration(i*37%80) * time.Millisecond
		tape.at += late
		tape.sounds(1, "o", 1)
		tape.at -= late
	}
	if got := tape.fates(1, in); got != strings.Repeat("╳", 12) {
		t.Errorf("%s", got)
	}
	tape.at += cell
	tape.sounds(1, "o", 1)
	if got := tape.fates(1, in); !strings.HasSuffix(got, "╳»") {
		t.Errorf("after a time in which nobody looked: %s", got)
	}
}

// TestFatesOfTwoCalls: what comes in one call says nothing of another.
func TestFatesOfTwoCalls(t *testing.T) {
	tape := newTape()
	for range 20 {
		tape.sounds(1, "o", 1)
		tape.at -= cell
		tape.sounds(2, ".", 1)
	}
	if got, other := tape.fates(1, in), tape.fates(2, in); got != strings.Repeat("╳", 20) || other != strings.Repeat("·", 20) {
		t.Errorf("%s and %s", got, other)
	}
	if _, p := tape.line.SoundOf(1, 0, tape.at, tape.seq); p != (picture.Passed{Due: 200, Lost: 200}) {
		t.Errorf("of the dead one: %+v", p)
	}
	if _, p := tape.line.SoundOf(2, 0, tape.at, tape.seq); p != (picture.Passed{Due: 200}) {
		t.Errorf("of the other: %+v", p)
	}
}

// TestOutwardFates: of what we send, only the far end's reports say what became of it, and of
// what was sent since the last one nobody knows.
func TestOutwardFates(t *testing.T) {
	tape := newTape()
	report := func(of, lost uint64, dead time.Duration) {
		tape.tell(event.RTP{Call: 1, FarOf: of, FarLost: lost, RTT: event.Millis(cell), DeadOut: event.Seconds(dead)})
	}
	is := func(want string) {
		t.Helper()
		if got := tape.fates(1, out); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	report(0, 0, 0)
	tape.sounds(1, ".....", 5)
	is("-----")
	report(50, 0, 0)
	is("····-") // the last was sent within a round trip
	tape.sounds(1, "..r-.", 5)
	is("····---╳ -")
	report(50, 0, 0) // no new one
	is("····---╳ -")
	report(80, 3, 0)
	is("····~~~╳ -")
	tape.sounds(1, "...", 3)
	report(110, 33, 3*time.Second)
	is("····~~~╳ ╳╳╳-")
	tape.at -= 3 * cell // cells may be told of later than what they were reported in
	tape.sounds(1, "...", 3)
	if got := tape.fates(1, out); !strings.HasSuffix(got, "╳╳-") {
		t.Errorf("told later: %s", got)
	}
}

// TestFatesAsOf: what was told later was not known before.
func TestFatesAsOf(t *testing.T) {
	tape := newTape()
	var was []string
	both := func(at time.Duration, seq uint64) string {
		cells, p := tape.line.SoundOf(1, 0, at+1, seq)
		return fmt.Sprint(fates(cells, in), fates(cells, out), p)
	}
	for i, letters := range []string{"..", "oo", ".x", "oooooooooo", "oo", ".."} {
		tape.sounds(1, letters, 2)
		tape.tell(event.RTP{Call: 1, FarOf: uint64(10 * i), FarLost: uint64(i / 3)})
		for len(was) <= int(tape.seq) {
			was = append(was, "")
		}
		was[tape.seq] = fmt.Sprint(tape.at, both(tape.at, tape.seq))
	}
	for seq, want := range was {
		if at, _, _ := strings.Cut(want, "s"); want != "" {
			d, _ := time.ParseDuration(at + "s")
			if got := fmt.Sprint(d, both(d, uint64(seq))); got != want {
				t.Errorf("at record %d: %s, was %s", seq, got, want)
			}
		}
	}
}

// TestLoud: a column is as loud as its loudest cell; one in which nothing came for most of the
// time is not loud but dead.
func TestLoud(t *testing.T) {
	for letters, want := range map[string]picture.Loudness{
		".....":      {Mic: -20, Ear: -20, Talked: true, Listened: true},
		"-----":      {Mic: -20, Ear: -96},
		".x.x.":      {Mic: -20, Ear: -20, Talked: true, Listened: true},
		"oooooooooo": {Mic: -20, Ear: -96, InGone: true, Talked: true, Listened: true},
		"rrr":        {Mic: -20, Ear: -20, OutGone: true, Talked: true, Listened: true},
	} {
		tape := newTape()
		tape.sounds(1, letters, 5)
		if got, ok := tape.line.Loud(0, tape.at); !ok || got != want {
			t.Errorf("%s: %+v %t, want %+v", letters, got, ok, want)
		}
	}
	if _, ok := new(picture.Timeline).Loud(0, time.Hour); ok {
		t.Error("there is sound where there is none")
	}
}

// TestDeadRuns: from when to when nothing got through.
func TestDeadRuns(t *testing.T) {
	tape := newTape()
	tape.sounds(1, ".."+strings.Repeat("o", 12)+"x..rr...", 5)
	if got := tape.line.DeadIn(0, tape.at); len(got) != 1 || got[0].From != 2*cell || got[0].To != 14*cell {
		t.Errorf("in: %+v", got)
	}
	if got := tape.line.DeadOut(0, tape.at); len(got) != 1 || got[0].From != 17*cell || got[0].To != 19*cell {
		t.Errorf("out: %+v", got)
	}
	if got := tape.line.DeadIn(15*cell, tape.at); len(got) != 0 {
		t.Errorf("later: %+v", got)
	}
}

// TestHostileCells: what a file of somebody else's says is bounded.
func TestHostileCells(t *testing.T) {
	tape := newTape()
	tape.at = time.Second
	long := slices.Repeat([]int{1 << 40}, 1000)
	tape.tell(event.Audio{Call: -1, Cell: event.Millis(-time.Hour), Ago: event.Millis(-time.Hour), Mic: long, Ear: []int{-1 << 40}, Sent: long, Due: long, Lost: []int{-1}})
	cells, _ := tape.line.SoundOf(-1, -1<<62, 1<<62, 1)
	if n := len(cells); n == 0 || n > 50 || cells[0].Mic != 0 || cells[0].Ear != -96 || cells[0].Lost != 0 || cells[0].Due != 1<<16-1 || cells[n-1].End() != time.Second {
		t.Errorf("%d cells, the first %+v", n, cells[0])
	}
}

// TestManyDeadCells: an hour in which nothing comes takes no longer than one that is good.
func TestManyDeadCells(t *testing.T) {
	tape := newTape()
	tape.sounds(1, strings.Repeat("o", 5*3600), 5)
	if got := tape.fates(1, in); got != strings.Repeat("╳", 5*3600) {
		t.Error("not all are gone")
	}
}

// TestAsleepInACall: of an app that is suspended in a call nothing goes either way, though
// nothing counts it; unless the call is held, or the app runs.
func TestAsleepInACall(t *testing.T) {
	sleeps := event.State{From: event.Entering, To: event.Suspended}
	for name, c := range map[string]struct {
		events []event.Event
		want   time.Duration
	}{
		"asleep":        {[]event.Event{sleeps}, 6 * time.Second},
		"held":          {[]event.Event{event.Call{ID: 1, Phase: event.CallHeld}, sleeps}, 0},
		"awake again":   {[]event.Event{sleeps, event.State{From: event.Suspended, To: event.Foreground}}, 0},
		"on the screen": {nil, 0},
	} {
		f := event.NewFold("alice")
		tale := append([]event.Event{event.Start{}, event.Call{ID: 1, Phase: event.CallUp, Name: "Bob"}, event.RTP{Call: 1, Sent: 50, Received: 50}}, c.events...)
		for i, e := range tale {
			f.Apply(event.Record{Seq: uint64(i + 1), Phone: "alice", Device: 4 * time.Second, Event: e})
		}
		w := picture.OneWayOf(f, f.Call(), 10*time.Second)
		if w.In != c.want || w.Out != c.want || w.Asleep != (c.want > 0) {
			t.Errorf("%s: %+v, want %s both ways", name, w, c.want)
		}
		if got := w.Why(f.SoundOf(1), nil, "Bob", 10*time.Second).Words; strings.Contains(got, "suspended") != (c.want > 0) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestWhyOneWay: what the numbers of a call tell of audio that does not get through.
func TestWhyOneWay(t *testing.T) {
	dead := event.Seconds(5 * time.Second)
	for want, pair := range map[string][2]event.RTP{
		"Bob's audio is lost on its way to us: it reports 500 packets sent, and 10 came":                                              {{}, {DeadIn: dead, Received: 10, FarSent: 500, FarOf: 9}},
		"Bob reports that no more is sent, after 500 packets: it is silent at the other end":                                          {{}, {DeadIn: dead, Received: 500, FarSent: 500, FarOf: 9}},
		"neither RTP nor RTCP comes, 0 packets had come: a NAT, a firewall, or a far end that is gone":                                {{}, {DeadIn: dead, FarSent: 500, FarOf: 9, FarAge: event.Millis(time.Minute)}},
		"nothing comes, after 0 packets; the next report of Bob will tell whether it is sent":                                         {{}, {DeadIn: dead, FarSent: 500, FarOf: 9, FarAge: event.Millis(6 * time.Second)}},
		"our audio was lost on its way to Bob, who reports nothing any more: we have sent 300 packets":                                {{}, {DeadOut: dead, Sent: 300, FarOf: 9, FarAge: event.Millis(time.Minute)}},
		"our audio is lost on its way to Bob, whose report of 5.0 s ago has none of it; the next will tell: we have sent 300 packets": {{}, {DeadOut: dead, Sent: 300, FarOf: 9, FarAge: event.Millis(4 * time.Second)}},
		"this computer refuses to send our audio: 50 packets":                                                                         {{Unsent: 1}, {DeadOut: dead, Unsent: 50}},
		"what comes is no audio of this call: 51 packets":                                                                             {{Foreign: 1}, {DeadIn: dead, Foreign: 51}},
		"what comes is not protected as agreed: 51 packets could not be opened":                                                       {{Unopened: 1, Foreign: 1}, {DeadIn: dead, Unopened: 51, Foreign: 51}},
		"what comes is from an address that is not agreed: 51 packets were refused":                                                   {{Refused: 1}, {DeadIn: dead, Refused: 51}},
		"RTP is lost both ways, RTCP comes: 0 packets had come, and we have sent 0 packets":                                           {{}, {DeadIn: dead, DeadOut: dead, FarOf: 9, FarSent: 9}},
		"nothing comes, RTP or RTCP, and nothing of ours arrives: 0 packets had come, and we have sent 0 packets":                     {{}, {DeadIn: dead, DeadOut: dead, FarOf: 9, FarAge: event.Millis(time.Minute)}},
		"": {{}, {FarOf: 9}},
	} {
		f := event.NewFold("alice")
		for i, e := range []event.Event{event.Start{}, event.Call{ID: 1, Phase: event.CallUp, Name: "Bob"}, pair[0], pair[1]} {
			if r, is := e.(event.RTP); is {
				r.Call, e = 1, r
				e = r
			}
			f.Apply(event.Record{Seq: uint64(i + 1), Phone: "alice", Device: time.Duration(i) * time.Second, Event: e})
		}
		w := picture.OneWayOf(f, f.Call(), 4*time.Second)
		if got := w.Why(f.SoundOf(1), nil, "Bob", 4*time.Second).Words; got != want || w.Dead() != (want != "") {
			t.Errorf("%q, want %q", got, want)
		}
		long := 6 * time.Second
		if w.In == 0 && !f.SoundOf(1).Refuses() {
			long = 5 * time.Second // as of the report
		}
		if w.Dead() && w.Longest() != long {
			t.Errorf("%s: for %s", want, w.Longest())
		}
		f.Apply(event.Record{Seq: 9, Phone: "alice", Device: 5 * time.Second, Event: event.Call{ID: 1, Phase: event.CallHeld}})
		if picture.OneWayOf(f, f.Call(), 5*time.Second).Dead() {
			t.Errorf("%s: a call on hold is dead", want)
		}
	}
}

// TestSoundCellsTogether: two cells are as loud as the louder, and as bad as the worse.
func TestSoundCellsTogether(t *testing.T) {
	a := picture.SoundCell{At: time.Second, Length: 200 * time.Millisecond, Call: 1, Mic: -40, Ear: -20, In: picture.FateCame, Out: picture.FateSome, Due: 10, Lost: 1}
	b := picture.SoundCell{At: 1200 * time.Millisecond, Length: 200 * time.Millisecond, Call: 1, Mic: -30, Ear: -96, In: picture.FateGone, Out: picture.FateSent, Due: 9, Lost: 2, Late: 3}
	want := picture.SoundCell{At: time.Second, Length: 400 * time.Millisecond, Call: 1, Mic: -30, Ear: -20, In: picture.FateGone, Out: picture.FateSome, Due: 19, Lost: 3, Late: 3}
	if got := a.With(b); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	order := []picture.Fate{picture.FateNone, picture.FateCame, picture.FateSent, picture.FateLate, picture.FateSome, picture.FateGone}
	for i, x := range order {
		for j, y := range order {
			got := picture.SoundCell{In: x, Out: y}.With(picture.SoundCell{In: y, Out: x})
			if want := order[max(i, j)]; got.In != want || got.Out != want {
				t.Errorf("%v with %v: %v and %v, want %v", x, y, got.In, got.Out, want)
			}
		}
	}
}
