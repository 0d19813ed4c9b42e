package ui

import (
	"slices"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// wakes holds what is selected among the wakes.
type wakes struct {
	cause string // of those that are listed; "": any
	sel   int    // the selected one's number; 0: the newest
}

func (k *wakes) bindings() []binding {
	return []binding{
		{id: "cause", group: panelGroup, Binding: bind("by cause", "w"), help: "list the wakes by one cause, the next, all", why: neverWoken, do: k.nextCause},
	}
}

func neverWoken(s situation) string {
	return when(len(s.fold.Wakes) == 0, "nothing has woken the app yet")
}

// nextCause shows the wakes by one cause after the other, in the order in which
// they came first, and then all of them again.
func (k *wakes) nextCause(s situation) request {
	causes := []string{""}
	for i := range s.fold.Wakes {
		if c := picture.CauseWord(&s.fold.Wakes[i]); !slices.Contains(causes, c) {
			causes = append(causes, c)
		}
	}
	k.cause = causes[(slices.Index(causes, k.cause)+1)%len(causes)]
	k.sel = 0
	return nil
}

// list are those with the cause that was asked for, oldest first.
func (k *wakes) list(f *event.Fold) []*event.WakeRow {
	var list []*event.WakeRow
	for i := range f.Wakes {
		if w := &f.Wakes[i]; k.cause == "" || picture.CauseWord(w) == k.cause {
			list = append(list, w)
		}
	}
	return list
}

// index is that of the selected wake, the newest if none is.
func (k *wakes) index(list []*event.WakeRow) int {
	for i, w := range list {
		if w.N == k.sel && k.sel != 0 {
			return i
		}
	}
	return len(list) - 1
}

// selected is the selected wake, or else the newest; nil: there is none.
func (k *wakes) selected(f *event.Fold) *event.WakeRow {
	list := k.list(f)
	if len(list) == 0 {
		return nil
	}
	return list[k.index(list)]
}

// move moves the selection: downwards is to older wakes.
func (k *wakes) move(f *event.Fold, step int) {
	list := k.list(f)
	if len(list) == 0 {
		return
	}
	i := max(0, min(len(list)-1, k.index(list)-step))
	k.sel = list[i].N
	if i == len(list)-1 {
		k.follow()
	}
}

// follow selects the newest, whichever that is.
func (k *wakes) follow() { k.sel = 0 }

// pointed is the selected wake; ok is false if none is.
func (k *wakes) pointed(s situation) (p spot, ok bool) {
	w := k.selected(s.fold)
	if w == nil || k.sel == 0 {
		return p, false
	}
	return spot{from: w.At, to: w.At + w.Running(s.now) + 1, where: "in this wake"}, true
}
