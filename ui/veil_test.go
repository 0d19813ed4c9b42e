package ui

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/report"
)

func veil(log *event.Log) Veil { return report.NewVeil(log) }

// those are the people of the recordings, and where they are.
var those = regexp.MustCompile(`(?i)\balice\b|\bbob\b|carol|lab\.test|example\.test|192\.0\.2\.|198\.51\.100\.`)

func TestGoldenPrivate(t *testing.T) {
	for _, c := range []struct {
		name, log, keys string
		w, h            int
	}{{"120x40", "lost", "", 120, 40}, {"80x24", "lost", "x", 80, 24}, {"ladder-120x40", "call", "s", 120, 40}, {"40x10", "woken", "", 40, 10}} {
		f := Frame{Width: c.w, Height: c.h, Theme: "mono", Wall: moment(t, c.log), Keys: strings.Fields(c.keys), Verbs: verbs, Explain: explained, Find: found, Veil: veil, Private: true}
		golden(t, "private-"+c.name, ansi.Strip(RenderFrame(load(t, c.log), f)))
	}
}

// TestPrivacyTurns: V hides who is on the screen, and what is copied; it names what there is by the
// same words at the next record, and V shows the screen as it was.
func TestPrivacyTurns(t *testing.T) {
	p := &puppet{log: load(t, "lost")}
	m := newModel(t.Context(), p, Options{Theme: "mono", Location: time.UTC, Environ: []string{}, Explain: explained, Find: found, Veil: veil})
	m.resize(120, 40)
	m.take()
	m.clock.wall = moment(t, "lost")
	m.clock.set(&m.history.fold, m.run)
	before := ansi.Strip(screen(m))
	press(m, "V", "V")
	m.remark = remark{}
	if got := ansi.Strip(screen(m)); got != before {
		t.Errorf("it is not as before:\n%s\n%s", got, before)
	}
	press(m, "V")
	m.remark = remark{}
	if got := ansi.Strip(screen(m)); those.MatchString(got) || !strings.Contains(got, "private") || !strings.Contains(got, "user1") {
		t.Errorf("seen: %q\n%s", those.FindAllString(got, -1), got)
	}
	press(m, "x")
	if cmd := m.press(keyPress("y")); cmd == nil || those.MatchString(fmt.Sprint(cmd())) {
		t.Errorf("copied: %v", fmt.Sprint(cmd()))
	}
	if title := m.View().WindowTitle; those.MatchString(title) {
		t.Errorf("the title is %q", title)
	}
	press(m, "esc")
	sees(m, p, event.Call{ID: 9, Phase: event.CallIncoming, Peer: "sip:bob@lab.test", Name: "Bob"})
	if got := ansi.Strip(screen(m)); those.MatchString(got) || !strings.Contains(got, "user1") {
		t.Errorf("seen later: %q\n%s", those.FindAllString(got, -1), got)
	}
	sees(m, p, event.Call{ID: 9, Phase: event.CallEnded, By: "peer", Peer: "sip:bob@lab.test", Name: "Bob"})
	p.err = errors.New("bob is nobody at lab.test")
	press(m, append(strings.Split(":/c/a/l/l/ /u/s/e/r/1", "/"), "enter")...)
	if got := strings.Join(p.said, "|"); got != "call bob" {
		t.Errorf("the phone was told %q", got)
	}
	if those.MatchString(m.remark.words) || !strings.Contains(m.remark.words, "is nobody at") {
		t.Errorf("it says %q", m.remark.words)
	}
}

// TestPrivacyOfALongLog: the screen does not wait until a long log is woven, and then it is hidden;
// a recording is hidden when all of it is there.
func TestPrivacyOfALongLog(t *testing.T) {
	m := lostModel(t, 120, 40)
	m.veil.weave = veil
	for range maxWoven {
		m.phone.Log().Append(event.Record{Phone: "bob", Event: event.Lock{}})
	}
	m.take()
	cmd := m.press(keyPress("V"))
	if cmd == nil || !those.MatchString(ansi.Strip(screen(m))) || !strings.Contains(m.remark.words, "it is seen still") {
		t.Fatalf("%q", m.remark.words)
	}
	m.Update(cmd())
	if got := ansi.Strip(screen(m)); those.MatchString(got) {
		t.Errorf("seen: %q\n%s", those.FindAllString(got, -1), got)
	}

	state := "loading 40 %"
	log := load(t, "lost")
	m = newModel(t.Context(), still{log, nil}, Options{Theme: "mono", Location: time.UTC, Environ: []string{}, Veil: veil, Private: true, Loading: func() string { return state }})
	m.resize(120, 40)
	m.Update(logGrewMsg{log: log, upTo: log.Len()})
	if m.history.seen != 0 {
		t.Error("it is shown before it is known who is in it")
	}
	state = ""
	m.Update(tickMsg{moment(t, "lost")})
	if got := ansi.Strip(screen(m)); those.MatchString(got) || m.history.seen != log.Len() {
		t.Errorf("seen: %q, %d of %d\n%s", those.FindAllString(got, -1), m.history.seen, log.Len(), got)
	}
}

// TestNoVeil: where nobody knows what a name is, V says so.
func TestNoVeil(t *testing.T) {
	m, _ := newTestModel(t, "call")
	press(m, "V")
	if got := lastLine(ansi.Strip(screen(m))); !strings.Contains(got, "nobody knows here what is a name") {
		t.Error(got)
	}
}

// TestPrivateTour: a tour goes on behind a veil, and names nobody either.
func TestPrivateTour(t *testing.T) {
	opt := Options{Theme: "mono", Location: time.UTC, Environ: []string{}, Veil: veil, Private: true}
	opt.Caption = func(r event.Record) (string, int) {
		return unless(r.Phone != "alice", "Bob calls alice: this is the tour."), 0
	}
	log := load(t, "lost")
	m := newModel(t.Context(), &puppet{log: log}, opt)
	m.resize(120, 40)
	m.Update(logGrewMsg{log: log, upTo: log.Len()})
	if got := ansi.Strip(screen(m)); !strings.Contains(got, "this is the tour") || those.MatchString(got) {
		t.Errorf("seen: %q\n%s", those.FindAllString(got, -1), got)
	}
}
