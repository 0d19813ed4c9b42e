// Package grade examines a phone: a real app, or any other SIP client, that has
// registered with the lab. It has the lab ask, call, cut and stall, looks at
// what the phone does, and writes a report card.
//
//	lab ── records ──▶ Examiner ── requests to the lab ──▶ lab ══▶ phone
//	 (what passed on the wire,        │
//	  as the phone sees it)           └── verdicts ──▶ Card: text, JSON, Result
//
// The law: a verdict is read off records, and names those that show it. A
// check is a row of a table ([Checks]): a rule with its source, a script of what
// the lab is asked for and what is waited for, and a judge, which is a pure
// function of what was recorded meanwhile. Where a phone did not do what would
// have shown it, the verdict is "could not tell", never "pass".
//
// Harmless checks come first, and those that break the connection last; what a
// phone does by itself (refreshing, pinging) is watched from the beginning, so
// that its check need not wait again.
//
// The Examiner is a pure machine on the lab's device time (a [time.Duration]
// since the lab was started); one goroutine owns it.
package grade
