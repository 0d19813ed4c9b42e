package event

import (
	"strings"
	"testing"
	"time"
)

// TestWait: a Retry-After of 0 is there, in JSON and in text; one that is not said is not.
func TestWait(t *testing.T) {
	for _, c := range []struct {
		cause      Cause
		json, text string
	}{
		{Cause{}, `"peer":""}`, ""},
		{Cause{Wait: &Wait{}}, `"peer":"","retry_after_s":0}`, "retry after 00:00"},
		{Cause{Wait: &Wait{RetryAfter: Seconds(time.Minute)}}, `"peer":"","retry_after_s":60}`, "retry after 01:00"},
	} {
		line, err := AppendJSON(nil, Record{Wall: time.Unix(0, 0), Event: Call{Phase: CallEnded, Cause: c.cause}})
		if err != nil || !strings.HasSuffix(string(line), c.json) {
			t.Errorf("%s, %v, want %s", line, err, c.json)
		}
		if said := c.cause.Said(); said != c.text {
			t.Errorf("%q, want %q", said, c.text)
		}
		r, err := ParseJSON(line)
		if back, _ := AppendJSON(nil, r); err != nil || string(back) != string(line) {
			t.Errorf("%s comes back as %s, %v", line, back, err)
		}
	}
}
