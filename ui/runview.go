package ui

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"
)

// noLine means that the cursor follows the current step.
const noLine = -1

// runView is a run, and what is selected in it.
type runView struct {
	runner Runner
	state  RunState
	clock  time.Time // by the wall
	cursor int       // the selected line; noLine: the one that is played
	focus  runPanel
	zoom   bool
}

// took is how long the run has taken, by the wall.
func (v *runView) took() time.Duration {
	if v.state.Took > 0 || v.clock.IsZero() || v.state.Began.IsZero() {
		return v.state.Took
	}
	return max(0, v.clock.Sub(v.state.Began))
}

// timePasses reports whether device time goes on between two records.
func (v *runView) timePasses() bool { return !v.state.Virtual && v.state.Over == "" }

// selected is the line under the cursor.
func (v *runView) selected() int {
	at := v.state.At
	if v.cursor != noLine {
		at = v.cursor
	}
	return max(0, min(len(v.state.Lines)-1, at))
}

// move moves the cursor over the steps; on the current one it follows again.
func (v *runView) move(step int) {
	v.cursor = max(0, min(len(v.state.Lines)-1, v.selected()+step))
	if v.cursor == v.state.At {
		v.cursor = noLine
	}
}

func (v *runView) bindings() []binding {
	order := func(do RunAction) func(situation) request {
		return func(situation) request { return v.tell(RunOrder{Do: do}) }
	}
	return []binding{
		{id: "hold", group: runGroup, modes: runMode, Binding: bind("pause", "space"), help: "pause after this step, and go on", why: v.isOver, foot: v.flows, do: v.hold, name: v.holdLabel},
		{id: "step", group: runGroup, modes: runMode, Binding: bind("next step", "n"), help: "play the next step, and pause after it", why: v.isOver, foot: always, do: order(RunNext)},
		{id: "go", group: runGroup, modes: runMode, Binding: bind("go on", "g"), help: "go on to the end", why: v.isOver, foot: always, do: order(RunGo)},
		{id: "until", group: runGroup, modes: runMode, Binding: bind("run to cursor", "u"), help: "go on to the line under the cursor", why: v.isNotAhead, foot: always, do: v.toCursor},
		{id: "abort", group: runGroup, modes: runMode, Binding: bind("stop", "x"), help: "stop the run", why: v.isOver, foot: always, do: order(RunStop)},
		{id: "happened", group: runGroup, modes: runMode, Binding: bind("what happened here", "enter"), help: "the events of the step under the cursor", foot: always, do: v.whatHappened},
		{id: "quicker", group: runGroup, modes: runMode, Binding: bind("faster", ">"), help: "virtual time faster", why: v.isReal, foot: v.flows, do: order(RunFaster)},
		{id: "calmer", group: runGroup, modes: runMode, Binding: bind("slower", "<"), help: "virtual time slower", why: v.isReal, do: order(RunSlower)},
		{id: "report", group: runGroup, modes: runMode, Binding: bind("report", "r"), help: "say where the report is", foot: always, do: v.tellReport},
		{id: "other", group: runGroup, modes: runMode, Binding: bind("next panel", "tab"), help: "focus the next panel", do: v.focusNext},
		{id: "larger", group: runGroup, modes: runMode, Binding: bind("zoom", "z"), help: "zoom the panel, and back", do: v.zoomPanel},
		{id: "first", group: runGroup, modes: runMode, Binding: bind("top", "home"), help: "the first line", do: v.top},
		{id: "leave run", group: leaveGroup, modes: runMode, Binding: bind("leave", "q"), help: "leave (asks while the run goes on)", foot: always, do: v.leave},
	}
}

// steps is the panel of the scenario's lines.
func (v *runView) steps() stepsView { return stepsView{&v.state, v.selected(), v.cursor == noLine} }

func (v *runView) layout(s scene) runLayout { return arrangeRun(s.w, s.h, s.top, v.focus, v.zoom) }

func (v *runView) top(situation) request {
	v.move(-len(v.state.Lines))
	return nil
}

// follow has the cursor follow the step that is played.
func (v *runView) follow() { v.cursor = noLine }

// focusNext goes to the next panel. One that has no place in this window is
// zoomed.
func (v *runView) focusNext(s situation) request {
	v.focus = (v.focus + 1) % runPanels
	if !v.zoom {
		v.zoom = v.layout(s.scene).at[v.focus].h == 0
	}
	return nil
}

func (v *runView) zoomPanel(situation) request {
	v.zoom = !v.zoom
	return nil
}

// back goes out of the zoom, or leaves.
func (v *runView) back(s situation) request {
	if v.zoom {
		return v.zoomPanel(s)
	}
	return v.leave(s)
}

// flows reports whether the run is not paused.
func (v *runView) flows(situation) bool { return !v.state.Held }

// tell asks something of the run.
func (v *runView) tell(o RunOrder) request {
	return workReq{Cmd: func() tea.Msg {
		v.runner.Tell(o)
		return nil
	}}
}

// hold pauses the run, or lets it go on.
func (v *runView) hold(situation) request {
	if v.state.Held || v.state.Holding {
		return v.tell(RunOrder{Do: RunGo})
	}
	return v.tell(RunOrder{Do: RunHold})
}

func (v *runView) holdLabel(situation) string {
	if v.state.Held || v.state.Holding {
		return "go on"
	}
	return "pause"
}

func (v *runView) toCursor(situation) request {
	return v.tell(RunOrder{Do: RunTo, Line: v.selected()})
}

// isOver says why a key that directs a run does nothing.
func (v *runView) isOver(situation) string {
	return when(v.state.Over != "", "the run is over")
}

func (v *runView) isNotAhead(s situation) string {
	if why := v.isOver(s); why != "" {
		return why
	}
	return when(v.selected() <= v.state.At, "the cursor is not below the step that is played")
}

func (v *runView) isReal(s situation) string {
	if why := v.isOver(s); why != "" {
		return why
	}
	return when(!v.state.Virtual, "these are real sockets: their time cannot be hurried")
}

// tellReport says where the evidence is.
func (v *runView) tellReport(situation) request {
	switch s := &v.state; {
	case s.Report != "":
		return tellReq{text, "report: " + s.Report}
	case s.Over != "":
		return tellReq{dim, "no evidence was kept: --trace always, or --html DIR"}
	}
	return tellReq{dim, "there is no report yet: it is written when the run is over"}
}

// leave asks first while the run goes on, which it ends.
func (v *runView) leave(situation) request {
	if v.state.Over == "" {
		return askReq{"Stop the run and leave?", "quit", v.leave}
	}
	return sayReq("quit")
}

// whatHappened opens the events of the selected step.
func (v *runView) whatHappened(situation) request {
	if len(v.state.Lines) == 0 || v.state.Lines[v.selected()].First == 0 {
		return tellReq{dim, "this line has not been played"}
	}
	v.cursor = v.selected()
	line := &v.state.Lines[v.cursor]
	return readReq{title: fmt.Sprintf("%d %s", line.Line, line.Text), first: line.First, last: line.Last}
}
