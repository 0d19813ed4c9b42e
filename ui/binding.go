package ui

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// A binding gives keys a meaning in some modes. Each pane has bindings for the
// keys that act on it; the help, the last line and the test for duplicates are
// made from all of them.
type binding struct {
	key.Binding // its keys; its help is their names, and the label in the footer

	id    string
	group group
	modes mode                     // without a word, those of the main screen
	help  string                   // in the help; "": not listed
	why   func(s situation) string // why it does nothing now; "": it does something
	do    func(s situation) request
	name  func(s situation) string // the label that fits the moment, if it changes
	foot  func(s situation) bool   // when the last line names it; nil: never
	shown []panel                  // the panels that name it too, while it is of use
	idle  string                   // what it says where it changes nothing; "": that it is so already
	// about is the call that it acts on; nil: it acts on none.
	about func(s scene) *event.CallRow
}

// A group is the purpose of a key. The help and the last line list the groups in
// this order.
type group int

// The groups.
const (
	phoneGroup   group = iota // they act on the phone
	runGroup                  // they direct a run
	overlayGroup              // they belong to an overlay
	moveGroup                 // they go from line to line
	zoomGroup                 // they go from panel to panel
	listGroup                 // they go far
	panelGroup                // they act on what a panel shows
	viewGroup                 // they open a view
	showGroup                 // they change what a view shows
	narrowGroup               // they narrow down what it shows
	keepGroup                 // they keep something
	sayGroup                  // they say something, or what was said
	backGroup                 // they lead one level back
	helpGroup                 // they say what keys there are
	leaveGroup                // they lead out
	breakGroup                // they break the network
)

// onPhone reports whether keys of the group act on the phone, and not on what the screen
// shows of it.
func (g group) onPhone() bool { return g == phoneGroup || g == breakGroup }

// A situation decides what a key does: it is the scene, and where the user is in
// it.
type situation struct {
	scene
	phone       scene  // the phone as it is now, which a display that is paused does not show
	whole       scene  // as far as the display goes: a cursor shows an instant of that
	mode        mode   // the innermost view or overlay
	below       mode   // what is under it
	base        mode   // what is under everything
	key         string // that was pressed
	focus, zoom panel
	verbs       []VerbHelp // of the phone; none: it is a recording
	layout      layout
	cols        int    // of the timeline
	bottom      int    // the first row under the panels
	inLadder    bool   // whether the ladder is open
	running     bool   // whether a run of scenarios is shown
	paused      bool   // whether the display is
	past        bool   // whether a cursor shows an earlier instant
	cursor      cursor // that one
	recording   bool   // whether a recording is looked at
	script      *picture.Script
	others      *picture.Deeds
	seen        uint64         // the last record that had been written then
	events      []event.Record // the last of the phone until then, where they are shown
	listed      bool           // whether the panel of the calls shows them all
}

// asItIs is the situation of the phone now.
func (s situation) asItIs() situation {
	s.scene = s.phone
	return s
}

// offers reports whether the phone has a verb.
func (s situation) offers(verb string) bool {
	return slices.ContainsFunc(s.verbs, func(v VerbHelp) bool { return v.Name == verb })
}

// bind makes the keys of a binding, with their label.
func bind(label string, keys ...string) key.Binding {
	return key.NewBinding(key.WithKeys(keys...), key.WithHelp(keyNames(keys), label))
}

// helpKey is the binding that the last line always has room for.
const helpKey = "help"

// active reports whether b counts in mode md.
func (b *binding) active(md mode) bool { return b.in()&md != 0 }

// in is the modes in which b counts.
func (b *binding) in() mode {
	if b.modes == 0 {
		return mainMode
	}
	return b.modes
}

// sees is the situation that b is about: keys for the phone do not stand still with the
// picture.
func (b *binding) sees(s situation) situation {
	if b.group.onPhone() {
		return s.asItIs()
	}
	return s
}

// useless says why b does nothing now; "" if it does something. Nothing is done to a call
// that is not on the screen.
func (b *binding) useless(s situation) string {
	s = b.sees(s)
	if b.why != nil {
		if why := b.why(s); why != "" {
			return why
		}
	}
	if b.about == nil {
		return ""
	}
	c := b.about(s.scene)
	return when(c != nil && !s.onScreen(c), "the call with "+s.called(c)+" is not on the screen: 5 shows it")
}

// act does what b is for.
func (b *binding) act(s situation) request { return b.do(b.sees(s)) }

// hint is the key as a person writes it, and what it does at the moment.
func (b *binding) hint(s situation) hint {
	s = b.sees(s)
	label := b.Help().Desc
	if b.name != nil {
		label = b.name(s)
	}
	k, _, _ := strings.Cut(b.Help().Key, " ")
	h := hint{key: k, label: label}
	if b.about != nil {
		if c := b.about(s.scene); c != nil {
			h.call = c.ID
		}
	}
	return h
}

// A hint names a key and what it does.
type hint struct {
	key, label string
	call       int // to which call; 0: to none
}

func when(bad bool, why string) string {
	if bad {
		return why
	}
	return ""
}

// keyNames are the keys of a binding as the help writes them.
func keyNames(keys []string) string {
	switch {
	case len(keys) > 2 && keys[0] == "1":
		return "1-" + keys[len(keys)-1]
	case len(keys) > 9 && keys[0] == "0":
		return "0-9*#A-D"
	}
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = keyName(k)
	}
	return strings.Join(names, " ")
}

// keyName is a key as a person writes it.
func keyName(k string) string {
	names := map[string]string{"up": "↑", "down": "↓", "left": "←", "right": "→", "shift+tab": "⇧tab"}
	if n, ok := names[k]; ok {
		return n
	}
	return k
}
