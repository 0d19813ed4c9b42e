package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// withLetters is a phone for which something has come.
func withLetters(t testing.TB) *event.Log {
	t.Helper()
	log := load(t, "registered")
	at := moment(t, "registered")
	n := 0
	add := func(e event.Event) {
		n++
		log.Append(event.Record{Device: 4*time.Minute + time.Duration(n)*time.Second, Wall: at.Add(time.Duration(n) * time.Second), Phone: "alice", Event: e})
	}
	call := func(id int, peer, name, by string, phases ...event.CallPhase) {
		for _, p := range phases {
			add(event.Call{ID: id, Phase: p, Peer: peer, Name: name, By: by})
		}
	}
	add(event.MessageWaiting{Account: "sip:alice@pbx.example.test", Waiting: true, Tally: &event.Tally{New: 2, Old: 5}})
	call(71, "sip:bob@pbx.example.test", "Bob", "them", event.CallIncoming, event.CallRinging, event.CallEnded)
	call(72, "sip:dave@pbx.example.test", "Dave", "us", event.CallIncoming, event.CallRinging, event.CallEnded) // declined
	call(73, "sip:erin@elsewhere.example", "", "them", event.CallIncoming, event.CallAnswered, event.CallUp, event.CallEnded)
	add(event.Call{ID: 74, Phase: event.CallCalling, Out: true, Peer: "sip:frank@pbx.example.test"})
	add(event.Call{ID: 74, Phase: event.CallEnded, Out: true, Peer: "sip:frank@pbx.example.test", By: "them", Status: 486})
	add(event.Text{From: "sip:carol@pbx.example.test", To: "sip:alice@pbx.example.test", Body: "are you there?\x1b]0;x\a"})
	add(event.Text{Out: true, To: "sip:carol@pbx.example.test", Body: "yes", Status: 200})
	return log
}

func inboxModel(t testing.TB, log *event.Log) (*model, *puppet) {
	t.Helper()
	p := &puppet{log: log}
	m := newModel(t.Context(), p, Options{Theme: "mono", Location: time.UTC, Environ: []string{}})
	m.resize(120, 40)
	m.take()
	m.Update(tickMsg{moment(t, "registered").Add(time.Minute)})
	return m, p
}

func TestGoldenInbox(t *testing.T) {
	for _, size := range []struct {
		name string
		w, h int
	}{{"120x40", 120, 40}, {"80x24", 80, 24}, {"60x20", 60, 20}, {"40x10", 40, 10}} {
		f := Frame{Width: size.w, Height: size.h, Theme: "mono", Wall: moment(t, "registered").Add(time.Minute), Verbs: verbs, Keys: []string{"i", "down"}}
		golden(t, "inbox-"+size.name, ansi.Strip(RenderFrame(withLetters(t), f)))
	}
	f := Frame{Width: 80, Height: 24, Theme: "mono", Wall: moment(t, "lost"), Verbs: verbs, Keys: []string{"i"}}
	golden(t, "inbox-lost-80x24", ansi.Strip(RenderFrame(load(t, "lost"), f)))
}

// TestInbox: in it is what the user has missed, and nothing else; the newest comes first.
func TestInbox(t *testing.T) {
	m, _ := inboxModel(t, withLetters(t))
	var got []string
	for _, n := range slices.Backward(m.history.letters.list) {
		switch {
		case n.call != nil:
			got = append(got, "missed "+n.call.Name)
		case n.text != nil:
			got = append(got, "text "+n.peer())
		case n.mail != nil:
			got = append(got, "mail "+mailWords(n.mail))
		}
	}
	if want := "text sip:carol@pbx.example.test, missed Bob, mail 2 new, 5 old"; strings.Join(got, ", ") != want {
		t.Errorf("in it is %q, want %q", got, want)
	}
}

// TestInboxIsRead: what has come since it was looked at is new, and the last line says so.
func TestInboxIsRead(t *testing.T) {
	log := withLetters(t)
	m, _ := inboxModel(t, log)
	if got := lastLine(ansi.Strip(screen(m))); !strings.Contains(got, "i inbox, 3 new") {
		t.Error(got)
	}
	press(m, "i")
	if text := ansi.Strip(screen(m)); !strings.Contains(text, "3 new · esc") {
		t.Error(text)
	}
	press(m, "q")
	if got := lastLine(ansi.Strip(screen(m))); strings.Contains(got, "inbox") {
		t.Errorf("it was read: %s", got)
	}
	log.Append(event.Record{Wall: moment(t, "registered").Add(2 * time.Minute), Phone: "alice", Event: event.Text{From: "sip:carol@pbx.example.test", Body: "?"}})
	m.take()
	press(m, "i")
	if text := ansi.Strip(screen(m)); !strings.Contains(text, "1 new · esc") {
		t.Error(text)
	}
}

// TestCallBack: enter calls whoever it came from; nobody can be called for a mailbox.
func TestCallBack(t *testing.T) {
	for keys, want := range map[string]string{
		"i enter":           "call sip:carol@pbx.example.test",
		"i down enter":      "call sip:bob@pbx.example.test",
		"i down down enter": "",
		"i pgdown up enter": "call sip:bob@pbx.example.test",
	} {
		m, p := inboxModel(t, withLetters(t))
		press(m, strings.Fields(keys)...)
		if got := strings.Join(p.said, "|"); got != want {
			t.Errorf("%q says %q, want %q", keys, got, want)
		}
	}
	m, p := inboxModel(t, load(t, "registered"))
	press(m, "i", "enter")
	if text := ansi.Strip(screen(m)); len(p.said) > 0 || !strings.Contains(text, "no call was missed") {
		t.Errorf("%q\n%s", p.said, text)
	}
}

// TestInboxIsBounded: the oldest go first.
func TestInboxIsBounded(t *testing.T) {
	m, _ := inboxModel(t, load(t, "registered"))
	for i := range 3 * maxInbox {
		m.phone.Log().Append(event.Record{Phone: "alice", Event: event.Text{From: fmt.Sprintf("sip:u%d@x.test", i)}})
	}
	m.take()
	list := m.history.letters.list
	if len(list) > maxInbox || list[len(list)-1].text.From != fmt.Sprintf("sip:u%d@x.test", 3*maxInbox-1) {
		t.Errorf("%d letters, the last %+v", len(list), list[len(list)-1].text)
	}
}

func TestMailWords(t *testing.T) {
	for want, m := range map[string]event.MessageWaiting{
		"2 new, 5 old":                        {Waiting: true, Tally: &event.Tally{New: 2, Old: 5}},
		"1 new, 0 old; fax 3 new, 1 old":      {Waiting: true, Tally: &event.Tally{New: 1}, Others: []event.MailCount{{Kind: "fax", Tally: event.Tally{New: 3, Old: 1}}}},
		"messages wait; how many is not said": {Waiting: true},
		"no message waits":                    {},
	} {
		if got := mailWords(&m); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestDialCompletes: tab completes a name; of somebody at another server only the whole address
// means him.
func TestDialCompletes(t *testing.T) {
	for keys, want := range map[string]string{
		"d b o tab enter":                       "call bob",
		"d c tab enter":                         "call carol",
		"d e r i n @ tab enter":                 "call erin@elsewhere.example",
		"d f tab enter":                         "call frank",
		"d x tab esc":                           "",
		"d tab esc":                             "",
		"d b o backspace backspace c tab enter": "call carol",
	} {
		m, p := inboxModel(t, withLetters(t))
		press(m, strings.Fields(keys)...)
		if got := strings.Join(p.said, "|"); got != want {
			t.Errorf("%q says %q, want %q", keys, got, want)
		}
	}
	m, _ := inboxModel(t, withLetters(t))
	if list := m.history.callable(); slices.Contains(list, "erin") {
		t.Errorf("the name of another server's user is taken for one of ours: %q", list)
	}
	press(m, "d", "x", "tab")
	if got := lastLine(ansi.Strip(screen(m))); !strings.Contains(got, "nobody of that name") {
		t.Error(got)
	}
}
