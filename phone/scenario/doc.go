// Package scenario is the language in which a person says what a phone does
// and what ought to happen to it. Package play plays what it reads, package
// record writes what a person did in it.
//
// A scenario is plain text. A line is a statement, a test case begins with
// "==", and "#" begins a comment:
//
//	# A suspended phone rings.        tags: smoke wake
//	use lab
//	never stay awake > 10s
//	register
//	expect registered within 3s
//	background
//	expect suspended within 15s
//
//	== a call wakes it
//	bob: call alice
//	expect wake by INVITE within 2s
//	expect notification from "Bob" within 500ms as $caller
//	answer from notification
//	expect call up within 2s and foreground
//
// # Grammar
//
//	scenario    = { line } .
//	line        = [ statement | case ] [ comment ] end-of-line .
//	comment     = "#" text .                         # where a word could begin
//	case        = "==" name .                        # comment "tags: a b" gives it tags
//	statement   = about | [ actor ":" ] step | actor says { word } .  # bob calls alice
//	actor       = phone-name | robot-name | "lab" .  # none: the phone under test
//
//	about       = "use" ( "account" | "profile" ) name
//	            | "use" "lab" { setting }
//	            | "use" "server" host [ ":" port ] { setting }
//	            | "use" ( "phone" | "device" ) name { setting }
//	            | "include" file                     # anywhere
//	            | "never" "wake" "without" "cause"
//	            | "never" "stay" "awake" ">" duration
//	            | "never" expectation .              # all of it above the first case
//	setting     = key "=" value .
//
//	step        = verb                               # of verb.Specs
//	            | ( "expect" | "wait" "for" ) [ "no" ] expectation { clause }
//	            | "wait" duration [ "wall" ] .
//	clause      = ( "within" | "for" ) duration [ "wall" ]
//	            | "exactly" number
//	            | "as" variable
//	            | "and" expectation .
//	expectation = form { word } [ "again" ] .        # of Forms; again: anew
//
//	word        = characters without blanks | '"' characters '"' .
//	variable    = "$" letter { letter | digit | "_" } . # set by "as", used in words
//	duration    = 500ms | 2s | 10m | 1h30m .         # device time, unless "wall"
//	rate        = "x" number .
//
// # Parts
//
// [ParseFile] reads a scenario into a [File] and reports all that is wrong
// with it at once, each with its place: [SyntaxErrors]. [Format] writes it as
// it should look. [Statements], [Forms] and [Clauses] are the tables of the
// language; [Reference] and [EditorGrammar] are made of them, and cannot go
// stale. [Parse] reads a single expectation, [ParseExpect] one with clauses.
//
// An [Expectation] looks at events and at the state folded from them, and
// never at a phone, so it works on a running phone, on a recording and in a
// test alike.
//
// The language is pure: no file is read but through the function that is
// given, and its values are safe for concurrent use.
package scenario
