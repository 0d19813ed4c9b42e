// Package ui is the terminal interface: a fold of events to a screen.
//
//	log ──Wait──▶ records ──▶ history (event.Fold, picture) ──▶ scene ──▶ views ──▶ cells ──▶ terminal
//	key ──▶ binding of a pane ──▶ request ──▶ root ──▶ Phone.Do ──▶ (the engine logs what came of it)
//
//	a run: Runner.Next ──▶ RunState, and its log as above;  key ──▶ RunOrder ──▶ Runner.Tell
//
// Its law: it shows what the log says and nothing else. A key sends a line of
// the verb language and waits for events like everybody; so the screen runs
// as well on a recording, and cannot disagree with --json. Of a run it shows
// the steps besides, as values that the runner gives it.
//
// # Panes
//
// The root, model, has the window, the open views and what is folded of the
// log; it routes and lays out. Everything else is a pane, in a file of its own:
//
//   - It keeps what is selected, scrolled, filtered or typed in it, and nobody
//     else does.
//   - It has bindings: its keys, with their labels and help. The help, the last
//     line and the test for keys with two meanings are made from all of them.
//   - What a key does depends on a situation, which is a value. What a pane
//     cannot do alone, it asks for with a request.
//   - A key that acts on a call says on which (about). It does nothing to one that
//     is not on the screen, where a strip under the header has the call under the
//     bar and the one that rings. No key is silent: one that changes nothing says so.
//   - It draws from a scene: the fold, the time and the window, which it may not
//     change. It cannot see the root; a test looks for that.
//
// To add a numbered panel: its file, and its number, place and view in
// layout.go. To add a view or an overlay: its file, and its mode in layers.go.
//
// # The rest
//
// [Run] belongs to Bubble Tea's one goroutine: Update routes, View is a pure
// function of the model. Blocking work (waiting for records, giving a verb)
// is a tea.Cmd. Which colour and which glyph a thing has is said in
// phone/picture, which the reports draw from too; styles.go makes Lip Gloss
// styles of it, for terminals of 16 million, 256, 16 and no colours. What is
// typed is typed into Bubbles' text input. Text that a peer chose cannot harm
// the terminal: [canvas] lets no control character through and clips every line
// to its place. Overlays are drawn on it as well: composing them as Lip Gloss
// layers would take 1.2 ms more for each frame.
package ui
