package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
	"github.com/sleeptalk/sleeptalk/phone/report"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/ui"
)

// TestScreenAndReportShowTheSame draws the same log on the screen and in the
// files of the report, and reads both: the same states at the same time, the
// same wakes with the same causes, the same rungs in the same order.
func TestScreenAndReportShowTheSame(t *testing.T) {
	for name, log := range sessions(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log, fold := uncovered(log)
			sameLanes(t, log, fold)
			sameRungs(t, log, fold)
		})
	}
}

// uncovered is a log at whose end no notification hides a part of the screen,
// and its fold.
func uncovered(log *event.Log) (*event.Log, *event.Fold) {
	again, fold := new(event.Log), new(event.Fold)
	for _, r := range log.After(0) {
		again.Append(r)
		fold.Apply(r)
	}
	if b := fold.Banner; b != nil {
		r := event.Record{Wall: fold.Wall, Device: fold.Device, Phone: fold.Phone, Event: event.Notification{ID: b.ID, Screen: b.Screen, Phase: "withdrawn", Shown: true}}
		again.Append(r)
		fold.Apply(r)
	}
	return again, fold
}

// A tracedLane is a lane as the trace has it.
type tracedLane struct{ runs, pins []traced }

// traced is an event of the trace.
type traced struct {
	Name  string
	Phase string  `json:"ph"`
	Time  float64 `json:"ts"`
	Dur   float64
	PID   int
	TID   int
	Args  struct{ Name, Kind, Label string }
}

func (e traced) from() time.Duration { return time.Duration(e.Time * float64(time.Microsecond)) }
func (e traced) to() time.Duration {
	return time.Duration((e.Time + e.Dur) * float64(time.Microsecond))
}

// tracedLanes are the lanes of a phone in the trace of a log.
func tracedLanes(t *testing.T, log *event.Log, phone string) map[string]*tracedLane {
	t.Helper()
	var b bytes.Buffer
	if err := report.Trace(&b, log); err != nil {
		t.Fatal(err)
	}
	var trace struct{ TraceEvents []traced }
	if err := json.Unmarshal(b.Bytes(), &trace); err != nil {
		t.Fatal(err)
	}
	pid, names, lanes := 0, map[int]string{}, map[string]*tracedLane{}
	for _, e := range trace.TraceEvents {
		switch {
		case e.Name == "process_name" && e.Args.Name == phone:
			pid = e.PID
		case e.PID != pid:
		case e.Name == "thread_name":
			names[e.TID] = e.Args.Name
			lanes[e.Args.Name] = &tracedLane{}
		case e.Phase == "X":
			l := lanes[names[e.TID]]
			l.runs = append(l.runs, e)
		case e.Phase == "i":
			l := lanes[names[e.TID]]
			l.pins = append(l.pins, e)
		}
	}
	return lanes
}

// A shownLane is a lane as the screen has it: a cell for each column.
type shownLane []rune

// A shownLanes is the timeline on the screen.
type shownLanes struct {
	from, per time.Duration
	of        map[string]shownLane
}

var (
	laneLine = regexp.MustCompile(`^│ (app|wake|socket|reg|call) +`)
	perWords = regexp.MustCompile(`([0-9.:]+)( s| ms)? per column`)
)

// showLanes draws the timeline so wide that the whole log is on it.
func showLanes(t *testing.T, log *event.Log, now time.Duration) shownLanes {
	t.Helper()
	const labels = 10
	width := int(now/(5*time.Second)) + 200
	frame := ansi.Strip(ui.RenderFrame(log, ui.Frame{Width: width, Height: 40, Theme: "mono", Keys: []string{"z"}}))
	s := shownLanes{of: map[string]shownLane{}}
	m := perWords.FindStringSubmatch(frame)
	if m == nil {
		t.Fatalf("no scale in %q", strings.SplitN(frame, "\n", 3)[1])
	}
	per, err := time.ParseDuration(strings.ReplaceAll(m[1]+m[2], " ", ""))
	if err != nil {
		t.Fatalf("scale %q: %v", m[0], err)
	}
	s.per = per
	for line := range strings.Lines(frame) {
		if m := laneLine.FindStringSubmatch(line); m != nil {
			cells := []rune(strings.TrimSuffix(line, "\n"))
			s.of[m[1]] = cells[labels : len(cells)-2]
		}
	}
	if len(s.of) != 5 {
		t.Fatalf("%d lanes on the screen", len(s.of))
	}
	s.from = (now/per - time.Duration(len(s.of["app"])) + 1) * per
	return s
}

func (s shownLanes) column(d time.Duration) int { return int((d - s.from) / s.per) }

// glyphOf is what a column shows that a run fills wholly.
func glyphOf(lane, kind string) string {
	switch lane {
	case "app":
		switch look := picture.LookOf(event.Lifecycle(kind)); event.Lifecycle(kind) {
		case event.Awake:
			return "█" + look.Glyph
		case event.Dead:
			return " "
		default:
			return look.Glyph
		}
	case "socket":
		return picture.Held.Glyph()
	case "reg":
		return picture.StillBound.Glyph()
	}
	return picture.CallSign(picture.CallState(kind)).Glyph()
}

func sameLanes(t *testing.T, log *event.Log, fold *event.Fold) {
	t.Helper()
	written, shown := tracedLanes(t, log, fold.Phone), showLanes(t, log, fold.Device)
	for _, lane := range []string{"app", "socket", "reg", "call"} {
		cells := shown.of[lane]
		lost := lostColumns(written, shown)
		may, filled := make([]string, len(cells)), make([]bool, len(cells))
		for _, r := range written[lane].runs {
			first, last := shown.column(r.from()), shown.column(r.to())
			for col := first; col <= min(last, len(cells)-1); col++ {
				may[col] += glyphOf(lane, r.Args.Kind)
				filled[col] = col > first && col < last
			}
		}
		for col, c := range cells {
			if lost[col] { // the pin is drawn over all lanes
				continue
			}
			blank := c == ' ' && !filled[col]
			if !blank && !strings.ContainsRune(may[col], c) && !pinned(written, lane, shown, col) {
				t.Errorf("%s at %v: the report has %q, the screen %q", lane, shown.from+time.Duration(col)*shown.per, may[col], c)
				break
			}
		}
	}
	sameWakes(t, written, shown)
}

// lostColumns are those in which calls were lost.
func lostColumns(written map[string]*tracedLane, shown shownLanes) map[int]bool {
	lost := map[int]bool{}
	if l := written["unreachable"]; l != nil {
		for _, p := range l.pins {
			lost[shown.column(p.from())] = true
		}
	}
	return lost
}

// cutOff reports whether the report has the phone cut off in a column.
func cutOff(written map[string]*tracedLane, shown shownLanes, col int) bool {
	l := written["unreachable"]
	return l != nil && slices.ContainsFunc(l.runs, func(r traced) bool { return shown.column(r.from()) <= col && col <= shown.column(r.to()) })
}

// pinned reports whether a column of a lane may show a pin instead of a run.
func pinned(written map[string]*tracedLane, lane string, shown shownLanes, col int) bool {
	pins := written[lane].pins
	if lane == "socket" && shown.of[lane][col] == '┅' && cutOff(written, shown, col) {
		return true
	}
	switch lane {
	case "app":
		pins = written["wake"].pins
	case "socket":
		pins = written["faults"].pins
	}
	for _, p := range pins {
		if at := shown.column(p.from()); col >= at-1 && col <= at {
			return true
		}
	}
	return false
}

// sameWakes compares the letters of the wakes. The screen leaves out those that
// share a column with two others.
func sameWakes(t *testing.T, written map[string]*tracedLane, shown shownLanes) {
	t.Helper()
	pins := written["wake"].pins
	cells, last, lost := shown.of["wake"], -1, lostColumns(written, shown)
	for i, p := range pins {
		col := shown.column(p.from())
		crowded := i+1 < len(pins) && shown.column(pins[i+1].from()) <= col+1 || i > 0 && shown.column(pins[i-1].from()) >= col-1
		if !crowded && !lost[col] && string(cells[col]) != p.Args.Kind {
			t.Errorf("wake at %v: the report has %s, the screen %q", p.from(), p.Args.Kind, cells[col])
		}
		last = max(last, col)
	}
	for col, c := range cells {
		if strings.ContainsRune("ISKCLPAM?", c) && !wokenAt(pins, shown, col) {
			t.Errorf("wake at %v: the screen has %q, the report nothing", shown.from+time.Duration(col)*shown.per, c)
		}
	}
}

func wokenAt(pins []traced, shown shownLanes, col int) bool {
	for _, p := range pins {
		if at := shown.column(p.from()); at == col || at == col+1 {
			return true
		}
	}
	return false
}

// A shownRung is a message as a ladder shows it.
type shownRung struct {
	title string
	out   bool
	woke  bool // whether its bytes came while the app slept
	cut   bool // whether it has not come to the other end
	// The kernel has released what it had held: the message has no row of its own, mostly.
	released bool
}

func sameRungs(t *testing.T, log *event.Log, fold *event.Fold) {
	t.Helper()
	written, cut := writtenRungs(t, log, fold)
	written = slices.DeleteFunc(written, func(r shownRung) bool { return r.cut })
	shown := shownRungs(log)
	if cut && len(shown) > len(written) {
		shown = shown[:len(written)]
	}
	for n := 0; len(written) > 0 || len(shown) > 0; n++ {
		switch {
		case len(shown) > 0 && shown[0].released && (len(written) == 0 || written[0].out || len(shown) > 1 && written[0].like(shown[1])):
			shown = shown[1:] // what was released is told by the next row, or was no message
		case len(written) == 0 || len(shown) == 0:
			t.Errorf("rung %d: of the report are left %+v, of the screen %+v", n, written, shown)
			return
		case !shown[0].released && !written[0].like(shown[0]):
			t.Errorf("rung %d: the report has %+v, the screen %+v", n, written[0], shown[0])
			return
		default:
			written, shown = written[1:], shown[1:]
		}
	}
}

// like reports whether a rung of the report is one of the screen. The letter of a wake stands
// in the first row there that comes of it, which may be another.
func (r shownRung) like(shown shownRung) bool {
	r.woke = r.woke && shown.woke
	return r == shown
}

var (
	svgTitle = regexp.MustCompile(`<text x="447" y="[^"]*" [^>]*fill="([^"]*)" text-anchor="middle"[^>]*>([^<]*)</text>`)
	svgHead  = regexp.MustCompile(`<polygon points="(660|234),`)
)

// writtenRungs are the messages in the ladder of the report; cut says that it
// has not all of them.
func writtenRungs(t *testing.T, log *event.Log, fold *event.Fold) (list []shownRung, cut bool) {
	t.Helper()
	dir := t.TempDir()
	r := &play.Result{File: "x.talk", Phone: fold.Start.AOR, Cases: []play.CaseResult{{
		Name: "all", Verdict: play.Passed, To: fold.Device, FirstSeq: 1, LastSeq: uint64(len(log.After(0))),
	}}}
	if err := report.HTML(report.Dir{Path: dir}, r, log, nil); err != nil {
		t.Fatal(err)
	}
	svg, err := os.ReadFile(filepath.Join(dir, "case-1-ladder-light.svg"))
	if err != nil {
		t.Fatal(err)
	}
	woken := picture.Woken.Reading().Light.RGB
	titles := svgTitle.FindAllSubmatchIndex(svg, -1)
	for i, at := range titles {
		arrow := svg[at[1]:]
		if i+1 < len(titles) {
			arrow = svg[at[1]:titles[i+1][0]]
		}
		head := svgHead.FindSubmatch(arrow)
		fill, title := string(svg[at[2]:at[3]]), string(svg[at[4]:at[5]])
		list = append(list, shownRung{title: strings.TrimSpace(title), out: head != nil && string(head[1]) == "660", woke: fill == woken, cut: head == nil})
	}
	return list, bytes.Contains(svg, []byte("more in events.jsonl"))
}

// arriving is a row of the ladder on the screen with an arrow to or from the app: the arrow,
// which may begin at what the kernel held, and the letter of the wake beside the app's state.
var arriving = regexp.MustCompile(`^│.{14}[│┊ ]*([◀─═▐].*[─═▶])[█▓┃·](?: ([A-Z?]))?`)

// shownRungs are the messages and the media in the ladder on the screen. What the network lost
// is drawn otherwise there, and so is a connection that begins or ends.
func shownRungs(log *event.Log) (list []shownRung) {
	frame := ansi.Strip(ui.RenderFrame(log, ui.Frame{Width: 119, Height: 60 + 4*len(log.After(0)), Theme: "mono", Keys: []string{"s", "i"}}))
	for line := range strings.Lines(frame) {
		m := arriving.FindStringSubmatch(line)
		if m == nil || strings.ContainsAny(m[1], "╳╎") || strings.Contains(m[1], "▶▐") {
			continue
		}
		if strings.HasPrefix(m[1], "▐") {
			list = append(list, shownRung{released: true})
			continue
		}
		title, _, _ := strings.Cut(strings.Trim(m[1], "◀▶─═┼╪│┊ "), "  ") // what the screen says of the media besides
		out := strings.HasPrefix(m[1], "◀")
		if !slices.Contains([]string{"connect", "closed", "broken", "reset", "lost", "listens"}, title) {
			list = append(list, shownRung{title: title, out: out, woke: m[2] != "" && !out})
		}
	}
	return list
}
