package ui

import (
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A Finding is what went wrong in three lines, with the times and numbers of the case.
type Finding struct {
	Rule            event.Rule // that explains it; "": none does
	Head            string     // the word before the first line: "lost", or "what"
	Lost, Why, Mend string
	Moment, Cause   uint64        // the records that show it, and what led to it; 0: none
	At, CauseAt     time.Duration // when it was, and when that was
}

// A Finder is the finding of a record of a log; ok is false if the record tells of none.
// stamp writes device times. It may take a while where the log is long.
type Finder func(log *event.Log, seq uint64, stamp func(time.Duration) string) (f Finding, ok bool)

// findingMsg is a finding that was looked for.
type findingMsg struct {
	seq uint64
	of  Finding
	ok  bool
}

// maxAtOnce is how long a log may be, in records, to be looked through at once (our own
// number): that takes some milliseconds.
const maxAtOnce = 5000

// text is a finding to be pasted into a report of a bug; origin is of what it is.
func (f *Finding) text(markdown bool, origin string) string {
	lines := []string{f.Head + ": " + f.Lost, "why: " + f.Why, "mend: " + f.Mend}
	if f.Rule != "" {
		lines = append(lines, "rule: sleeptalk explain "+string(f.Rule))
	}
	lines = append(lines, "of: "+origin)
	if markdown {
		for i, line := range lines {
			head, rest, _ := strings.Cut(line, ": ")
			lines[i] = "- **" + head + "** " + escaped(rest)
		}
	}
	return event.Mask(strings.Join(lines, "\n")) + "\n"
}

// escaped is a text of somebody else's for Markdown.
func escaped(s string) string {
	return strings.NewReplacer("\\", "\\\\", "*", "\\*", "_", "\\_", "`", "\\`", "<", "&lt;", "[", "\\[", "|", "\\|").Replace(s)
}
