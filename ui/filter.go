package ui

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"charm.land/bubbles/v2/textinput"

	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// filterLine is the line in which the filter for the calls and messages is typed, with what
// its last words may become above it.
//
//	▌caller Bob       who is at the other end, or a part of it
//	 caller Carol
//	/ state suspended, caller B
type filterLine struct {
	input    textinput.Model
	messages *messages
}

func (f *filterLine) bindings() []binding {
	return []binding{
		{id: "filter", group: narrowGroup, modes: mainMode | ladderMode, Binding: bind("filter", "/"), help: "filter calls and messages: caller Bob, state suspended, code 4xx", foot: always, do: opens(filterMode)},
		{id: "filter by it", group: overlayGroup, modes: filterMode, Binding: bind("filter", "enter"), foot: always, do: f.submit},
		{id: "complete filter", group: overlayGroup, modes: filterMode, Binding: bind("complete", "tab"), foot: always, do: f.complete},
	}
}

func (f *filterLine) opened(s situation) {
	f.input = newInput(f.messages.filter.String(), nil, f.room(s.scene))
}

func (f *filterLine) cancelled() { f.messages.filter = picture.Filter{} }

func (f *filterLine) line() *textinput.Model { return &f.input }

func (*filterLine) room(s scene) int { return wholeLine(s) }

// submit filters by what is typed. What is wrong in it is said, and can be mended.
func (f *filterLine) submit(situation) request {
	filter, err := picture.ParseFilter(f.input.Value())
	if err != nil {
		return tellReq{fault, err.Error()}
	}
	f.messages.filter = filter
	return closeReq{}
}

// complete takes the first completion.
func (f *filterLine) complete(situation) request {
	list := f.completions()
	if len(list) == 0 {
		return tellReq{dim, "nothing here begins so"}
	}
	f.input.SetValue(list[0].line)
	f.input.CursorEnd()
	return nil
}

// A completion is what the line may become, and what that means.
type completion struct{ line, words, help string }

// completions are those of the last term: of its key, or of the values that the log has.
func (f *filterLine) completions() (list []completion) {
	typed := f.input.Value()
	at := strings.LastIndexByte(typed, ',') + 1
	head := typed[:at] + unless(at == 0, " ")
	term := strings.TrimLeft(typed[at:], " ")
	key, value, valued := strings.Cut(term, " ")
	for _, k := range picture.FilterKeys() {
		switch {
		case !valued && strings.HasPrefix(k.Name, strings.ToLower(term)):
			list = append(list, completion{head + k.Name + " ", k.Name + " " + k.Value, k.Help})
		case valued && strings.EqualFold(key, k.Name):
			for _, v := range f.values(k.Name) {
				if strings.HasPrefix(strings.ToLower(v), strings.ToLower(strings.TrimSpace(value))) {
					list = append(list, completion{head + k.Name + " " + v, k.Name + " " + v, ""})
				}
			}
		}
	}
	return list
}

// values are those that a key has in the log.
func (f *filterLine) values(key string) (values []string) {
	for _, d := range f.messages.dialogs.List {
		switch key {
		case "method":
			values = append(values, d.Method)
		case "caller":
			values = append(values, quoted(d.With))
		case "code":
			values = append(values, when(d.Code != 0, strconv.Itoa(d.Code)))
		case "state":
			values = append(values, picture.StateWord(d.State))
		}
	}
	slices.SortFunc(values, func(a, b string) int { return cmp.Compare(a, b) })
	return slices.DeleteFunc(slices.Compact(values), func(v string) bool { return v == "" })
}

// quoted is a name as a filter has it.
func quoted(name string) string {
	if strings.ContainsRune(name, ',') {
		return `"` + strings.ReplaceAll(name, `"`, "") + `"`
	}
	return strings.ReplaceAll(name, `"`, "")
}

func (f *filterLine) draw(c *canvas, s situation) {
	found := f.completions()
	n := max(0, min(len(found), s.h-4, 8))
	for i := range n {
		y := s.h - 1 - n + i
		c.clear(rect{0, y, s.w, 1}, onCard)
		if i == 0 {
			c.put(0, y, s.w, "▌", open|onCard)
		}
		l := area{c, rect{1, y, s.w - 2, 1}}.line(0)
		l.put(onCard|text, found[i].words).at(34).put(onCard|dim, " "+found[i].help)
	}
	c.clear(rect{0, s.h - 1, s.w, 1}, text)
	drawInput(area{c, rect{1, s.h - 1, s.w - 2, 1}}.line(0).put(keycap, s.keyOf("filter")+" "), &f.input, text)
}
