package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/clean"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// maxInbox bounds the inbox (our own number); the oldest go first.
const maxInbox = 200

// A letter is something that the phone has for its user: a missed call, a text, or what a
// mailbox says. Of these the phone knows: a call that was lost before it came is none of them.
type letter struct {
	seq     uint64
	at      time.Duration
	account string         // by which one it came, of several
	call    *event.CallRow // that was missed
	text    *event.Text
	mail    *event.MessageWaiting
}

// letters are those that came, oldest first.
type letters struct{ list []letter }

// take takes in a record, which the fold has.
func (b *letters) take(r event.Record, f *event.Fold) {
	if r.Phone != f.Phone {
		return
	}
	one := letter{seq: r.Seq, at: r.Device, account: r.Account}
	switch e := r.Event.(type) {
	case event.Call:
		if e.Phase == event.CallEnded {
			one.call = missed(f, e.ID)
		}
	case event.Text:
		if !e.Out {
			one.text = &e
		}
	case event.MessageWaiting:
		one.mail = &e
	}
	if one.call == nil && one.text == nil && one.mail == nil {
		return
	}
	if len(b.list) >= maxInbox {
		b.list = b.list[:copy(b.list, b.list[maxInbox/2:])]
	}
	b.list = append(b.list, one)
}

// missed is the call of a number that has just ended, if its user has missed it; else nil.
func missed(f *event.Fold, id int) *event.CallRow {
	if len(f.Recent) == 0 {
		return nil
	}
	c := f.Recent[len(f.Recent)-1]
	if c.ID != id || c.Fate() != event.ResultMissed {
		return nil
	}
	return &c
}

// inbox is the overlay of what the phone has for its user, the newest first.
//
//	╭─ inbox ────────────────────────────────── 2 new · esc ─╮
//	│▌● 14:33:30  missed    bob                              │
//	│   14:20:02  text      carol: are you there?            │
//	│   14:05:00  voicemail 2 new, 5 old                     │
type inbox struct {
	history *history
	sel     int    // from the newest
	read    uint64 // the last letter that was there when it was closed
	shown   uint64 // the same, when it was opened
}

func (b *inbox) bindings() []binding {
	return []binding{
		{id: "inbox", group: viewGroup, Binding: bind("inbox", "i"), help: "missed calls, texts and what mailboxes say", foot: b.hasNew, do: opens(inboxMode), name: b.label},
		{id: "call back", group: phoneGroup, modes: inboxMode, Binding: bind("call back", "enter"), foot: always, why: b.cannotCall, do: b.callBack, name: b.callLabel},
		{id: "letter above", group: moveGroup, modes: inboxMode, Binding: bind("choose", "up"), foot: always, do: b.moves(-1), idle: first},
		{id: "letter below", group: moveGroup, modes: inboxMode, Binding: bind("choose", "down"), foot: always, do: b.moves(+1), idle: last},
		{id: "letters up", group: moveGroup, modes: inboxMode, Binding: bind("page up", "pgup"), do: b.moves(-10), idle: first},
		{id: "letters down", group: moveGroup, modes: inboxMode, Binding: bind("page down", "pgdown"), do: b.moves(+10), idle: last},
		{id: "inbox read", group: overlayGroup, modes: inboxMode, Binding: bind("close", "q"), do: goesBack},
	}
}

func (b *inbox) letters() []letter { return b.history.letters.list }

// new is how many came since it was closed last.
func (b *inbox) new(since uint64) (n int) {
	for i := range b.letters() {
		if b.letters()[i].seq > since {
			n++
		}
	}
	return n
}

func (b *inbox) hasNew(s situation) bool { return onMain(s) && b.new(b.read) > 0 }

func (b *inbox) label(situation) string {
	if n := b.new(b.read); n > 0 {
		return fmt.Sprintf("inbox, %d new", n)
	}
	return "inbox"
}

// opened shows the newest. What is there has been seen then.
func (b *inbox) opened(situation) {
	b.sel, b.shown = 0, b.read
	if list := b.letters(); len(list) > 0 {
		b.read = list[len(list)-1].seq
	}
}

func (b *inbox) moves(step int) func(situation) request {
	return func(situation) request {
		b.sel = max(0, min(len(b.letters())-1, b.sel+step))
		return nil
	}
}

// chosen is the letter under the bar; nil: there is none.
func (b *inbox) chosen() *letter {
	list := b.letters()
	if len(list) == 0 {
		return nil
	}
	return &list[len(list)-1-min(b.sel, len(list)-1)]
}

// peer is who can be called back; "": nobody.
func (n *letter) peer() string {
	switch {
	case n.call != nil:
		return n.call.Peer
	case n.text != nil:
		return n.text.From
	}
	return ""
}

// who is the other side, as it is shown.
func (n *letter) who(s scene) string {
	if n.call != nil {
		return s.name(n.call)
	}
	return event.Printable(event.Call{Peer: n.text.From, Name: n.text.Name}.Who())
}

func (b *inbox) cannotCall(s situation) string {
	n := b.chosen()
	switch {
	case n == nil:
		return "there is nothing in it"
	case n.mail != nil:
		return "no server has said under which number this mailbox is called"
	case n.peer() == "":
		return "nobody knows who that was"
	}
	return needs("call", nil)(s)
}

func (b *inbox) callLabel(s situation) string {
	if n := b.chosen(); n != nil && n.mail == nil {
		return "call " + middle(n.who(s.scene), 20)
	}
	return "call back"
}

// callBack calls whoever it came from, by the account by which it came.
func (b *inbox) callBack(s situation) request {
	n := b.chosen()
	return closeReq{sayReq("call " + s.by(clean.Line(n.peer()), n.account))}
}

func (b *inbox) draw(c *canvas, s situation) {
	list := b.letters()
	note := s.keyOf("esc")
	if n := b.new(b.shown); n > 0 {
		note = fmt.Sprintf("%d new · %s", n, s.keyOf("esc"))
	}
	p := s.overlay(c, "inbox", note, settingsWidth, max(1, len(list))+4)
	if len(list) == 0 {
		p.line(0).put(dim, "nothing: no call was missed, no text came, no mailbox has spoken")
	}
	rows := p.h - 2
	top := max(0, min(b.sel-rows/2, len(list)-rows))
	for y := 0; y < rows && top+y < len(list); y++ {
		n := &list[len(list)-1-top-y]
		b.row(p.line(y), s, n, top+y == min(b.sel, len(list)-1))
	}
	if lost := len(s.fold.Losses); lost > 0 {
		p.line(p.h-1).put(fault, fmt.Sprintf("%d lost before it came: the phone knows of none", lost)).put(dim, "  "+s.keyOf("esc")+", then "+s.keyOf("next loss")+" shows them")
	}
}

// row is a letter.
func (b *inbox) row(l *pen, s situation, n *letter, chosen bool) {
	l.put(open, unless(!chosen, "▌")).at(1)
	l.put(woken, unless(n.seq <= b.shown, "●")).at(3)
	l.put(dim, s.clock(n.at)).gap(2)
	if user := s.fold.UserOf(n.account); s.fold.SeveralUsers() && user != "" {
		l.right(dim, " as "+middle(event.Printable(user), 12))
	}
	switch {
	case n.call != nil:
		l.put(fault, "missed    ").middle(strong, n.who(s.scene))
	case n.text != nil:
		l.put(text, "text      ").put(strong, middle(n.who(s.scene), 20)).put(text, ": ").put(text, event.Printable(n.text.Body))
	default:
		l.put(text, strings.ToLower(fmt.Sprintf("%-10s", n.mail.Title()))).put(mailInk(n.mail), mailWords(n.mail))
	}
}

func mailInk(m *event.MessageWaiting) style {
	if m.Waiting {
		return strong
	}
	return dim
}

// mailWords say how many messages wait, of each kind that was counted.
func mailWords(m *event.MessageWaiting) string {
	var parts []string
	for _, kind := range event.MailKinds() {
		t, ok := m.Of(kind)
		if !ok {
			continue
		}
		name := kind + " "
		if kind == event.MailVoice {
			name = ""
		}
		parts = append(parts, fmt.Sprintf("%s%d new, %d old", name, t.New, t.Old))
	}
	switch {
	case len(parts) > 0:
		return strings.Join(parts, "; ")
	case m.Waiting:
		return "messages wait; how many is not said"
	}
	return "no message waits"
}

// callable are whom the dialler completes: those who called, were called or wrote, the newest
// first, and the robots of a lab that is in this process.
func (h *history) callable() (list []string) {
	add := func(who string) {
		if who = clean.Line(who); who != "" && !slices.Contains(list, who) {
			list = append(list, who)
		}
	}
	_, own, _ := strings.Cut(h.fold.Start.AOR, "@")
	both := func(peer string) {
		peer = strings.TrimPrefix(peer, "sip:")
		if user, domain, _ := strings.Cut(peer, "@"); domain == own { // elsewhere the name is somebody else's
			add(user)
		}
		add(peer)
	}
	for _, c := range recentCalls(&h.fold) {
		both(c.Peer)
	}
	for _, n := range slices.Backward(h.letters.list) {
		if n.text != nil {
			both(n.text.From)
		}
	}
	for i := range h.lab.Robots {
		add(h.lab.Robots[i].Name)
	}
	return list
}
