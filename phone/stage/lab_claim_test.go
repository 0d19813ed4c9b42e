package stage

import (
	"testing"
)

// TestLabClaims: what the lab has noted can be expected, and must have been able
// to fail: a binding is refreshed at half its life, by the server's own account.
func TestLabClaims(t *testing.T) {
	const begin = "use lab max-expires=1h\nregister\nexpect registered\n"
	playClaims(t, begin, map[string]string{
		"expect lab registered with alice":                                          "passed",
		"expect lab refreshed with \"after 1800 s of 3600 (50 %)\" within 31m":      "passed",
		"expect lab refreshed with \"(49 %)\" within 31m":                           "failed 4: no lab refreshed with \"(49 %)\" within 1860 s",
		"expect lab refreshed within 29m":                                           "failed 4: no lab refreshed within 1740 s",
		"expect lab refreshed exactly 2 for 61m":                                    "passed",
		"expect lab refreshed within 31m\nexpect lab refreshed within 29m":          "failed 5: no lab refreshed within 1740 s",
		"expect no lab wrong password for 1h":                                       "passed",
		"expect lab registered with carol":                                          "failed 4: no lab registered with carol within 32 s",
		"lab: expect lab refreshed within 31m":                                      "passed",
		"wait 31m\nunregister\nexpect lab unregistered within 1s":                   "passed",
		"never lab refreshed\nwait 29m":                                             "passed; never passed",
		"never lab refreshed\nwait 31m":                                             "passed; never failed",
		"register\nexpect lab refreshed with \"after 0 s of 3600 (0 %)\" within 1s": "passed",
	})
}

// playClaims plays lines after those that they have in common, each with its outcome.
func playClaims(t *testing.T, begin string, outcomes map[string]string) {
	t.Helper()
	for text, want := range outcomes {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			r, log := playFile(t, parse(t, begin+text), 1)
			if got := outcome(r); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
				explain(t, r, log)
			}
		})
	}
}
