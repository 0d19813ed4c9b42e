// Package picture folds the log of a phone into what is drawn of it: the lanes
// of the timeline, the rungs of the ladder, and how each thing looks. The
// screen and the reports draw the same picture, each in its own way, and so
// cannot disagree about what happened.
//
//	event.Log ──▶ event.Fold ──▶ Timeline: lanes of runs, pins ──▶ cells, SVG, trace
//	                         └─▶ Ladder: rungs between stations ─▶ cells, SVG
//
// A [Lane] is a row of device time. It holds [Run]s, which last, and do not
// overlap; beside them a timeline has pins, which happen at a moment. What the
// phone's state was is taken from [event.Fold], which all readers share: a run
// of the call lane begins when the fold's call does, and a wake is late where
// the fold counts it as late.
//
// How a thing looks is said once: an [Ink] is what a colour means, with its
// hues; a [Sign] is a mark, with its glyph and its ASCII form; a [Look] is that
// of a state of the app.
//
// The package is pure: records come in, in the order of the log; its values
// belong to one goroutine.
package picture
