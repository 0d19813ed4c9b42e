package event

import (
	"strings"
	"testing"
	"time"
)

// TestUnknownCounts: a count that is not known is not there, in JSON and in text; one of 0 is.
func TestUnknownCounts(t *testing.T) {
	for _, c := range []struct {
		e          MessageWaiting
		json, text string
	}{
		{MessageWaiting{Account: "a", Waiting: true}, `"waiting":true}`, "a"},
		{MessageWaiting{Account: "a", Tally: &Tally{}}, `"waiting":false,"new":0,"old":0}`, "a, 0 new"},
		{MessageWaiting{Account: "a", Others: []MailCount{{Kind: "fax", Tally: Tally{New: 1<<32 - 1, Old: 2, UrgentNew: 1}}}}, `"others":[{"kind":"fax","new":4294967295,"old":2,"urgent_new":1}]}`, "a, fax: 4294967295 new, 1 urgent, 2 old"},
	} {
		line, err := AppendJSON(nil, Record{Wall: time.Unix(0, 0), Event: c.e})
		if err != nil || !strings.HasSuffix(string(line), c.json) {
			t.Errorf("%s, %v, want %s", line, err, c.json)
		}
		if _, text := c.e.Text(); text != c.text {
			t.Errorf("%q, want %q", text, c.text)
		}
		r, err := ParseJSON(line)
		if back, _ := AppendJSON(nil, r); err != nil || string(back) != string(line) {
			t.Errorf("%s comes back as %s, %v", line, back, err)
		}
	}
}
