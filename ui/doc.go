// Package ui is the terminal interface: a fold of events to a screen.
//
//	log ──Wait──▶ records ──▶ event.Fold, picture ──▶ View (cells) ──▶ terminal
//	key ──▶ keys.go ──▶ a verb line ──▶ Phone.Do ──▶ (the engine logs what came of it)
//
//	a run: Runner.Next ──▶ RunState, and its log as above;  key ──▶ RunOrder ──▶ Runner.Tell
//
// Its law: it shows what the log says and nothing else. A key sends a line of
// the verb language and waits for events like everybody; so the screen runs
// as well on a recording, and cannot disagree with --json. Of a run it shows
// the steps besides, as values that the runner gives it.
//
// [Run] belongs to Bubble Tea's one goroutine: Update routes, View is a pure
// function of the model. Blocking work (waiting for records, giving a verb)
// is a tea.Cmd. There is one file to each pane. Which colour and which glyph a
// thing has is said in styles.go and nowhere else, as Lip Gloss styles, for
// terminals of 16 million, 256, 16 and no colours; which key does what is said
// in keys.go, as Bubbles' key bindings, from which help and footer are made;
// what is typed is typed into Bubbles' text input. Text that a peer chose
// cannot harm the terminal: [canvas] lets no control character through and
// clips every line to its place. Overlays are drawn on it as well: composing
// them as Lip Gloss layers would take 1.2 ms more for each frame.
package ui
