package ui

import (
	"math"
	"slices"
	"strconv"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A cursor is the instant of the log at which everything is shown as it was.
type cursor struct {
	at  time.Duration // device time; noCursor: everything is shown as it is
	seq uint64        // of several records at that time the last that has happened; 0: all have
}

// noCursor is a timeline without a cursor.
const noCursor time.Duration = -1

// held reports whether there is a cursor.
func (c cursor) held() bool { return c.at != noCursor }

// before reports whether the instant is before something that happened at a time, with a
// record; without a cursor nothing is still to come.
func (c cursor) before(at time.Duration, seq uint64) bool {
	return c.held() && (at > c.at || at == c.at && c.seq != 0 && seq > c.seq)
}

// tick is the precision of the times in a log.
const tick = time.Microsecond

// columnOf is the instant at which all that is drawn in a column has happened.
func columnOf(col int, per time.Duration) cursor {
	return cursor{at: time.Duration(col+1)*per - tick}
}

// A recall is the state of the phone at the cursor, as long as neither of them changes.
type recall struct {
	snapshots event.Snapshots
	instant   event.Instant
	shown     event.Fold // that of the instant, with the calls that had been lost then
	cursor    cursor
	seen      uint64 // how far the log was looked at
}

// asOf is the state of the phone at an instant, from what the screen has seen of the log.
func (h *history) asOf(log *event.Log, c cursor) *event.Fold {
	k := &h.recall
	if k.instant.Fold != nil && k.cursor == c && k.seen == h.seen {
		return &k.shown
	}
	near, begin := k.instant, func() *event.Fold { return event.NewFold(h.phone) }
	if c.seq != 0 {
		k.instant = k.snapshots.After(log, near, c.seq, begin)
	} else {
		k.instant = k.snapshots.At(log, near, c.at, h.seen, begin)
	}
	k.cursor, k.seen, k.shown = c, h.seen, *k.instant.Fold
	if c.seq == 0 { // else it is a record that is shown, and what was known by then
		k.shown.Losses = lossesAt(&k.shown, &h.fold, c.at)
	}
	return &k.shown
}

// periodic reports whether an event is a snapshot of what goes on, which comes every second or
// oftener: nobody steps through those.
func periodic(e event.Event) bool {
	switch e.(type) {
	case event.Audio, event.RTP:
		return true
	}
	return false
}

// stepped is the cursor at the event of the phone after it, or before it; ok is false where
// there is none.
func (h *history) stepped(log *event.Log, c cursor, forward bool) (to cursor, ok bool) {
	h.asOf(log, c)
	if !forward {
		return h.before(log, h.recall.instant.Seq, c.at)
	}
	for r := range log.Span(h.recall.instant.Seq, h.seen) {
		if r.Phone == h.fold.Phone && !periodic(r.Event) {
			return cursor{r.Device, r.Seq}, true
		}
	}
	return c, false
}

// lastEvents are the last n events of the phone up to record seq, oldest first; where there is no
// phone, those of all.
func (h *history) lastEvents(log *event.Log, seq uint64, n int) []event.Record {
	if h.tail.seq == seq && h.tail.n == n {
		return h.tail.events
	}
	var list []event.Record
	for back := uint64(4 * n); ; back *= 4 {
		list = list[:0]
		from := seq - min(seq, back)
		for r := range log.Span(from, seq) {
			if (h.fold.Phone == "" || r.Phone == h.fold.Phone) && !periodic(r.Event) {
				list = append(list, r)
			}
		}
		if len(list) >= n || from == 0 {
			break
		}
	}
	h.tail = tail{seq, n, slices.Clone(list[max(0, len(list)-n):])}
	return h.tail.events
}

// A tail is the last n events up to a record.
type tail struct {
	seq    uint64
	n      int
	events []event.Record
}

// before is the cursor at the last event of the phone up to seq; if that was at the time at,
// where one is, at the event before it. It looks back in larger and larger steps.
func (h *history) before(log *event.Log, seq uint64, at time.Duration) (to cursor, ok bool) {
	for back := uint64(64); ; back *= 4 {
		from, n := seq-min(seq, back), 0
		var last [2]cursor
		for r := range log.Span(from, seq) {
			if (h.fold.Phone == "" || r.Phone == h.fold.Phone) && !periodic(r.Event) {
				last[0], last[1], n = last[1], cursor{r.Device, r.Seq}, n+1
			}
		}
		switch {
		case n > 0 && last[1].at < at:
			return last[1], true
		case n > 1 || from == 0:
			return last[0], n > 1
		}
	}
}

// A playback moves the cursor on by itself.
type playback struct {
	on    bool
	rate  int       // an index in rates
	n     int       // which one it is: a tick of the one before counts no more
	since time.Time // of the last tick; zero: there was none
}

// playGap is the time between two moves of the cursor.
const playGap = 50 * time.Millisecond

// playMsg moves the cursor on.
type playMsg struct {
	n   int
	now time.Time
}

// ticks waits for the next move.
func (p *playback) ticks() tea.Cmd {
	n := p.n
	return tea.Tick(playGap, func(now time.Time) tea.Msg { return playMsg{n, now} })
}

// gone is how much device time has passed since the last move; ok is false for a tick of a
// playback that is over.
func (p *playback) gone(msg playMsg) (d time.Duration, ok bool) {
	if !p.on || msg.n != p.n {
		return 0, false
	}
	if !p.since.IsZero() {
		d = max(0, msg.now.Sub(p.since)) * time.Duration(rates[p.rate])
	}
	p.since = msg.now
	return d, true
}

// stop holds the cursor.
func (p *playback) stop() { p.on = false }

// words say whether the cursor moves.
func (p *playback) words() string {
	if p.on {
		return "▶ ×" + strconv.Itoa(rates[p.rate])
	}
	return "■ held"
}

// play lets the cursor go on, or holds it. In a recording that shows its end it begins at the
// beginning.
func (t *timeline) play(s situation) request {
	if t.playback.on {
		t.stop()
		return nil
	}
	if !t.held() {
		t.cursor = cursor{}
	}
	t.playback = playback{on: true, rate: t.rate, n: t.n + 1}
	return workReq{Cmd: t.ticks()}
}

// present says why the cursor cannot go on from where it is.
func (t *timeline) present(s situation) string {
	return when(!t.held() && len(s.verbs) > 0, "this is now; "+s.keyOf("left")+" goes back, and "+s.keyOf("play")+" plays on from there")
}

func (t *timeline) playLabel(situation) string {
	if t.playback.on {
		return "hold"
	}
	return "play on"
}

// passed moves the cursor that plays; more is false where it does not any more: it has come to
// the end of a recording, or has caught up with the phone, which it follows then.
func (t *timeline) passed(msg playMsg, now time.Duration, recording bool) (more bool) {
	d, ok := t.gone(msg)
	if !ok {
		return false
	}
	to := t.cursor.at + d
	switch {
	case to < now:
		t.cursor = cursor{at: to}
		return true
	case recording:
		t.cursor = cursor{at: now}
	default:
		t.follow()
	}
	t.stop()
	return false
}

// hastens is a key of the device's clock that, where a cursor is held, turns the clock of the
// past instead.
func (t *timeline) hastens(b binding, step int) binding {
	why, do, past := b.why, b.do, func(s situation) bool { return t.held() && s.mode == mainMode }
	end := func(s situation) bool { return t.rate+step < 0 || t.rate+step >= len(rates) }
	b.why = func(s situation) string {
		if past(s) {
			return when(end(s), "the past plays at ×"+strconv.Itoa(rates[t.rate])+", and no other way")
		}
		return why(s)
	}
	b.do = func(s situation) request {
		if past(s) {
			t.rate += step
			return tellReq{dim, s.keyOf("play") + " plays the past at ×" + strconv.Itoa(rates[t.rate])}
		}
		return do(s)
	}
	foot, label := b.foot, b.Help().Desc
	b.name = func(s situation) string {
		if past(s) {
			return "play " + label
		}
		return label
	}
	b.foot = func(s situation) bool { return past(s) || foot != nil && foot(s) }
	return b
}

// toStart puts the cursor on the beginning of the log.
func (t *timeline) toStart() {
	t.stop()
	t.cursor = cursor{}
}

// steps is the action of a key that goes from event to event.
func (t *timeline) steps(forward bool) func(situation) request {
	return func(s situation) request { return stepReq(forward) }
}

// step moves the cursor to another event; ok is false where there is none.
func (t *timeline) step(h *history, log *event.Log, forward bool) (ok bool) {
	from := t.cursor
	if !t.held() {
		from = cursor{at: math.MaxInt64}
	}
	to, ok := h.stepped(log, from, forward)
	if ok {
		t.stop()
		t.cursor = to
	}
	return ok
}

// A pastPane is a panel that shows what was, and says so in its border.
type pastPane struct {
	pane
	panel panel
}

func (v pastPane) words() string {
	if v.panel == timersPanel || v.panel == wakesPanel {
		return "as they were"
	}
	return "as it was"
}

// note has the words at the end. Who is in a call stands nowhere else in a small window.
func (v pastPane) note(w int) string {
	if v.panel != callPanel {
		return v.words()
	}
	return v.pane.note(w-len(v.words())-3) + " · " + v.words()
}

// mark lights up the words in the border.
func (v pastPane) mark(c *canvas, r rect, right int) {
	area{c, rect{r.x, r.y, r.w - right, 1}}.line(0).gap(len(titleOf(v.panel, v))+3).right(open, " "+v.words()+" ")
}

// pastWords say which instant is shown, and whether it moves; "" if that is now.
//
//	as it was 14:21:07.453  ■ held
func (t *timeline) pastWords(s situation) string {
	if !s.past {
		return ""
	}
	words := s.stamp(t.cursor.at)
	if s.w >= middleWidth {
		words = "as it was " + words
	}
	return words + "  " + t.playback.words()
}
