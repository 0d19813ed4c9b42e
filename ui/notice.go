package ui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/clean"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// notices mirror the notifications of the phone on the desktop, while the terminal has not
// the focus.
type notices struct {
	form    func(title, body string) string // nil: none are shown
	blurred bool
	due     string
}

// newNotices are those of a live phone; a recording has none.
func newNotices(opt Options, live bool) notices {
	if opt.NoNotices || !live {
		return notices{}
	}
	return notices{form: noticeForm(opt.Environ)}
}

// noticeForm is how a terminal is asked for a notice; nil: in no way that is known.
func noticeForm(environ []string) func(title, body string) string {
	is := func(kv ...string) bool {
		return slices.ContainsFunc(environ, func(e string) bool { return slices.Contains(kv, e) })
	}
	switch {
	case is("TERM=xterm-kitty"):
		return func(title, body string) string { return ansi.DesktopNotification(title+": "+body, "i=sleeptalk") }
	case is("TERM_PROGRAM=iTerm.app"):
		return func(title, body string) string { return ansi.Notify(title + ": " + body) }
	case is("TERM_PROGRAM=ghostty", "TERM_PROGRAM=WezTerm", "TERM=xterm-ghostty", "TERM=foot", "TERM=rxvt-unicode-256color"):
		return func(title, body string) string { return "\x1b]777;notify;" + title + ";" + body + "\x07" }
	}
	return nil
}

// maxNotice bounds a notice, in characters (our own number).
const maxNotice = 120

// take notes a notification that the user of the phone would see.
func (n *notices) take(r event.Record) {
	e, ok := r.Event.(event.Notification)
	if !ok || n.form == nil || !n.blurred || e.Phase != event.NotificationPosted || !e.Shown {
		return
	}
	plain := func(s string) string { // what a peer has chosen ends no field and no sequence
		return strings.ReplaceAll(clean.Cut(clean.Line(s), maxNotice), ";", ",")
	}
	n.due = n.form(plain(r.Phone+": "+e.Title), plain(e.Body))
}

// ask has the terminal show what is due; nil: nothing is.
func (n *notices) ask() tea.Cmd {
	if n.due == "" {
		return nil
	}
	defer func() { n.due = "" }()
	return tea.Raw(n.due)
}
