package ui

import tea "charm.land/bubbletea/v2"

// exit has the keys that leave the program.
type exit struct{ leaving bool } // after one ctrl+c

func (x *exit) bindings() []binding {
	return []binding{
		{id: "quit", group: leaveGroup, Binding: bind("quit", "q"), modes: mainMode, help: "quit (asks in a call)", foot: onMain, do: quit},
		{id: "interrupt", group: leaveGroup, Binding: bind("leave", "ctrl+c"), modes: everyMode, help: "once asks, twice leaves at once", do: x.interrupt},
		{id: "stop", group: leaveGroup, Binding: bind("to the shell", "ctrl+z"), modes: everyMode, help: "to the shell; the phone's sockets stay up", do: suspend},
	}
}

// quit gives the verb; the program leaves when the phone has done it.
func quit(s situation) request {
	if len(s.phone.fold.Calls) > 0 {
		return askReq{"Quit? It ends the call with " + s.phone.everybody() + ".", "quit", quit}
	}
	return sayReq("quit")
}

func (x *exit) interrupt(s situation) request {
	if x.leaving {
		return workReq{Cmd: tea.Quit}
	}
	x.leaving = true
	return tellReq{dim, "ctrl+c again leaves at once, " + s.keyOf("quit") + " leaves in order"}
}

func suspend(situation) request { return workReq{Cmd: tea.Suspend} }
