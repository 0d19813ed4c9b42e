package ui

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// dialWidth is how wide the box of the dialler is.
const dialWidth = 46

// dial is the dialler: a field for the address, the account to call by, where there are
// several, and the last calls.
//
//	╭─ dial ─────────────────────────────── esc ─╮
//	│ to bob                                     │
//	│    as private, tab for another account     │
//	│                                            │
//	│ recent                                     │
//	│  carol@lab.test                    00:41 ✓ │
type dial struct {
	input   textinput.Model
	past    past
	account string // that was chosen last; "": the first
	history *history
}

func (d *dial) bindings() []binding {
	return []binding{
		{id: "dial it", group: overlayGroup, modes: dialMode, Binding: bind("call", "enter"), foot: always, do: d.submit},
		{id: "older peer", group: overlayGroup, modes: dialMode, Binding: bind("earlier", "up"), foot: always, do: d.recall(-1)},
		{id: "newer peer", group: overlayGroup, modes: dialMode, Binding: bind("later", "down"), foot: always, do: d.recall(+1)},
		{id: "account", group: overlayGroup, modes: dialMode, Binding: bind("complete", "tab"), why: d.nothingToComplete, foot: always, do: d.completes, name: d.tabLabel},
	}
}

func ofSeveral(s situation) bool { return s.fold.SeveralUsers() }

// nothingToComplete is why tab does nothing.
func (d *dial) nothingToComplete(s situation) string {
	switch {
	case d.completion() != "" || s.fold.SeveralUsers():
		return ""
	case d.input.Value() == "":
		return "type the beginning of a name first"
	}
	return "nobody of that name has called or was called"
}

// completion is what tab makes of what is typed; "": nothing.
func (d *dial) completion() string {
	if d.input.Value() == "" {
		return ""
	}
	if s := suggestion(&d.input); s != d.input.Value() {
		return s
	}
	return ""
}

// completes completes the name or, where that is whole, chooses another account.
func (d *dial) completes(s situation) request {
	if d.completion() == "" {
		return d.nextAccount(s)
	}
	return workReq{Cmd: typeKey(&d.input, tea.KeyPressMsg{Code: tea.KeyTab})}
}

func (d *dial) tabLabel(s situation) string {
	if d.completion() == "" && s.fold.SeveralUsers() {
		return "account"
	}
	return "complete"
}

// nextAccount chooses another account for this call and those that follow. One that
// stands in the field gives way to it.
func (d *dial) nextAccount(s situation) request {
	all := s.fold.Users()
	d.account = all[(slices.Index(all, d.by(s.scene))+1)%len(all)]
	if who, typed := d.typed(s.scene); typed != "" {
		d.input.SetValue(strings.TrimSpace(who + " as " + d.account))
		d.input.CursorEnd()
	}
	return nil
}

// by is the account of the call, of a phone with several: that in the field or, if there is
// none, that chosen last.
func (d *dial) by(s scene) string {
	all := s.fold.Users()
	if _, typed := d.typed(s); typed != "" {
		return typed
	}
	if !slices.Contains(all, d.account) {
		return all[0]
	}
	return d.account
}

// typed are whom the field says to call, and the account that it names as the verb does:
// "bob as work"; "": none.
func (d *dial) typed(s scene) (who, account string) {
	words := strings.Fields(d.input.Value())
	at := len(words) - 2
	if !s.fold.SeveralUsers() || at < 0 || !strings.EqualFold(words[at], "as") {
		return strings.Join(words, " "), ""
	}
	return strings.Join(words[:at], " "), words[at+1]
}

func (d *dial) opened(s situation) {
	d.input, d.past = newInput("", d.history.callable(), d.room(s.scene)), past{}
}

func (d *dial) line() *textinput.Model { return &d.input }

func (d *dial) room(s scene) int { return dialRoom(s) }

// dialRoom is how many columns there are for an address.
func dialRoom(s scene) int {
	return max(1, min(dialWidth, s.w)-len("| to ")-len(" |")-1)
}

func (d *dial) submit(s situation) request {
	who, typed := d.typed(s.scene)
	switch {
	case who == "":
		return closeReq{}
	case typed != "" || s.fold.SeveralUsers() && d.by(s.scene) != s.fold.Users()[0]:
		who += " as " + d.by(s.scene)
	}
	return closeReq{sayReq("call " + who)}
}

func (d *dial) recall(step int) func(situation) request {
	return func(s situation) request {
		var peers []string
		for _, c := range slices.Backward(recentCalls(s.fold)) {
			peers = append(peers, s.again(&c))
		}
		d.past.recall(&d.input, peers, step)
		return nil
	}
}

// recentCalls are the last calls, newest first, one for each peer and account, whichever
// flow of that they went by.
func recentCalls(f *event.Fold) []event.CallRow {
	var rows []event.CallRow
	type way struct{ peer, account string }
	seen := map[way]bool{}
	for _, c := range slices.Backward(f.Recent) {
		if w := (way{c.Peer, f.UserOf(c.Account)}); !seen[w] {
			seen[w] = true
			rows = append(rows, c)
		}
	}
	return rows
}

func (d *dial) draw(c *canvas, s situation) {
	recent := recentCalls(s.fold)
	p := s.overlay(c, "dial", s.keyOf("esc"), dialWidth, 8+min(6, max(1, len(recent))))
	drawInput(p.line(0).put(dim, "to "), &d.input, strong)
	d.drawAccount(p.line(1).put(dim, "   "), s.scene)
	p.line(3).put(dim, "recent")
	if len(recent) == 0 {
		p.line(4).put(dim, "  nobody yet")
	}
	for i := 0; i < min(6, len(recent)); i++ {
		s.drawRecent(p.line(4+i), &recent[i], i+1 == d.past.back)
	}
	l := p.line(p.h-1).put(keycap, s.keyOf("dial it")).put(dim, " call  ").put(keycap, s.keyOf("older peer")+s.keyOf("newer peer")).put(dim, " recent")
	if ofSeveral(s) {
		l.put(keycap, "  "+s.keyOf("account")).put(dim, " "+d.tabLabel(s))
	} else if d.completion() != "" {
		l.put(keycap, "  "+s.keyOf("account")).put(dim, " complete")
	}
}

// drawAccount says by which account it is called or, where there is one, who can be.
func (d *dial) drawAccount(l *pen, s scene) {
	if !s.fold.SeveralUsers() {
		l.put(dim, "a name, or sip:somebody@somewhere")
		return
	}
	l.put(dim, "as ").put(strong, event.Printable(d.by(s))).put(dim, ", "+s.keyOf("account")+" for another account")
}

func (s scene) drawRecent(l *pen, call *event.CallRow, chosen bool) {
	if chosen {
		l.put(open, "▌")
	} else {
		l.gap(1)
	}
	switch {
	case call.Up != 0:
		l.right(talk, "✓").right(dim, event.Clock(call.Ended-call.Up)+" ")
	case call.Elsewhere != "":
		l.right(dim, middle(event.Printable(call.Elsewhere), maxReason))
	case call.Status >= 300:
		l.right(fault, fmt.Sprintf("%d %s", call.Status, middle(call.Reason, maxReason/2)))
	default:
		l.right(dim, "not answered")
	}
	s.as(l, s.fold.UserOf(call.Account)).middle(text, strings.TrimPrefix(call.Peer, "sip:"))
}
