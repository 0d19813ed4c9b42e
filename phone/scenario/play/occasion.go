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

// was notes that the term was so. The account that it names is not said again.
func (f *found) was(at time.Duration, account string) {
	if account != "" && strings.HasSuffix(f.term.Expectation.String(), " as "+account) {
		account = ""
	}
	f.when = append(f.when, occasion{at, account})
}

// maxOccasions bounds those that a message lists (our own number).
const maxOccasions = 4

// occasions lists them, the first ones if they are many; "" if there are none.
func occasions(list []occasion) string {
	var all []string
	for _, o := range list[:min(len(list), maxOccasions)] {
		all = append(all, o.String())
	}
	if more := len(list) - maxOccasions; more > 0 {
		all = append(all, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(all, ", ")
}
