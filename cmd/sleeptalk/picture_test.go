package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"html"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
	"github.com/sleeptalk/sleeptalk/phone/report"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/ui"
)

// TestScreenAndReportShowTheSame draws the same log on the screen and in the
// files of the report, and reads both: the same states at the same time, the
// same wakes with the same causes, the same rows of the ladder in the same order, each
// with its words, its arrow, where it was cut, and the letter of the wake.
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

// killedWords say what killed the app, in the lane of the wakes before the mark of its death.
var killedWords = regexp.MustCompile(`killed \S+`)

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
	for col, c := range []rune(killedWords.ReplaceAllStringFunc(string(cells), func(s string) string { return strings.Repeat(" ", utf8.RuneCountInString(s)) })) {
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

// A shownRow is a row of a ladder, as the screen or the report shows it.
type shownRow struct {
	words       string // of the arrow, and beside a lifeline
	left, right bool   // it has a head that points there
	letter      string // of the wake
}

// sameRungs compares the ladder of the screen with that of the report, row by row.
func sameRungs(t *testing.T, log *event.Log, fold *event.Fold) {
	t.Helper()
	written, cut := writtenRows(t, log, fold)
	shown := shownRows(log)
	if cut && len(shown) > len(written) {
		shown = shown[:len(written)]
	}
	for i := range max(len(written), len(shown)) {
		if i >= len(written) || i >= len(shown) {
			t.Errorf("the report has %d rows, the screen %d", len(written), len(shown))
			return
		}
		w, s := written[i], shown[i]
		if !alike(w.words, s.words) || w.left != s.left || w.right != s.right || w.letter != s.letter {
			t.Errorf("row %d: the report has %+v, the screen %+v", i, w, s)
			return
		}
	}
}

// alike reports whether two texts are one, of which either may have been cut.
func alike(a, b string) bool {
	if !strings.Contains(a, "…") {
		a, b = b, a
	}
	head, tail, cut := strings.Cut(a, "…")
	if bHead, bTail, both := strings.Cut(b, "…"); both {
		return (strings.HasPrefix(bHead, head) || strings.HasPrefix(head, bHead)) && (strings.HasSuffix(bTail, tail) || strings.HasSuffix(tail, bTail))
	}
	if cut && strings.HasPrefix(head, b+",") { // the screen ends at a comma
		return true
	}
	return a == b || cut && strings.HasPrefix(b, strings.TrimSpace(head)) && strings.HasSuffix(b, strings.TrimSpace(tail))
}

var (
	svgText    = regexp.MustCompile(`<text x="([^"]*)" y="([^"]*)"[^>]*>([^<]*)</text>`)
	svgHead    = regexp.MustCompile(`<polygon points="([0-9.]+),([0-9.]+) ([0-9.]+),`)
	wakeLetter = regexp.MustCompile(`^[A-Z?]$`)
)

// The columns of the report's ladder: where times end, and where notes begin.
const svgTimes, svgNotes = 200, 825

// writtenRows are the rows in the ladder of the report; cut says that it has not all of them.
func writtenRows(t *testing.T, log *event.Log, fold *event.Fold) (list []shownRow, cut bool) {
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
	number := func(b []byte) float64 {
		n, err := strconv.ParseFloat(string(b), 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	rows, timed := map[float64]*shownRow{}, map[float64]bool{}
	row := func(y float64) *shownRow {
		if rows[y] == nil {
			rows[y] = new(shownRow)
		}
		return rows[y]
	}
	texts := svgText.FindAllSubmatch(svg, -1)
	slices.SortStableFunc(texts, func(a, b [][]byte) int { return cmp.Compare(number(a[1]), number(b[1])) })
	for _, m := range texts {
		x, y, words := number(m[1]), number(m[2]), html.UnescapeString(string(m[3]))
		switch {
		case y < 45: // the head
		case strings.Contains(words, "more in events.jsonl"):
			cut = true
		case x == 96:
			timed[y] = true
		case x > svgTimes && x < svgNotes:
			row(y).words += " " + words
		case x > svgNotes && wakeLetter.MatchString(words):
			row(y).letter = words
		}
	}
	for _, m := range svgHead.FindAllSubmatch(svg, -1) {
		if tip, y, base := number(m[1]), number(m[2]), number(m[3]); tip < svgNotes {
			row(y+4).left, row(y+4).right = row(y+4).left || tip < base, row(y+4).right || tip > base
		}
	}
	for _, y := range slices.Sorted(maps.Keys(rows)) {
		if timed[y] { // else nothing passed
			rows[y].words = plainWords(rows[y].words)
			list = append(list, *rows[y])
		}
	}
	return list, cut
}

// appColumn is where the lifeline of the app is on a screen of ladderColumns; what is left of
// timesColumn is the time.
const ladderColumns, timesColumn, appColumn = 119, 15, 108

// shownRows are the rows in the ladder on the screen in which something passed.
func shownRows(log *event.Log) (list []shownRow) {
	frame := ansi.Strip(ui.RenderFrame(log, ui.Frame{Width: ladderColumns, Height: 60 + 4*len(log.After(0)), Theme: "mono", Keys: []string{"s"}}))
	_, ladder, _ := strings.Cut(frame, "─ ladder ─")
	for n, line := range slices.Collect(strings.Lines(ladder)) {
		cells := []rune(strings.TrimSuffix(line, "\n"))
		if n < 2 || len(cells) != ladderColumns || cells[0] != '│' || strings.TrimSpace(string(cells[1:timesColumn])) == "" || slices.Contains(cells[:appColumn], '┊') {
			continue
		}
		between := string(cells[timesColumn:appColumn])
		r := shownRow{words: plainWords(between), left: strings.Contains(between, "◀"), right: strings.Contains(between, "▶")}
		if note := string(cells[appColumn+2]); wakeLetter.MatchString(note) {
			r.letter = note
		}
		list = append(list, r)
	}
	return list
}

// plainWords are the words of a row without what is drawn, and without spaces.
func plainWords(s string) string {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune("│╎▐◀▶─═┼╪╳", r) {
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), "")
}
