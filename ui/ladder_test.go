package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestGoldenLadders: the two-sided ladder at every size, and without colours or glyphs.
func TestGoldenLadders(t *testing.T) {
	for _, c := range []struct {
		name, log, keys string
		w, h            int
	}{
		{"sip-beside-160x50", "lost", "6 up up up", 160, 50},
		{"ladder-lost-200x60", "lost", "s N", 200, 60},
		{"ladder-lost-160x50", "lost", "s N", 160, 50},
		{"ladder-lost-120x40", "lost", "s N", 120, 40},
		{"ladder-lost-80x24", "lost", "s N", 80, 24},
		{"ladder-lost-60x20", "lost", "s N", 60, 20},
		{"ladder-lost-40x10", "lost", "s N", 40, 10},
		{"ladder-calls-80x24", "lost", "s tab down", 80, 24},
		{"ladder-calls-40x10", "lost", "s tab", 40, 10},
		{"ladder-chosen-120x40", "lost", "s tab space down space tab tab", 120, 40},
		{"ladder-filter-120x40", "lost", "s / c a l l e r space b o b , c o d e space 4 x x enter", 120, 40},
		{"ladder-complete-80x24", "lost", "s / c", 80, 24},
		{"ladder-compare-120x40", "lost", "s up up up up up up up space up up space", 120, 40},
		{"ladder-raw-80x24", "lost", "s k k k k k k k v enter", 80, 24},
	} {
		frame := Frame{Width: c.w, Height: c.h, Theme: "mono", Wall: moment(t, c.log), Keys: strings.Fields(c.keys), Verbs: verbs, Explain: explained, Find: found}
		golden(t, c.name, ansi.Strip(RenderFrame(load(t, c.log), frame)))
	}
	frame := Frame{Width: 120, Height: 40, Wall: moment(t, "lost"), Keys: []string{"s", "N"}, Verbs: verbs}
	for _, theme := range []string{"dark", "light"} {
		frame.Theme = theme
		golden(t, "ladder-lost-"+theme, RenderFrame(load(t, "lost"), frame))
	}
	frame.ASCII = true
	golden(t, "ladder-lost-ascii", ansi.Strip(RenderFrame(load(t, "lost"), frame)))
}

// TestLadderKeys: what a key of the ladder does is seen at once.
func TestLadderKeys(t *testing.T) {
	for _, c := range []struct{ name, log, keys, want, gone string }{
		{"the lost call is found", "lost", "s N", "▌      +22 ms │", ""},
		{"and how far it came", "lost", "s N", "link    ╳ nat expired", ""},
		{"a call is put into the ladder", "lost", "s tab space", "1 call ", "REGISTER ┼"},
		{"and taken out", "lost", "s tab space space", "REGISTER ┼", "1 call ─"},
		{"enter leads to its first message", "lost", "s tab down enter", "▌14:16:08.133 │", ""},
		{"enter leads to the moment", "call", "s up up up enter", "▸ 14:32:", "calls ─"},
		{"times of day", "call", "s D", "14:32:13.173 │", "+20 ms │"},
		{"times since the beginning", "call", "s D D", "26:53.159 │", "+10 ms │"},
		{"each keepalive", "call", "s i", "pong ─", "pings folded"},
		{"a filter", "lost", "s / c o d e space 2 x x enter", "registered 1 time", "LOST at"},
		{"a filter by state", "lost", "s / s t a t e space s u s enter", "state sus: the states are", ""},
		{"a filter that fits nothing", "lost", "s / c a l l e r space e v e enter", "nothing passes the filter caller eve", "INVITE ──"},
		{"tab completes", "lost", "s / c a tab", "/ caller", ""},
		{"of what the log has", "lost", "s / s t a tab s tab enter", "filter state suspended", "registered 1 time"},
		{"s on a wake", "woken", "4 down s", "▌14:29:59.457 │", ""},
		{"raw", "woken", "s up up up up v v", "wrapped", ""},
		{"in the panel of the messages, too", "lost", "/ m e t h o d space b y e enter", "no message passes the filter method bye", "INVITE 1"},
	} {
		m, _ := newTestModel(t, c.log)
		press(m, strings.Fields(c.keys)...)
		got := ansi.Strip(screen(m))
		if !strings.Contains(got, c.want) || c.gone != "" && strings.Contains(got, c.gone) {
			t.Errorf("%s, keys %s: no %q, or still %q in\n%s", c.name, c.keys, c.want, c.gone, got)
		}
	}
}

// TestCopyMessage puts the text of the message into the clipboard of the terminal.
func TestCopyMessage(t *testing.T) {
	m, _ := newTestModel(t, "lost")
	press(m, strings.Fields("s tab down enter")...)
	_, cmd := m.Update(keyPress("y"))
	if cmd != nil {
		t.Fatal("a message without a text was copied")
	}
	press(m, strings.Fields("down down")...)
	_, cmd = m.Update(keyPress("y"))
	if cmd == nil {
		t.Fatal("nothing was copied")
	}
	if got := fmt.Sprint(cmd()); !strings.HasPrefix(got, "INVITE sip:alice@192.0.2.10:49152") {
		t.Errorf("copied %q", got)
	}
	if got := lastLine(ansi.Strip(screen(m))); !strings.Contains(got, "copied INVITE (SDP), if the terminal") {
		t.Error(got)
	}
}

// TestCompare: of two messages that are marked, what differs is marked; a third takes the
// place of the first, and a mark can be taken back.
func TestCompare(t *testing.T) {
	log := newTold()
	log.at(time.Second, time.Second, event.State{To: event.Foreground})
	for i, to := range []string{"<sip:a@b>", "<sip:a@b>;tag=1", "<sip:c@d>"} {
		raw := "OPTIONS sip:x SIP/2.0\r\nCSeq: 1 OPTIONS\r\nTo: " + to + "\r\n\r\n"
		log.at(time.Second, time.Second, event.Message{Method: "OPTIONS", CallID: "c", CSeq: uint32(i), Raw: raw, Bytes: len(raw)})
	}
	show := func(keys string) string {
		return ansi.Strip(RenderFrame(log.log, Frame{Width: 80, Height: 24, Theme: "mono", Wall: log.wall, Verbs: verbs, Keys: strings.Fields(keys)}))
	}
	got := show("s up space up space")
	for _, want := range []string{" OPTIONS sip:x SIP/2.0 ", " CSeq: 1 OPTIONS ", "≠To: <sip:a@b>;tag=1 ", "≠To: <sip:c@d> "} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "≠CSeq") {
		t.Errorf("what is the same is marked\n%s", got)
	}
	if got := show("s up space up space esc up space"); !strings.Contains(got, "≠To: <sip:a@b> ") || strings.Contains(got, "<sip:c@d>") {
		t.Errorf("the third:\n%s", got)
	}
	if got := show("s up space space up space"); strings.Contains(got, "≠") {
		t.Errorf("one mark is compared:\n%s", got)
	}
}

// TestSeveralOthers: several others are not one person.
func TestSeveralOthers(t *testing.T) {
	log := newTold()
	log.at(time.Second, time.Second, event.State{To: event.Foreground})
	for i, who := range []string{"bob", "carol"} {
		e := event.Message{Out: true, Method: "INVITE", CallID: who, URI: "sip:alice@lab.test", CSeq: uint32(i)}
		log.log.Append(event.Record{Phone: who, Wall: log.wall, Event: e})
	}
	got := ansi.Strip(RenderFrame(log.log, Frame{Width: 120, Height: 40, Theme: "mono", Wall: log.wall, Keys: []string{"s"}, Verbs: verbs}))
	if !strings.Contains(got, "others ") {
		t.Errorf("who is at the left?\n%s", got)
	}
}

// TestLadderAtTheCursor: the cursor of the timeline moves the ladder. What comes after it is
// grey, and what happened last is selected; the keys of the cursor work there, too.
func TestLadderAtTheCursor(t *testing.T) {
	log := load(t, "lost")
	for _, live := range []bool{false, true} {
		m := recorded(log)
		if live {
			m.verbs = verbs
		}
		m.resize(160, 60)
		loss := m.history.fold.Losses[0]
		m.selections.timeline.show(loss.CutAt, m.situation(""))
		press(m, "s")
		check := func() (past, future int) {
			t.Helper()
			s, d := m.situation(""), m.layers.ladder
			c := m.draw()
			rows := d.rows()
			v := ladderView{s.whole, d, s.cursor, rows, d.index(rows, s.cursor)}
			y := d.places(s).rungs.inset().y + 1
			for i := range rows {
				grey := true
				for x := 3; x < d.places(s).rungs.w-2; x++ {
					grey = grey && (c.at(x, y+i) == " " || c.cells[(y+i)*c.w+x].st == faint)
				}
				at := rows[i].Before
				if rows[i].Rung != nil {
					at = rows[i].At
				}
				if is := at > s.cursor.at || at == s.cursor.at && v.toCome(&rows[i]); is != grey {
					t.Errorf("live %t, row %d at %v, the cursor at %v: grey %t", live, i, at, s.cursor.at, grey)
				}
				if future++; !grey {
					past, future = past+1, future-1
				}
				if rows[i].Rung != nil && rows[i].At <= s.cursor.at && !v.toCome(&rows[i]) && i > v.sel {
					t.Errorf("live %t: row %d is selected, and %d has happened", live, v.sel, i)
				}
			}
			if v.toCome(&rows[v.sel]) {
				t.Errorf("live %t: row %d is selected, and has not happened", live, v.sel)
			}
			if g := d.pointedAt(s); g == nil || g.Seq != rows[v.sel].Seq {
				t.Errorf("live %t: the message is %+v, selected is %+v", live, g, rows[v.sel].Rung)
			}
			return past, future
		}
		past, future := check()
		if past < 5 || future < 3 {
			t.Errorf("%d rows have happened, %d are to come", past, future)
		}
		for range 12 {
			press(m, "]")
			check()
		}
		if after, _ := check(); after <= past {
			t.Errorf("%d rows have happened, and %d after twelve events", past, after)
		}
		press(m, "[", "left")
		check()
		at := m.layers.ladder.index(m.layers.ladder.rows(), m.situation("").cursor)
		press(m, "down", "down")
		if got := m.layers.ladder.index(m.layers.ladder.rows(), m.situation("").cursor); got <= at {
			t.Errorf("after ↓↓ row %d is selected, before %d", got, at)
		}
		for range 100 {
			press(m, "down")
		}
		if rows := m.layers.ladder.rows(); m.layers.ladder.sel != rows[len(rows)-1].Seq {
			t.Error("↓ does not get to the last row")
		}
		press(m, "[")
		check()
		press(m, "end")
		if s := m.situation(""); s.past || m.layers.ladder.sel != 0 {
			t.Error("end does not follow")
		}
	}
}

// TestCursorComesBefore: of several records of one time the cursor is at one of them, or after all.
func TestCursorComesBefore(t *testing.T) {
	for _, c := range []struct {
		cursor
		at   time.Duration
		seq  uint64
		want bool
	}{
		{cursor{5, 3}, 6, 1, true},
		{cursor{5, 3}, 5, 4, true},
		{cursor{5, 3}, 5, 3, false},
		{cursor{5, 3}, 4, 9, false},
		{cursor{5, 0}, 5, 9, false},
		{cursor{at: noCursor}, 5, 9, false},
	} {
		if got := c.cursor.before(c.at, c.seq); got != c.want {
			t.Errorf("%+v before %d, record %d: %t", c.cursor, c.at, c.seq, got)
		}
	}
}

// BenchmarkLadder draws a ladder of as many rungs as the screen keeps.
func BenchmarkLadder(b *testing.B) {
	log := new(event.Log)
	log.Append(event.Record{Phone: "alice", Event: event.Start{AOR: "sip:alice@lab.test"}})
	for i := range 2 * maxRungs {
		at := time.Duration(i) * 50 * time.Millisecond
		log.Append(event.Record{Phone: "alice", Device: at, Wall: time.Unix(0, int64(at)), Event: event.Message{Out: i%2 == 0, Method: "OPTIONS", Status: i % 2 * 200, CSeq: uint32(i / 2), CallID: fmt.Sprint(i / 20)}})
	}
	m := recorded(log)
	if n := len(m.history.rungs.Rungs); n < maxRungs/2 {
		b.Fatalf("%d rungs", n)
	}
	press(m, "s")
	b.ReportAllocs()
	for b.Loop() {
		m.last.stale = true
		m.View()
	}
}
