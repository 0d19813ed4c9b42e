// Package verb is the grammar of what phones, robots and the lab can be told:
// "background", "bob: call alice", "lab: ping alice", "fault nat drop".
//
// It is one table of words ([Specs]) and one reader of lines ([Cast.Parse]).
// Files, standard input, prompts and keys all read with it, so a line means the
// same wherever it is written. What a word does is not known here: a phone maps
// the names of the table to what a handset does, and the lab to what it does.
//
//	line     = [ NAME ":" ] verb { argument }   # bob: call alice
//	         | NAME says { argument } .         # bob calls alice
//
// The package is pure, imports nothing of the engine, and its values are safe
// for concurrent use.
package verb
