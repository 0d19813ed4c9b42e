package ui

import tea "charm.land/bubbletea/v2"

// verbQueue holds the lines for the phone, oldest first; the first is being
// carried out. Lines are carried out one at a time and in order: each waits for
// the phone's answer to the one before.
type verbQueue []string

// verbDoneMsg reports the phone's answer to a line.
type verbDoneMsg struct {
	line string
	err  error
}

// say gives the phone a line, after those that wait.
func (q *verbQueue) say(phone Phone, line string) tea.Cmd {
	*q = append(*q, line)
	if len(*q) > 1 {
		return nil
	}
	return q.next(phone)
}

// done takes the line away that was carried out, and gives the next.
func (q *verbQueue) done(phone Phone) tea.Cmd {
	*q = (*q)[1:]
	return q.next(phone)
}

// next gives the phone the line that has waited longest, outside of the
// screen's goroutine.
func (q *verbQueue) next(phone Phone) tea.Cmd {
	if len(*q) == 0 {
		return nil
	}
	line := (*q)[0]
	return func() tea.Msg {
		err := func() (err error) {
			defer caught(&err)
			return phone.Do(line)
		}()
		return verbDoneMsg{line, err}
	}
}
