package ui

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestExplainFindsWhatIsPointedAt: of several anomalies at one place it is the lost call that
// is selected, or the nearest; of a message that which it shows, or that its call was lost.
func TestExplainFindsWhatIsPointedAt(t *testing.T) {
	loss := event.Loss{Phase: event.LossCertain, CallID: "x", Moment: 4}
	x := explain{list: []anomaly{
		{seq: 5, at: 10 * time.Second, event: event.Error{}},
		{seq: 9, at: 10200 * time.Millisecond, event: loss},
		{seq: 10, at: 10400 * time.Millisecond, event: event.Call{Phase: event.CallEnded, CallID: "y"}},
		{seq: 12, at: 20 * time.Second, event: event.Warning{}},
	}}
	column := spot{from: 10 * time.Second, to: 11 * time.Second}
	for what, c := range map[string]struct {
		change func(*spot)
		want   int
	}{
		"the end of a column":             {func(p *spot) { p.at = 11*time.Second - tick }, 2},
		"in the middle of it":             {func(p *spot) { p.at = 10200 * time.Millisecond }, 1},
		"at its beginning":                {func(p *spot) { p.at = 10 * time.Second }, 0},
		"the selected loss":               {func(p *spot) { p.at, p.loss = 11*time.Second-tick, "x" }, 1},
		"a loss elsewhere is selected":    {func(p *spot) { p.at, p.loss = 10*time.Second, "z" }, 0},
		"an error among the messages":     {func(p *spot) { *p = spot{seq: 5} }, 0},
		"the bytes that were lost":        {func(p *spot) { *p = spot{seq: 4} }, 1},
		"a message of the lost call":      {func(p *spot) { *p = spot{seq: 7, call: "x"} }, 1},
		"a message of one that failed":    {func(p *spot) { *p = spot{seq: 7, call: "y"} }, 2},
		"a message of another call":       {func(p *spot) { *p = spot{seq: 7, call: "z"} }, -1},
		"one that names no call":          {func(p *spot) { *p = spot{seq: 7} }, -1},
		"one with a warning at that time": {func(p *spot) { *p = spot{seq: 7, from: 20 * time.Second, to: 20*time.Second + 1} }, 3},
	} {
		p := column
		c.change(&p)
		if got := x.find(p); got != c.want {
			t.Errorf("%s: %d, want %d", what, got, c.want)
		}
	}
}

// TestLadderExplainsTheLostCall: at the row where a call was lost, and at any message of it, x
// has its finding.
func TestLadderExplainsTheLostCall(t *testing.T) {
	log := load(t, "lost")
	var loss event.Loss
	var rows []uint64
	for r := range log.From(0) {
		if e, is := r.Event.(event.Loss); is {
			loss = e
		}
	}
	for r := range log.From(0) {
		if e, is := r.Event.(event.Message); is && e.CallID == loss.CallID {
			rows = append(rows, r.Seq)
		}
	}
	if len(rows) < 3 {
		t.Fatalf("the call has %d messages", len(rows))
	}
	for _, seq := range append(rows, loss.Moment) {
		m := again(log, 120, 40)
		press(m, "s")
		m.layers.ladder.choose(seq)
		press(m, "x")
		if m.modes.top() != explainMode || !strings.Contains(ansi.Strip(screen(m)), "lost  Bob") {
			t.Errorf("record %d:\n%s", seq, ansi.Strip(screen(m)))
		}
	}
}

// twoLost is the log of a lost call with another one, of which the server told at once.
func twoLost(t *testing.T) (log *event.Log, first, second time.Duration) {
	t.Helper()
	log = load(t, "lost")
	var last event.Record
	for r := range log.From(0) {
		if e, is := r.Event.(event.Loss); is {
			first = r.Device - e.Ago.D()
		}
		last = r
	}
	last.Phone, last.Seq, last.Device = "alice", 0, last.Device+time.Minute
	last.Event = event.Loss{Phase: event.LossCertain, From: "Carol", CallID: "c2", Where: event.AtServer, Status: 408, Ago: event.Seconds(32 * time.Second)}
	log.Append(last)
	return log, first, last.Device - 32*time.Second
}

// TestEveryLossHasItsPin: a recording opens at its first lost call, which has the flag and
// is listed; the others have a pin, and n takes the flag on.
func TestEveryLossHasItsPin(t *testing.T) {
	log, first, second := twoLost(t)
	m := again(log, 120, 40)
	s := m.situation("")
	flag := func(at time.Duration) string { return "LOST HERE " + s.clock(at) + " ▼" }
	got := ansi.Strip(screen(m))
	for _, want := range []string{flag(first), "LOST?, Bob still waits", "likely LOST at the NAT", "bob ✓ → server ✓ → link ╳"} {
		if !strings.Contains(strings.ToLower(got), strings.ToLower(want)) {
			t.Errorf("no %q:\n%s", want, got)
		}
	}
	pins := func(at time.Duration) (n int) { // in the lanes, in the column of an instant
		w := m.selections.timeline.window(s.whole, s.cols)
		x := s.layout.at[timelinePanel].x + 2 + labelWidth + w.column(at)
		c := m.draw()
		for y := range c.h {
			if g := c.at(x, y); g == "┊" || g == "╳" || g == "│" {
				n++
			}
		}
		return n
	}
	if strings.Contains(got, flag(second)) || pins(first) < 6 || pins(second) < 6 {
		t.Errorf("the other has no pin, or a flag:\n%s", got)
	}
	press(m, "n")
	if got := ansi.Strip(screen(m)); !strings.Contains(got, flag(second)) || !strings.Contains(got, "Carol still waits") || pins(first) < 6 || pins(second) < 6 {
		t.Errorf("n:\n%s", got)
	}
	if press(m, "s"); m.modes.top() != ladderMode {
		t.Fatal("no ladder")
	}
	press(m, "esc", "N", "s")
	if g := m.layers.ladder.pointedAt(m.situation("")); g == nil || !g.Lost() {
		t.Errorf("s begins at %+v, not where the call was lost", g)
	}
}

// TestWhatWasKnownOfALoss: between the moment of a loss and what was told of it the caller
// waited, and no answer is known.
func TestWhatWasKnownOfALoss(t *testing.T) {
	whole, past := &event.Fold{}, &event.Fold{}
	row := event.LossRow{Loss: event.Loss{Phase: event.LossCertain, CallID: "x", Status: 408, After: 32}, Began: 10 * time.Second, At: 42 * time.Second}
	unknown := event.LossRow{Loss: event.Loss{Phase: event.LossCertain, CallID: "y"}, Began: 11 * time.Second, At: 42 * time.Second}
	whole.Losses = []event.LossRow{row, unknown}
	if got := lossesAt(past, whole, 9*time.Second); len(got) != 0 {
		t.Errorf("before: %+v", got)
	}
	got := lossesAt(past, whole, 20*time.Second)
	if len(got) != 2 || got[0].Certain() || !got[0].Waits || got[0].Status != 0 || got[1].Waits {
		t.Errorf("while the caller waited: %+v", got)
	}
	past.Losses = whole.Losses[:1]
	if got := lossesAt(past, whole, 42*time.Second); len(got) != 2 || !got[0].Certain() || got[0].Status != 408 {
		t.Errorf("afterwards: %+v", got)
	}
}

// TestLossesAreCounted: one that is likely is not counted among those that are certain.
func TestLossesAreCounted(t *testing.T) {
	likely, certain := event.LossRow{Loss: event.Loss{Phase: event.LossLikely}}, event.LossRow{Loss: event.Loss{Phase: event.LossCertain}}
	for want, list := range map[string][]event.LossRow{
		"":                                       nil,
		"1 call likely lost|1 likely lost":       {likely},
		"2 calls lost|2 lost":                    {certain, certain},
		"1 call lost, 2 likely|1 lost, 2 likely": {certain, likely, likely},
	} {
		f := &event.Fold{Losses: list}
		if got := strings.Trim(lossWords(f, false)+"|"+lossWords(f, true), "|"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestLossOutcome: what is not known of a caller is not said.
func TestLossOutcome(t *testing.T) {
	for want, l := range map[string]event.Loss{
		"Bob still waits": {Phase: event.LossLikely, From: "Bob", Waits: true},
		"Bob gave up":     {Phase: event.LossLikely, From: "Bob", By: "caller"},
		"Bob got 408":     {Phase: event.LossCertain, From: "Bob", Status: 408},
		"outcome unknown": {Phase: event.LossLikely, From: "Bob"},
	} {
		if got := lossOutcome(&event.LossRow{Loss: l}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := lossOutcome(&event.LossRow{Loss: event.Loss{Phase: event.LossCertain}}); got != "outcome unknown" {
		t.Errorf("a certain one: %q", got)
	}
}

// TestTheBarMovesOn: from a call that has been over for a while the bar goes to one that is
// not; before that, c takes it there in the ladder too.
func TestTheBarMovesOn(t *testing.T) {
	over := []event.Call{second(event.CallIncoming), second(event.CallAnswered), second(event.CallUp), {ID: 2, Phase: event.CallEnded, By: "peer"}}
	for what, c := range map[string]struct {
		seconds    int
		keys, want string
	}{
		"at once":                  {0, "e", ""},
		"a second later":           {1, "e", ""},
		"a while later":            {3, "e", "hang up"},
		"in the ladder":            {0, "s e", ""},
		"in the ladder, and c":     {0, "s c e", "hang up"},
		"in the ladder, later":     {3, "s e", "hang up"},
		"in the ladder, and muted": {0, "s c m", "mute"},
	} {
		m, p := newTestModel(t, "call")
		happens(m, p, over...)
		for range c.seconds {
			sees(m, p, event.RTP{Call: 3})
		}
		press(m, strings.Fields(c.keys)...)
		if got := strings.Join(p.said, "|"); got != c.want {
			t.Errorf("%s: said %q, want %q", what, got, c.want)
		}
	}
}

// TestAnOpenCardIsRevised: a card that is open on a call that is likely lost says what became
// of it as soon as that is known.
func TestAnOpenCardIsRevised(t *testing.T) {
	m := lostModel(t, 120, 40)
	press(m, "x")
	later := m.history.fold.Losses[0].Loss
	later.Status, later.Ago = 503, later.Ago+event.Seconds(time.Second)
	log := m.phone.Log()
	log.Append(event.Record{Phone: "alice", Wall: moment(t, "lost").Add(time.Second), Device: m.clock.now + time.Second, Event: later})
	m.Update(logGrewMsg{log: log})
	if got := ansi.Strip(screen(m)); !strings.Contains(got, "Bob was told 503") {
		t.Errorf("the card:\n%s", got)
	}
}

// TestCardSaysThereIsMore: where the card has not room for all of its lines, it says so.
func TestCardSaysThereIsMore(t *testing.T) {
	for size, want := range map[[2]int]bool{{40, 10}: true, {120, 40}: false} {
		m := lostModel(t, size[0], size[1])
		press(m, "x")
		if got := ansi.Strip(screen(m)); strings.Contains(got, " more ") != want {
			t.Errorf("%v:\n%s", size, got)
		}
		for range 10 {
			press(m, "down")
		}
		if got := ansi.Strip(screen(m)); strings.Contains(got, " more ") || !strings.Contains(got, "next chance") {
			t.Errorf("%v, at its end:\n%s", size, got)
		}
	}
}

// TestCutRowsAreInColumn: what was cut off stands in the columns of the messages at each
// width, and the message beside them is the newest line.
func TestCutRowsAreInColumn(t *testing.T) {
	for _, w := range []int{80, 120, 160, 200} {
		m := again(load(t, "lost"), w, 50)
		press(m, "end", "6", "z")
		if w == 160 || w == 200 {
			press(m, "z")
		}
		got := ansi.Strip(screen(m))
		column := func(row, of string) int {
			for line := range strings.Lines(got) {
				if before, after, ok := strings.Cut(line, row); ok && strings.Contains(after, of) {
					return ansi.StringWidth(before+row) + ansi.StringWidth(after[:strings.Index(after, of)])
				}
			}
			return -1
		}
		if ack, cut := column("◀── ACK", " +"), column("╳── INVITE", " +"); ack < 0 || ack != cut {
			t.Errorf("%d columns: the time of an ACK at %d, of what was cut at %d\n%s", w, ack, cut, got)
		}
		if ack, cut := column("◀── ACK", "316 B"), column("╳── INVITE", "from Bob"); ack < 0 || ack != cut {
			t.Errorf("%d columns: the remark of an ACK at %d, of what was cut at %d\n%s", w, ack, cut, got)
		}
		if w == 160 && !strings.Contains(got, "swallowed INVITE") {
			t.Errorf("the message beside the list is another:\n%s", got)
		}
	}
}
