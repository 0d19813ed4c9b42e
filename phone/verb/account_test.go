package verb

import "testing"

// TestAs: a line says by which account of a phone it is done, where the phone has
// several; the line is written as it was read.
func TestAs(t *testing.T) {
	cast := Cast{Default: "alice", Phones: []string{"alice", "carol"}, Accounts: map[string][]string{"alice": {"work", "private"}}}
	for line, want := range map[string]string{
		"call bob as private":       "private|alice: call bob as private",
		"call bob":                  "|alice: call bob",
		"dial bob as work":          "work|alice: call bob as work",
		"register as work":          "work|alice: register as work",
		"register":                  "|alice: register",
		"text bob as work as usual": `work|alice: text bob as work "as usual"`,
		"subscribe presence bob for 10m as private": "private|alice: subscribe presence bob for 10m as private",
		"respond 503 to INVITE as work":             "work|alice: respond 503 to INVITE as work",
		"publish open as work out to lunch":         "work|alice: publish open as work out to lunch",
		"header INVITE as work X-Tenant: blue":      "work|alice: header INVITE as work X-Tenant: blue",
		"carol: text bob as usual":                  `|carol: text bob "as usual"`,
		"call bob as wrok":                          `alice has no account "wrok"; did you mean work? (there are: work, private)`,
		"text bob as usual":                         `alice has no account "usual" (there are: work, private)`,
		"carol: call bob as work":                   `carol has one account, which needs no name; or give it several: account=work,OTHER`,
		"subscribe presence bob for ever as work":   `"ever" is no time to subscribe for: such as 10m, from 1s to 168h0m0s`,
		"background as work":                        `background takes no argument, and "as work" was given`,
	} {
		l, err := cast.Parse(line)
		got := l.Account + "|"
		if err != nil {
			got = err.Error()
		} else {
			got += l.String()
			if again, err := cast.Parse(l.Actor + ": " + l.Verb()); err != nil || again.Account != l.Account {
				t.Errorf("%s: written as %q, which is %+v, %v", line, l.Verb(), again, err)
			}
		}
		if got != want {
			t.Errorf("%s:\n got %s\nwant %s", line, got, want)
		}
	}
}

// TestAsErrorsPointAtTheWord: the words that name the account are counted.
func TestAsErrorsPointAtTheWord(t *testing.T) {
	cast := Cast{Default: "alice", Phones: []string{"alice"}, Accounts: map[string][]string{"alice": {"work", "private"}}}
	for line, want := range map[string]int{
		"call bob as wrok":                    3,
		"header INVITE as work X-Tenant blue": 4,
	} {
		_, err := cast.Parse(line)
		if e, ok := err.(*Error); !ok || e.Word != want {
			t.Errorf("%s: %+v, want word %d", line, err, want)
		}
	}
}
