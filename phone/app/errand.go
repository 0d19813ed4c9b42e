package app

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// errand is what keeps the app awake off the screen: an answer that it waits
// for. An app that is suspended cannot retry, so that it holds a background
// task where the wake is not long enough.
type errand struct {
	out *outbox
	// done says that the server has answered: nothing is waited for.
	done bool
	// inHandler says that the app waits in its keepalive handler, and takes no task.
	inHandler bool
	task      int // the number of the background task; 0: none is held
	last      int
}

// hold takes a background task, if none is held and the app takes any.
func (e *errand) hold(name string) {
	if e.task == 0 && !e.inHandler {
		e.last++
		e.task = e.last
		e.out.ask(system.BeginTask{Task: e.task, Name: name})
	}
}

// drop gives the background task back.
func (e *errand) drop() {
	if e.task != 0 {
		e.out.ask(system.EndTask{Task: e.task})
		e.task = 0
	}
}

// settled is called when the server of a line has answered a ping, or a
// registration either way: what the app stayed awake for is done, unless another
// server has something to answer, or is being connected to.
func (a *App) settled(l *line) {
	if a.lines.othersBusy(l) {
		return
	}
	a.errand.done = true
	a.rest()
}

// freed is called when a call is over, or was refused.
func (a *App) freed(now time.Time) {
	a.rest()
	a.strategy.freed(now)
}

// rest gives back the time that the system lent, when what it was for is done.
// A phone that rings needs all the time that it can get.
func (a *App) rest() {
	if a.errand.done && a.board.calls.ringing() == nil && !a.strategy.busy() {
		a.strategy.done()
		a.errand.drop()
	}
}
