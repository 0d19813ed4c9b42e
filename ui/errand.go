package ui

import tea "charm.land/bubbletea/v2"

// errands are the lines that wait to be given to the phone, oldest first; the
// first is being carried out. Lines are carried out one at a time and in the
// order in which they were given: the next one waits for the phone's answer to
// the one before.
type errands []string

// verbDoneMsg is the phone's answer to a line.
type verbDoneMsg struct {
	line string
	err  error
}

// say gives the phone a line, after those that wait.
func (e *errands) say(phone Phone, line string) tea.Cmd {
	*e = append(*e, line)
	if len(*e) > 1 {
		return nil
	}
	return e.next(phone)
}

// done takes the line away that was carried out, and gives the next.
func (e *errands) done(phone Phone) tea.Cmd {
	*e = (*e)[1:]
	return e.next(phone)
}

// next gives the phone the line that has waited longest, outside of the
// screen's goroutine.
func (e *errands) next(phone Phone) tea.Cmd {
	if len(*e) == 0 {
		return nil
	}
	line := (*e)[0]
	return func() tea.Msg {
		err := func() (err error) {
			defer caught(&err)
			return phone.Do(line)
		}()
		return verbDoneMsg{line, err}
	}
}
