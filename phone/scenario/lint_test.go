package scenario

import (
	"slices"
	"testing"
)

func TestLintSaysWhichClaimsNeedAnotherEvent(t *testing.T) {
	for text, want := range map[string][]int{
		"expect wake\nexpect wake":                                            {2},
		"expect wake by socket\nexpect wake":                                  {2},
		"expect wake by socket\nexpect wake by socket again":                  nil,
		"expect wake by socket\nexpect wake by keepalive":                     nil,
		"expect wake\nlab: ping alice\nexpect wake":                           nil,
		"expect wake\nbob: expect pong\nexpect wake":                          {3},
		"bob: expect pong\nexpect pong":                                       nil,
		"expect registered\nexpect registered":                                nil,
		"expect wake and wake by socket":                                      {1},
		"expect notification\nexpect notification withdrawn":                  nil,
		"expect notification\nexpect notification from \"Bob\"":               {2},
		"expect wake exactly 1 for 1s\nexpect no wake for 1s":                 nil,
		"expect sent 180\n== another case\nexpect sent 180":                   {3},
		"expect rtp loss <= 1%\nexpect rtp loss <= 1%":                        nil,
		"expect wake by INVITE\nanswer from notification\nexpect sent INVITE": nil,
	} {
		f, err := ParseFile("x.talk", []byte(text), nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []int
		for _, w := range Lint(f) {
			got = append(got, w.Line)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: warned of lines %v, want %v", text, got, want)
		}
	}
}
