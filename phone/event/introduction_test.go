package event

import (
	"strings"
	"testing"
)

// TestEditReachesHeaderFields: what header fields say is foreign text, as names
// and addresses are.
func TestEditReachesHeaderFields(t *testing.T) {
	id := []Identity{{Name: "bob", URI: "sip:bob", Why: "bob"}}
	e := Edit(Call{
		Asserted: id, Diverted: id, History: id, AutoAnswer: "bob",
		Cause: Cause{Reasons: []Reason{{Protocol: "bob", Cause: 16, Text: "bob"}}, Warnings: []SIPWarning{{Code: 399, Agent: "bob", Text: "bob"}}},
	}, func(_, text string) string { return strings.ReplaceAll(text, "bob", "eve") }).(Call)
	all := e.Introduction() + e.Said() + e.Warnings[0].Agent
	if strings.Contains(all, "bob") || strings.Count(all, "eve") != 14 {
		t.Errorf("%q", all)
	}
	if id[0].Name != "bob" || e.Reasons[0].Cause != 16 || e.Warnings[0].Code != 399 {
		t.Errorf("the event that was edited has changed: %+v, %+v", id, e)
	}
}

// TestFoldKeepsTheIntroduction: only the first step of a call has it.
func TestFoldKeepsTheIntroduction(t *testing.T) {
	s := newStory(t)
	s.at(1, Call{ID: 1, Phase: CallIncoming, Asserted: []Identity{{URI: "tel:+1"}}, AutoAnswer: "Answer-Mode: Auto"})
	s.at(2, Call{ID: 1, Phase: CallRinging})
	if c := s.fold.Calls[0]; len(c.Asserted) != 1 || c.AutoAnswer == "" {
		t.Errorf("forgotten: %+v", c.Call)
	}
}
