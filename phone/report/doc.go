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
// The law: a report is made from the result and the log alone, so it can be
// made again later from a recording, and two reports of the same run are equal,
// byte for byte. Only the capture also has the packets of the calls, which are
// not in the log: a capture that is made later lacks them. A run that was cut
// short gives complete reports of what happened until then. A file appears
// under its name only when it is complete; if one cannot be written, the error
// names it, and the others are written all the same.
//
// HTML and SVG hold no script, no inline style and no data URI: they look the
// same under the Content-Security-Policy with which Jenkins serves reports.
//
// Secrets never reach the log (event.Mask). [Redactor] masks users and addresses
// too.
//
// The functions keep no state and may be called from any goroutine; a
// [Redactor] belongs to one.
package report
