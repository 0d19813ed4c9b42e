package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// A request asks the root for something that a pane cannot do itself. nil asks
// for nothing.
type request interface{ request() }

type (
	// sayReq asks to give the phone a line of the verb language.
	sayReq string
	// openReq asks to open a view or an overlay.
	openReq mode
	// closeReq asks to close what is open, and then to do Then.
	closeReq struct{ then request }
	// chooseReq asks for the bar to be put on the call of a number.
	chooseReq int
	// bothReq asks for one thing, and then for another.
	bothReq [2]request
	// backReq asks to go one level back.
	backReq struct{}
	// tellReq asks for a remark in the last line.
	tellReq struct {
		ink   style
		words string
	}
	// askReq asks the user a question; yes gives the phone a line. again asks it anew when
	// it is answered: by then it may be another question, or none.
	askReq struct {
		question, yes string
		again         func(s situation) request
	}
	// workReq asks for something to be done outside of the screen's goroutine.
	workReq struct {
		tea.Cmd
		meanwhile string // the last line says it; "": it says nothing
	}
	// messageReq asks to show a record among the messages.
	messageReq uint64
	// momentReq asks to show a moment in the timeline, and to close what hides it.
	momentReq time.Duration
	// findReq asks for the finding of the anomaly that is open.
	findReq struct{}
	// stepReq asks to move the timeline's cursor to the next event, or to the one before.
	stepReq bool
	// lineReq asks to show where a line of a scenario was over.
	lineReq struct{ line *picture.ScriptLine }
	// lossReq asks to show the moment at which a call was lost.
	lossReq time.Duration
	// readReq asks for the events of a passage.
	readReq passage
	// explainReq asks for the rule behind what went wrong where one points.
	explainReq struct{}
)

func (sayReq) request()     {}
func (openReq) request()    {}
func (closeReq) request()   {}
func (chooseReq) request()  {}
func (bothReq) request()    {}
func (backReq) request()    {}
func (tellReq) request()    {}
func (askReq) request()     {}
func (workReq) request()    {}
func (explainReq) request() {}
func (lossReq) request()    {}
func (lineReq) request()    {}
func (stepReq) request()    {}
func (messageReq) request() {}
func (findReq) request()    {}
func (readReq) request()    {}
func (momentReq) request()  {}

// copyReq asks to have a text in the clipboard of the terminal, if that lets programs copy.
func copyReq(text, what string) request {
	return workReq{tea.SetClipboard(text), "copied " + what + ", if the terminal lets programs copy (OSC 52)"}
}

// opens is the action of a key that opens a view or an overlay.
func opens(md mode) func(situation) request {
	return func(situation) request { return openReq(md) }
}

// says is the action of a key that gives the phone a line.
func says(line string) func(situation) request {
	return func(situation) request { return sayReq(line) }
}

// goesBack is the action of a key that closes what is open.
func goesBack(situation) request { return backReq{} }
