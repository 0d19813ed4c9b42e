package ui

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// recorded is the screen of a recording, which takes no commands.
func recorded(log *event.Log) *model {
	m := newModel(context.Background(), still{log, nil}, Options{Theme: "mono", Location: time.UTC, Environ: []string{}, Explain: explained})
	m.resize(120, 40)
	m.take()
	m.clock.set(&m.history.fold, m.run)
	return m
}

// panelsOf draws each panel that shows the phone, alone.
func panelsOf(m *model) map[panel]string {
	s, all := m.situation(""), map[panel]string{}
	for p := devicePanel; p < panels; p++ {
		if p == timelinePanel {
			continue
		}
		c := newCanvas(100, 20, false)
		m.selections.pane(p, s, stance{}, &m.history).draw(area{c, rect{1, 0, 98, 20}})
		all[p] = ansi.Strip(c.render(m.display.pal))
	}
	return all
}

// TestAsItWas: at each event of a recording every panel shows what it showed when the log had
// come so far, there and back.
func TestAsItWas(t *testing.T) {
	for name := range moments {
		m, log := recorded(load(t, name)), new(event.Log)
		then, was := recorded(log), map[uint64]map[panel]string{}
		compare := func() {
			t.Helper()
			c := m.selections.timeline.cursor
			for p, got := range panelsOf(m) {
				if want := was[c.seq][p]; got != want {
					t.Fatalf("%s, record %d, panel %d:\n%s\nwas\n%s", name, c.seq, p, got, want)
				}
			}
		}
		var cursors []cursor
		for r := range m.phone.Log().From(0) {
			if log.Append(r); r.Phone != m.history.fold.Phone || periodic(r.Event) {
				continue
			}
			then.take()
			then.clock.set(&then.history.fold, then.run)
			was[r.Seq] = panelsOf(then)
			cursors = append(cursors, cursor{r.Device, r.Seq})
		}
		for i := len(cursors) - 1; i >= 0; i-- {
			if press(m, "["); m.selections.timeline.cursor != cursors[i] {
				t.Fatalf("%s: back to %+v, want %+v", name, m.selections.timeline.cursor, cursors[i])
			}
			compare()
		}
		if press(m, "["); !strings.Contains(lastLine(ansi.Strip(screen(m))), "the log has no event before") {
			t.Errorf("%s, before the first: %q", name, lastLine(ansi.Strip(screen(m))))
		}
		for i := 1; i < len(cursors); i++ {
			if press(m, "]"); m.selections.timeline.cursor != cursors[i] {
				t.Fatalf("%s: forward to %+v, want %+v", name, m.selections.timeline.cursor, cursors[i])
			}
			compare()
		}
		if press(m, "]"); !strings.Contains(lastLine(ansi.Strip(screen(m))), "nothing has happened after that") {
			t.Errorf("%s, after the last: %q", name, lastLine(ansi.Strip(screen(m))))
		}
	}
}

// TestCursorOfColumns: a column has happened when the cursor is on it; what comes after it is
// grey, and what the wakes tell is of then.
func TestCursorOfColumns(t *testing.T) {
	m := recorded(load(t, "killed"))
	last := &m.history.fold.Wakes[1] // long before the end
	for m.selections.timeline.show(last.At, m.situation("")); m.situation("").fold.LastWake().N == last.N; press(m, "left") {
	}
	if at := m.selections.timeline.cursor.at; at >= last.At || last.At-at > 2*scales[m.selections.timeline.scaleIndex(m.whole(), m.situation("").cols)] {
		t.Errorf("the cursor is at %v, the wake was at %v", at, last.At)
	}
	press(m, "right")
	if n := m.situation("").fold.LastWake().N; n < last.N {
		t.Errorf("after its column the wake %d has not happened, but %d", last.N, n)
	}
	s := m.situation("")
	v := m.selections.timelineView(s, &m.history)
	c := newCanvas(s.w, 14, false)
	v.draw(area{c, rect{0, 0, s.cols + labelWidth, 12}})
	at := labelWidth + v.window(s.cols).column(v.cursor.at)
	grey := 0
	for x := at + 1; x < s.cols+labelWidth; x++ {
		if c.at(x, 1) == " " {
			continue
		}
		if grey++; c.cells[c.w+x].st.ink() != faint {
			t.Fatalf("column %d after the cursor %d has the ink %d", x, at, c.cells[c.w+x].st.ink())
		}
	}
	if grey < 10 || c.cells[c.w+at-1].st.ink() == faint {
		t.Errorf("%d columns after the cursor %d are grey, and the one before has the ink %d", grey, at, c.cells[c.w+at-1].st.ink())
	}
	if st := c.cells[c.w+at].st; st&onPast == 0 {
		t.Error("the cursor's column is not marked")
	}
	for range 500 {
		press(m, "left")
	}
	if at := m.selections.timeline.cursor; at != columnOf(0, v.window(s.cols).per) {
		t.Errorf("at the left end it is at %+v", at)
	}
	if press(m, "home"); m.selections.timeline.cursor != (cursor{}) {
		t.Errorf("home leads to %+v", m.selections.timeline.cursor)
	}
	if press(m, "4", "end"); m.selections.timeline.held() {
		t.Error("end does not follow")
	}
}

// TestTheHeaderSaysThatItWas: in every window it is blue, and says of when the screen is.
func TestTheHeaderSaysThatItWas(t *testing.T) {
	m, _ := newTestModel(t, "killed")
	press(m, "left", "left")
	for _, w := range []int{40, 60, 80, 120, 200} {
		m.resize(w, 24)
		c := m.draw()
		header, _, _ := strings.Cut(ansi.Strip(c.render(m.display.pal)), "\n")
		if want := m.scene().stamp(m.selections.timeline.cursor.at); !strings.Contains(header, want) || !strings.Contains(header, "■ held") {
			t.Errorf("%d columns: %s", w, header)
		}
		for x := range w {
			if c.cells[x].st&grounds != onPast {
				t.Fatalf("%d columns: column %d is not blue", w, x)
			}
		}
	}
	if got := ansi.Strip(screen(m)); strings.Count(got, "as it was")+strings.Count(got, "as they were") < 4 {
		t.Errorf("no word of when the panels are\n%s", got)
	}
}

// TestKeysActOnThePhoneAsItIs: what the phone was at the cursor counts for no key.
func TestKeysActOnThePhoneAsItIs(t *testing.T) {
	m, p := newTestModel(t, "woken") // it rings
	m.selections.timeline.show(0, m.situation(""))
	if s := m.situation(""); s.fold.Life.State != event.Foreground || s.phone.fold.Ringing() == nil {
		t.Fatalf("it was %s then", s.fold.Life.State)
	}
	if got := ansi.Strip(screen(m)); !strings.Contains(got, "a answer Bob") {
		t.Errorf("who rings?\n%s", got)
	}
	press(m, "b", "a")
	if got := strings.Join(p.said, "|"); got != "answer from notification" {
		t.Errorf("said %q", got)
	}
}

// play lets the cursor move, so many times after so long.
func play(m *model, times int, every time.Duration) {
	now := time.Unix(0, 0)
	for range times {
		m.Update(playMsg{m.selections.timeline.playback.n, now})
		now = now.Add(every)
	}
}

// TestPlay: the past goes on at the rate that is chosen, until now or the end.
func TestPlay(t *testing.T) {
	m, p := newTestModel(t, "killed")
	at := func() time.Duration { return m.selections.timeline.cursor.at }
	if press(m, "space"); m.selections.timeline.held() || !strings.Contains(lastLine(ansi.Strip(screen(m))), "this is now") {
		t.Error("it plays, and this is now")
	}
	press(m, "home", "space")
	if play(m, 21, playGap); at() != time.Second {
		t.Errorf("a second leads to %v", at())
	}
	press(m, ">", "space", "space")
	if play(m, 21, playGap); at() != 11*time.Second {
		t.Errorf("a second at ×10 leads to %v", at())
	}
	old := playMsg{m.selections.timeline.playback.n - 1, time.Unix(100, 0)}
	if m.Update(old); at() != 11*time.Second {
		t.Errorf("a tick of the playback before leads to %v", at())
	}
	press(m, "space")
	if play(m, 21, playGap); at() != 11*time.Second {
		t.Errorf("held, it goes on to %v", at())
	}
	if len(p.said) != 0 {
		t.Errorf("the phone was told %q", p.said)
	}
	press(m, "space")
	if play(m, 2, 24*time.Hour); m.selections.timeline.held() || m.selections.timeline.on {
		t.Error("it has caught up, and does not follow")
	}
	m = recorded(load(t, "killed"))
	press(m, "space")
	if play(m, 2, 24*time.Hour); at() != m.clock.now || m.selections.timeline.on {
		t.Errorf("a recording plays on to %v of %v", at(), m.clock.now)
	}
}

// TestCursorInALongLog: what was is found from snapshots too, and a display that is paused does
// not look further than it shows.
func TestCursorInALongLog(t *testing.T) {
	log := new(event.Log)
	add := func(i int, e event.Event) {
		d := time.Duration(i) * time.Second
		log.Append(event.Record{Phone: "alice", Wall: time.Unix(0, 0).Add(d), Device: d, Event: e})
	}
	add(0, event.Start{AOR: "sip:alice@a"})
	for i := range 9000 {
		add(i, event.Lock{On: i/10%2 == 0})
	}
	m := recorded(log)
	for _, i := range []int{8999, 5, 4100, 4109, 4110, 1023, 1024, 1025, 0} {
		m.selections.timeline.show(time.Duration(i)*time.Second, m.situation(""))
		if got := m.situation("").fold; got.Device != time.Duration(i)*time.Second || got.Locked != (i/10%2 == 0) {
			t.Errorf("at %d: locked %v at %v", i, got.Locked, got.Device)
		}
	}
	press(m, "end", "p", "left")
	for i := range 100 {
		add(9000+i, event.Lock{On: i%2 == 0})
	}
	m.take()
	m.selections.timeline.cursor = cursor{at: 9050 * time.Second}
	if got := m.situation("").fold.Device; got > 8999*time.Second {
		t.Errorf("the paused display shows %v", got)
	}
}

// TestStoryAtTheCursor: a wake that goes on at the cursor is told up to there, and whole once it
// is over.
func TestStoryAtTheCursor(t *testing.T) {
	m := recorded(load(t, "killed"))
	w := m.history.fold.Wakes[1]
	m.selections.timeline.cursor = cursor{w.At, w.First + 2}
	press(m, "4", "enter", "enter")
	h := &m.layers.events
	if n := len(h.records); m.modes.top() != eventsMode || n == 0 || h.records[n-1].Seq > w.First+2 || h.records[0].Seq != w.First {
		t.Errorf("%d events, %+v", n, h.records)
	}
	told := len(h.records)
	m.selections.timeline.cursor.seq += 2
	if press(m, "esc", "enter"); len(h.records) <= told {
		t.Errorf("two records later: %d events, before %d", len(h.records), told)
	}
	m.selections.timeline.follow()
	m.selections.wakes.sel = w.N
	if press(m, "esc", "enter"); h.records[0].Seq != w.First || h.last != w.Last {
		t.Errorf("as it is: %d events up to %d, and not %d", len(h.records), h.last, w.Last)
	}
}

// TestSoundOfAFormerVersion: where the log does not tell what calls sounded like, their lanes say so.
func TestSoundOfAFormerVersion(t *testing.T) {
	for _, former := range []bool{false, true} {
		log := new(event.Log)
		for r := range load(t, "call").From(0) {
			if _, is := r.Event.(event.Audio); is {
				r.Event = event.Audio{Former: former}
			}
			log.Append(r)
		}
		m := recorded(log)
		press(m, "3", "z")
		if got := strings.Count(ansi.Strip(screen(m)), picture.NoSound); got != map[bool]int{false: 0, true: 2}[former] {
			t.Errorf("former %t: said %d times", former, got)
		}
	}
}
