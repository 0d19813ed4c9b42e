// Package report turns a finished run into evidence that a colleague opens
// where they work: text in the terminal, JUnit in CI's test tab, HTML in a
// browser, a capture in Wireshark or sngrep, a trace in Perfetto.
//
//	*scenario.Result ─┬─> Text, JUnit, Markdown, Annotations
//	                  │
//	*event.Log ───────┼─> HTML: index.html, report.css, lanes and ladders as SVG
//	                  ├─> Capture (pcapng), Trace (Chrome JSON), events.jsonl
//	*Wire ────────────┘─> Folder: all of them
//
// The law: a report is made of the result and of the log, and of nothing
// else, so it can be made again later from a recording, and two reports of the
// same run are the same, byte for byte. The packets of the calls, which no log
// has, are for the capture alone: one that is made later lacks them. A run that was cut short gives complete
// reports of what there is. Nothing is written half: each file appears under
// its name when it is whole, and a file that cannot be written is an error
// that names it and keeps none of the others back.
//
// HTML and SVG hold no script, no inline style and no data URI: they look the
// same under the Content-Security-Policy with which Jenkins serves reports.
//
// Credentials never reach the log. [Redactor] masks users and addresses too.
//
// The functions keep no state and may be called from any goroutine; a
// [Redactor] belongs to one.
package report
