package play

import (
	"fmt"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// An occasion is when something happened that was not to be, or not so often, and by
// which account or flow of the phone, if it has several.
type occasion struct {
	at      time.Duration
	account string
}

func (o occasion) String() string {
	if o.account == "" {
		return "at " + event.Stamp(o.at)
	}
	return fmt.Sprintf("at %s as %s", event.Stamp(o.at), o.account)
}

// maxOccasions bounds those that a message lists (our own number).
const maxOccasions = 4

// occasions are how often something happened, and when it did first.
type occasions struct {
	n     int
	first []occasion
}

func (all *occasions) add(o occasion) {
	if all.n++; all.n <= maxOccasions {
		all.first = append(all.first, o)
	}
}

// String lists them, the first ones if they are many; it is "" if there are none.
func (all occasions) String() string {
	var list []string
	for _, o := range all.first {
		list = append(list, o.String())
	}
	if more := all.n - len(all.first); more > 0 {
		list = append(list, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(list, ", ")
}

// was notes that the term was so, where that is not to be, or is counted. The account that
// it names is not said again.
func (w *watch) was(f *found, at time.Duration, account string) {
	if !w.step.Expect.No && !w.step.Expect.Counted {
		return
	}
	if account != "" && strings.HasSuffix(f.term.Expectation.String(), " as "+account) {
		account = ""
	}
	f.when.add(occasion{at, account})
}
