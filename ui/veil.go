package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A Veil hides who is on the screen and what they say: it gives records and texts in which names,
// numbers, addresses, tokens and texts are stand-ins, always the same for the same. Clear is a
// line of a person with what is behind them.
type Veil interface {
	Record(r event.Record) event.Record
	Text(s string) string
	Clear(line string) string
}

// A veiled is a phone whose log is shown through a veil, while that is on. Its own log is not
// touched. The log that is shown has the same numbers.
type veiled struct {
	weave func(*event.Log) Veil // nil: there is none
	of    Veil                  // nil: everything is shown as it is
	plain Phone                 // the phone itself
	seen  uint64                // of its log
	waits bool                  // until all of a recording is there: who is in it is not known before
}

// A veiledPhone is a phone that is seen through a veil. A line that it is given is clear already.
type veiledPhone struct {
	Phone
	log *event.Log
}

func (p veiledPhone) Log() *event.Log { return p.log }

func (v *veiled) on() bool { return v.of != nil }

// text is a text as it may be shown.
func (v *veiled) text(s string) string {
	if v.on() {
		return v.of.Text(s)
	}
	return s
}

// clear is a line as the phone is to have it.
func (v *veiled) clear(line string) string {
	if v.on() {
		return v.of.Clear(line)
	}
	return line
}

// source is the log that grows.
func (m *model) source() *event.Log {
	if m.veil.on() {
		return m.veil.plain.Log()
	}
	return m.phone.Log()
}

// weave takes what has come into the log that is shown.
func (m *model) weave() {
	v := &m.veil
	if !v.on() {
		return
	}
	if m.veil.waits = strings.HasPrefix(m.loading(), loading); m.veil.waits {
		return
	}
	if v.seen == 0 {
		v.of = v.weave(v.plain.Log())
	}
	for r := range v.plain.Log().From(v.seen) { // a tour knows whom it is about
		m.caption.take(r)
	}
	m.caption.words = v.of.Text(m.caption.words)
	v.seen = through(v.of, v.plain.Log(), m.phone.Log(), v.seen)
}

// through shows what a log has after a record as another, and returns how far that goes.
func through(of Veil, log, shown *event.Log, seen uint64) uint64 {
	for r := range log.From(seen) {
		for shown.Len()+1 < r.Seq { // it has let go of these
			shown.Append(event.Record{Wall: r.Wall, Device: r.Device, Phone: nobody, Event: event.Lock{}})
		}
		seen = r.Seq
		shown.Append(of.Record(r))
	}
	return seen
}

// nobody stands for whose records are not there any more.
const nobody = "lab"

// hide draws the veil, or takes it away: everything is folded anew.
func (m *model) hide(situation) request {
	v := &m.veil
	if v.on() {
		m.phone = v.plain
		v.of, v.plain, v.seen, v.waits = nil, nil, 0, false
		m.refold()
		return tellReq{dim, "names are shown again"}
	}
	log := m.phone.Log()
	if log.Len() <= maxWoven || strings.HasPrefix(m.loading(), loading) {
		m.hidden(hiddenMsg{v.weave(log), new(event.Log), 0})
		return tellReq{dim, hidden}
	}
	return workReq{func() tea.Msg {
		of, shown := v.weave(log), new(event.Log)
		return hiddenMsg{of, shown, through(of, log, shown, 0)}
	}, "looking for what is to be hidden: it is seen still"}
}

// maxWoven is how long a log may be, in records, to be hidden at once (our own number).
const maxWoven = 500

// A hiddenMsg is a veil, and the log that is shown through it, up to a record of the phone's.
type hiddenMsg struct {
	of    Veil
	shown *event.Log
	seen  uint64
}

// hidden says what a veil does.
const hidden = "names, numbers, addresses, texts and tokens are stand-ins now; the log has them"

// hidden shows the phone through a veil.
func (m *model) hidden(msg hiddenMsg) {
	if m.veil.on() { // somebody was twice as fast
		return
	}
	m.veil.of, m.veil.plain, m.veil.seen = msg.of, m.phone, msg.seen
	m.phone = veiledPhone{m.phone, msg.shown}
	m.refold()
}

// refold folds the log that is shown from its beginning. What is selected by a record stays.
func (m *model) refold() {
	paused := m.ahead != nil
	m.history = startHistory(unless(m.history.phone == "", m.veil.text(m.history.phone)))
	m.layers.explain.list, m.layers.explain.finding = nil, findingMsg{}
	m.caption.words = ""
	m.ahead, m.behind = nil, 0
	m.weave()
	for r := range m.phone.Log().From(0) {
		m.history.take(r)
		m.layers.explain.take(r, &m.history.fold)
	}
	if paused {
		m.ahead = m.history.fold.Clone()
	}
	m.layers.lab.shown = m.veil.text
}

// veilable is why nothing can be hidden.
func (m *model) veilable(situation) string {
	switch {
	case m.veil.weave == nil:
		return "nobody knows here what is a name"
	case m.running():
		return "of a run the names stand in its file"
	}
	return ""
}
