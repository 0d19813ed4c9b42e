// Package matrix plays the list that the makers of a phone tick by hand before a
// release: each state of the app, with each state of the screen, on each network,
// with each end of a call, and a second call or none.
//
//	factors ──▶ rows, in which each pair of levels meets ──▶ a scenario each ──▶ play ──▶ Row
//
// All combinations are hundreds; most faults take two things that meet (Kuhn,
// Wallace and Gallo, Software fault interactions, 2004). So the rows are as few as
// a greedy choice makes them in which each two levels of two factors meet that can.
//
// A row is a scenario like any other: what is written for it can be played again.
package matrix
