package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// maxAnomalies bounds the anomalies that can be explained; the oldest go first.
const maxAnomalies = 200

// explainWidth is that of the overlay, with its border.
const explainWidth = 76

// An anomaly is a record that [Options.Explain] can explain.
type anomaly struct {
	seq   uint64
	at    time.Duration // of a lost call when it was lost, not when that was known
	event event.Event
}

// A spot is the place that the user points at.
type spot struct {
	anywhere bool          // nothing: the newest anomaly will do
	deaf     int           // of those that a call is one-way, if this one is so now; 0: none is
	seq      uint64        // a record; 0: none
	call     string        // the Call-ID of the message that it is; "": none
	from, to time.Duration // or else what happened from and up to, not including
	at       time.Duration // in there, where exactly
	loss     string        // the key of the lost call that is selected; "": none
	where    string        // in words
}

// explain shows the rule behind an anomaly.
type explain struct {
	rule   func(e event.Event, width int) string // nil: there are no explanations
	finder Finder                                // nil: there are only pages
	list   []anomaly                             // oldest first
	seq    uint64                                // the record of the open one
	at     int

	finding findingMsg // of the record that is open
	seen    uint64     // the last record that was looked at
	page    bool       // the page behind it is shown
}

func (x *explain) bindings() []binding {
	return []binding{
		{id: "explain", group: viewGroup, modes: screenModes | eventsMode, Binding: bind("why", "x"), help: "what went wrong, in three lines: here, or a lost call, or the newest", why: x.nothing, foot: always, do: explains},
		{id: "explain run", group: viewGroup, modes: runMode, Binding: bind("why", "w"), help: "explain what went wrong last", why: x.nothing, foot: always, do: explains},
		{id: "understood", group: overlayGroup, modes: explainMode, Binding: bind("close", "x", "q"), foot: always, do: goesBack},
		{id: "page", group: overlayGroup, modes: explainMode, Binding: bind("the page", "enter"), foot: x.hasCard, do: x.turn},
		{id: "anomaly before", group: overlayGroup, modes: explainMode, Binding: bind("earlier", "left", "N"), foot: always, do: x.other(-1)},
		{id: "anomaly after", group: overlayGroup, modes: explainMode, Binding: bind("later", "right", "n"), foot: always, do: x.other(+1)},
		{id: "its message", group: overlayGroup, modes: explainMode, Binding: bind("the message", "s"), why: x.without(func(f Finding) bool { return f.Moment != 0 }, "no message shows it"), foot: always, do: x.toMessage},
		{id: "its cause", group: overlayGroup, modes: explainMode, Binding: bind("the cause", "c"), why: x.without(func(f Finding) bool { return f.Cause != 0 }, "the log does not have it"), foot: always, do: x.toCause},
		{id: "copy finding", group: overlayGroup, modes: explainMode, Binding: bind("copy", "y"), why: x.without(nil, ""), foot: always, do: x.copies(false)},
		{id: "copy as Markdown", group: overlayGroup, modes: explainMode, Binding: bind("copy as Markdown", "Y"), why: x.without(nil, ""), do: x.copies(true)},
	}
}

// without says why something cannot be done with the finding; nil wants no more than that
// there is one.
func (x *explain) without(has func(Finding) bool, why string) func(situation) string {
	return func(situation) string {
		switch {
		case !x.finding.ok:
			return "nothing was found here but the page"
		case has != nil && !has(x.finding.of):
			return why
		}
		return ""
	}
}

// hasCard reports whether the finding is shown, and not the page behind it.
func (x *explain) hasCard(situation) bool { return x.finding.ok && !x.page }

// turn shows the page behind a finding, or closes it.
func (x *explain) turn(situation) request {
	if x.page || !x.finding.ok {
		return backReq{}
	}
	x.page, x.at = true, 0
	return nil
}

// toMessage shows what was lost among the messages.
func (x *explain) toMessage(situation) request { return closeReq{messageReq(x.finding.of.Moment)} }

// toCause moves the timeline to what has led to it.
func (x *explain) toCause(situation) request {
	return closeReq{lossReq(x.finding.of.CauseAt)}
}

// copies puts the finding into the terminal's clipboard.
func (x *explain) copies(markdown bool) func(situation) request {
	return func(s situation) request {
		return workReq{tea.SetClipboard(x.finding.of.text(markdown, x.origin(s))), "copied, if the terminal lets programs copy (OSC 52)"}
	}
}

// origin says of which phone a finding is, on which device, by which version of this program,
// and of which day its times are.
func (x *explain) origin(s situation) string {
	b := &s.whole.fold.Start
	device := event.Printable(b.Profile + unless(b.Strategy == "", ", "+b.Strategy))
	of := fmt.Sprintf("%s, %s on %s", s.day(x.finding.of.At).Format("2006-01-02 15:04:05.000 -0700"), event.Printable(b.AOR), device)
	return of + unless(b.Version == "", ", sleeptalk "+event.Printable(b.Version))
}

func explains(situation) request { return explainReq{} }

// take takes a record in if it can be explained.
func (x *explain) take(r event.Record, f *event.Fold) {
	loss, lost := r.Event.(event.Loss)
	shown := false
	switch {
	case r.Phone != f.Phone:
		return
	case lost && x.finder != nil:
		shown = x.forget(loss)
		if loss.Phase == event.LossOver {
			return
		}
	case !x.anomalous(r.Event):
		return
	}
	if shown {
		x.seq = r.Seq // the card that is open tells what is known now
	}
	if len(x.list) >= maxAnomalies {
		x.list = x.list[:copy(x.list, x.list[maxAnomalies/4:])]
	}
	x.list = append(x.list, anomaly{r.Seq, r.Device - loss.Ago.D(), r.Event})
}

// anomalous reports whether an event other than a lost call can be explained.
func (x *explain) anomalous(e event.Event) bool {
	if c, is := e.(event.Call); is && x.finder != nil && c.Phase == event.CallEnded && c.Out && c.By == "peer" && c.Status >= 300 {
		return true // a call of our own was turned down, perhaps by a person
	}
	if s, is := e.(event.Step); is {
		return x.finder != nil && s.Phase.Bad()
	}
	return x.rule != nil && x.rule(e, explainWidth) != ""
}

// forget forgets what was said of a lost call before: the last says it all. It reports
// whether that was shown.
func (x *explain) forget(loss event.Loss) (shown bool) {
	x.list = slices.DeleteFunc(x.list, func(a anomaly) bool {
		before, is := a.event.(event.Loss)
		is = is && before.CallID == loss.CallID && (loss.CallID != "" || before.Moment == loss.Moment)
		shown = shown || is && a.seq == x.seq
		return is
	})
	return shown
}

func (x *explain) nothing(situation) string {
	switch {
	case x.rule == nil:
		return "there are no explanations here"
	case len(x.list) == 0:
		return "nothing has gone wrong yet"
	}
	return ""
}

// point chooses the anomaly at a spot; ok is false if there is none.
func (x *explain) point(p spot) (ok bool) {
	i := x.find(p)
	if i < 0 {
		return false
	}
	x.seq = x.list[i].seq
	x.seen = max(x.seen, x.seq)
	return true
}

func (x *explain) find(p spot) int {
	switch {
	case p.anywhere:
		return x.likeliest(p.deaf)
	case p.seq != 0:
		if i := slices.IndexFunc(x.list, func(a anomaly) bool { return a.seq == p.seq }); i >= 0 {
			return i
		}
		if i := x.about(p); i >= 0 || p.to == 0 {
			return i
		}
	}
	found := -1
	for i, a := range slices.Backward(x.list) {
		if a.at >= p.from && a.at < p.to && (found < 0 || p.nearer(a, x.list[found])) {
			found = i
		}
	}
	return found
}

// about is the anomaly of a message: what it shows, or the call that was lost, of which it is a
// part, or what else went wrong with the call last.
func (x *explain) about(p spot) (found int) {
	found = -1
	for i, a := range x.list {
		loss, lost := a.event.(event.Loss)
		call, ended := a.event.(event.Call)
		switch {
		case lost && loss.Moment == p.seq:
			return i
		case p.call != "" && (lost && loss.CallID == p.call || ended && call.CallID == p.call):
			found = i
		}
	}
	return found
}

// nearer reports whether an anomaly is more likely meant than a later one: it is the lost call
// that is selected, or lies nearer to where one points.
func (p spot) nearer(a, other anomaly) bool {
	if is := keyOfAnomaly(other) == p.loss; p.loss != "" && (is || keyOfAnomaly(a) == p.loss) {
		return !is
	}
	return (a.at - p.at).Abs() < (other.at - p.at).Abs()
}

// keyOfAnomaly is the key of a lost call; "" if it is none.
func keyOfAnomaly(a anomaly) string {
	if loss, lost := a.event.(event.Loss); lost {
		return keyOf(&event.LossRow{Loss: loss})
	}
	return ""
}

// likeliest is the last of the lost calls that nobody has looked at yet, and of what makes a call
// one-way; or else the newest anomaly.
func (x *explain) likeliest(deaf int) int {
	for i, a := range slices.Backward(x.list) {
		if _, lost := a.event.(event.Loss); lost && a.seq > x.seen || deafens(a.event, deaf) {
			return i
		}
	}
	return len(x.list) - 1
}

// deafens reports whether an event says that nothing gets through in a call.
func deafens(e event.Event, call int) bool {
	w, _ := e.(event.Warning)
	switch w.Rule {
	case event.RuleNoAudioIn, event.RuleNoAudioOut:
		return call != 0 && w.Call == call
	case event.RuleAudioAsleep: // a system knows no calls
		return call != 0
	}
	return false
}

// knows reports whether a record tells of an anomaly.
func (x *explain) knows(seq uint64) bool { return x.find(spot{seq: seq}) >= 0 }

// other goes to the anomaly before, or after.
func (x *explain) other(step int) func(situation) request {
	return func(situation) request {
		if len(x.list) > 0 {
			i := max(0, min(len(x.list)-1, x.index()+step))
			x.seq, x.at = x.list[i].seq, 0
			return findReq{}
		}
		return nil
	}
}

func (x *explain) opened(situation) { x.at, x.page = 0, false }

func (x *explain) position(s situation) (at *int, limit int) {
	if x.hasCard(s) {
		return &x.at, s.beyond(len(x.findingLines(s)))
	}
	return &x.at, s.beyond(len(x.lines(s.scene)))
}

// index is the index of the anomaly that is open. The list may have
// lost it meanwhile.
func (x *explain) index() int {
	for i := range x.list {
		if x.list[i].seq >= x.seq {
			return i
		}
	}
	return len(x.list) - 1
}

// lines are what happened, and the rule, as wide as there is room for.
func (x *explain) lines(s scene) []string {
	w := min(explainWidth, s.w) - 4
	if len(x.list) == 0 { // those of the file before
		return nil
	}
	a := x.list[x.index()]
	what, detail := a.event.Text()
	lines := wrap(event.Printable(s.clock(a.at)+" "+what+unless(detail == "", ": "+detail)), w)
	lines = append(lines, "")
	for line := range strings.Lines(x.text(a, w)) {
		line = event.Printable(strings.TrimRight(line, "\n"))
		if ansi.StringWidth(line) > w { // such as the title, in a narrow window
			lines = append(lines, wrap(line, w)...)
			continue
		}
		lines = append(lines, line)
	}
	return lines
}

// text is the page behind an anomaly, or behind a lost call that of its rule.
func (x *explain) text(a anomaly, w int) string {
	if x.finding.ok && x.finding.seq == a.seq && x.finding.of.Rule != "" {
		return x.rule(event.Warning{Rule: x.finding.of.Rule}, w)
	}
	if x.rule == nil {
		return ""
	}
	return x.rule(a.event, w)
}

// drawCard is the finding in three lines, each of which may take a second one.
//
//	╭─ x why ─────────────────────────────────────── 1 of 2 · half-open ─╮
//	│ lost  Bob, 14:24:41: INVITE, 913 B, swallowed at the NAT; Bob …    │
//	│ why   the NAT forgot us at 14:21:07, 240 s after the last bytes; … │
//	│ mend  something must pass every 240 s at the latest: …             │
//	╰─ ← → others  s message  c cause  enter page  y copy ───────────────╯
func (x *explain) drawCard(c *canvas, s situation) {
	f, rows, w := &x.finding.of, x.findingLines(s), s.cardWidth()
	h := min(len(rows)+2, s.h-2)
	r := rect{s.w - w, max(1, x.top(s, h)), w, h}
	c.clear(r, text)
	note := fmt.Sprintf("%d of %d", x.index()+1, len(x.list))
	if f.Rule != "" {
		note += " · " + string(f.Rule)
	}
	box(c, r, s.keyOf("explain")+" why", note, fault|strong, fault)
	in := area{c, r.inset()}
	for i, row := range rows {
		in.line(i-x.at).put(fault|strong, row.head).at(cardHead).put(text, row.words)
	}
	l := area{c, rect{r.x + 2, r.y + h - 1, r.w - 4, 1}}.line(0)
	if n := len(rows) - in.h - x.at; n > 0 {
		l.put(fault, " ").put(keycap, s.keyOf("down")).put(woken|strong, fmt.Sprintf(" %d more ", n))
	}
	for _, key := range []hint{
		{key: s.keyOf("its message"), label: "message"},
		{key: s.keyOf("its cause"), label: "cause"},
		{key: s.keyOf("page"), label: "page"},
		{key: s.keyOf("copy finding"), label: "copy"},
		{key: s.keyOf("anomaly before") + " " + s.keyOf("anomaly after"), label: "others"},
	} {
		if key.label == "cause" && f.Cause == 0 || key.label == "message" && f.Moment == 0 {
			continue
		}
		if ansi.StringWidth(key.key+key.label)+3 <= l.left() {
			l.put(fault, " ").put(keycap, key.key).put(dim, " "+key.label+" ")
		}
	}
}

// cardHead is the column in which the words of the card begin.
const cardHead = 6

// cardWidth is that of the card: on a wide screen that of the evidence, beside the phone.
func (s scene) cardWidth() int {
	if s.w < wideWidth {
		return s.w
	}
	return s.w - 32
}

// findingLines are the rows of the card.
func (x *explain) findingLines(s situation) []findingRow {
	f, w := &x.finding.of, s.cardWidth()-4
	return slices.Concat(findingRows(f.Head, f.Lost, w), findingRows("why", f.Why, w), findingRows("mend", f.Mend, w))
}

// top is the row of the card: under the timeline, so that its pin is seen, if there is room.
func (x *explain) top(s situation, h int) int {
	if t := s.layout.at[timelinePanel]; s.inLadder || t.h == 0 || t.y+t.h+h > s.bottom {
		return s.bottom - h
	}
	return s.layout.at[timelinePanel].y + s.layout.at[timelinePanel].h
}

// A findingRow is a row of the card.
type findingRow struct{ head, words string }

func findingRows(head, words string, w int) (rows []findingRow) {
	for _, line := range wrap(words, w-cardHead) {
		rows = append(rows, findingRow{head, line})
		head = ""
	}
	return rows
}

// draw is the rule behind an anomaly.
//
//	╭─ why ─────────────────────────────── 2 of 5 · ← → ╮
//	│ 14:34:12 killed 0xbad22222: woken too often       │
//	│                                                   │
//	│ wake-budget 0xbad22222: Woken more than 15 times  │
func (x *explain) draw(c *canvas, s situation) {
	if x.finding.ok && !x.page && x.finding.seq == x.seq {
		x.drawCard(c, s)
		return
	}
	note := s.keyOf("esc")
	if n := len(x.list); n > 1 {
		note = fmt.Sprintf("%d of %d · %s", x.index()+1, n, s.keyOf("esc"))
	}
	lines := x.lines(s.scene)
	p := s.overlay(c, "why", note, explainWidth, len(lines)+2)
	head := true // until the first blank line
	for i, line := range lines {
		head = head && line != ""
		ink := text
		switch {
		case head:
			ink = fault
		case line != "" && line[0] != ' ':
			ink = strong
		}
		p.line(i-x.at).put(ink, line)
	}
}
