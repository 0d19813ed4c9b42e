package app

import (
	"fmt"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestMail: a text is a notification while the app is off the screen, and voice
// messages are one when there are new ones, not each time that the server says
// so.
func TestMail(t *testing.T) {
	b := newBoard(t, Config{})
	says := func(n control.Notice) (words []string) {
		b.notice(b.now, b.lines[0], n)
		for _, c := range b.out.take() {
			switch c := c.(type) {
			case system.Log:
				what, detail := c.Event.Text()
				words = append(words, what+": "+detail)
			case system.Notify:
				words = append(words, fmt.Sprintf("notify %d %s: %s", c.ID, c.Title, c.Body))
			case system.Withdraw:
				words = append(words, fmt.Sprint("withdraw ", c.ID))
			}
		}
		return words
	}
	want := func(n control.Notice, words ...string) {
		t.Helper()
		if got := says(n); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", words) {
			t.Errorf("%+v:\n got %q\nwant %q", n, got, words)
		}
	}
	waits := func(fresh, old uint32) control.Notice {
		return control.MessageWaiting{Account: "sip:vm@lab.test", Waiting: fresh > 0, Tally: &event.Tally{New: fresh, Old: old}}
	}
	hi := control.Texted{From: "sip:bob@lab.test", Name: "Bob", Text: "hi"}
	want(hi, `text from "Bob" sip:bob@lab.test: hi`)
	want(waits(1, 0), "message waiting: sip:vm@lab.test, 1 new")
	want(control.Missed{From: "sip:eve@lab.test", Name: "Eve"})
	b.foreground = false
	want(hi, `text from "Bob" sip:bob@lab.test: hi`, "notify 1 Bob: hi")
	want(waits(1, 0), "message waiting: sip:vm@lab.test, 1 new")
	want(waits(2, 3), "message waiting: sip:vm@lab.test, 2 new, 3 old", "notify 2 Voicemail: 2 new, 3 old")
	want(waits(1, 4), "message waiting: sip:vm@lab.test, 1 new, 4 old")
	want(waits(2, 4), "message waiting: sip:vm@lab.test, 2 new, 4 old", "notify 2 Voicemail: 2 new, 4 old")
	want(waits(0, 6), "no message waiting: sip:vm@lab.test, 0 new, 6 old", "withdraw 2")
	want(waits(0, 6), "no message waiting: sip:vm@lab.test, 0 new, 6 old")
	want(waits(1, 6), "message waiting: sip:vm@lab.test, 1 new, 6 old", "notify 3 Voicemail: 1 new, 6 old")
	fax := func(fresh uint32) control.MessageWaiting {
		return control.MessageWaiting{Account: "sip:vm@lab.test", Waiting: true, Others: []event.MailCount{{Kind: "fax", Tally: event.Tally{New: fresh, UrgentNew: 1, Old: 3}}}}
	}
	want(waits(0, 6), "no message waiting: sip:vm@lab.test, 0 new, 6 old", "withdraw 3")
	want(fax(1), "message waiting: sip:vm@lab.test, fax: 1 new, 1 urgent, 3 old", "notify 4 Mailbox: fax: 1 new, 1 urgent, 3 old")
	want(fax(1), "message waiting: sip:vm@lab.test, fax: 1 new, 1 urgent, 3 old")
	want(fax(2), "message waiting: sip:vm@lab.test, fax: 2 new, 1 urgent, 3 old", "notify 4 Mailbox: fax: 2 new, 1 urgent, 3 old")
	both := fax(2)
	both.Tally = &event.Tally{New: 1}
	want(both, "message waiting: sip:vm@lab.test, 1 new; fax: 2 new, 1 urgent, 3 old", "notify 4 Voicemail: 1 new; fax: 2 new, 1 urgent, 3 old")
	want(control.MessageWaiting{Account: "sip:vm@lab.test"}, "no message waiting: sip:vm@lab.test", "withdraw 4")
	want(control.MessageWaiting{Account: "sip:vm@lab.test", Waiting: true}, "message waiting: sip:vm@lab.test", "notify 5 Voicemail: messages wait")
	want(control.Missed{From: "sip:eve@lab.test", Name: "Eve"}, "notify 6 Eve: Missed call")
	want(control.Missed{From: "sip:eve@lab.test"}, "notify 7 sip:eve@lab.test: Missed call")
	if e := (event.MessageWaiting{Tally: &event.Tally{New: 2, UrgentNew: 1}}); e.Counts() != "2 new, 1 urgent" {
		t.Errorf("counts %q", e.Counts())
	}
}
