// Package grade examines a phone: a real app, or any other SIP client, that has
// registered with the lab. It makes the lab send requests, call, cut and stall
// connections, watches what the phone does, and writes a report.
//
//	lab ── records ──▶ Examiner ── requests to the lab ──▶ lab ══▶ phone
//	 (what passed on the wire,        │
//	  as the phone sees it)           └── verdicts ──▶ Report: text, JSON, Result
//
// The law: a verdict is derived from records, and names those that prove it. A
// check is a row of a table ([Checks]): a rule with its source, a script of
// requests to the lab and waits, and a judge, which is a pure function of the
// records since the check began. If the records do not prove either outcome,
// the verdict is "could not tell", never "pass".
//
// Harmless checks come first, and those that break the connection last. What a
// phone does by itself (refresh, ping) is recorded from the beginning, so that
// its check need not wait again.
//
// The Examiner is a pure machine on the lab's device time (a [time.Duration]
// since the lab was started); one goroutine owns it.
package grade
