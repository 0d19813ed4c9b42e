package event

import "fmt"

// Text is a text message that the app has received or, with Out, one that it has
// sent, when it was answered.
type Text struct {
	Out    bool   `json:"out,omitempty"`
	From   string `json:"from,omitempty"`
	Name   string `json:"name,omitempty"`
	To     string `json:"to,omitempty"`
	Body   string `json:"body"`
	Status int    `json:"status,omitempty"` // of the answer
	Reason string `json:"reason,omitempty"`
	// What the answer says of why.
	Cause
}

func (e Text) Text() (string, string) {
	if e.Out {
		return "text to " + e.To, join(", ", fmt.Sprintf("%s (%d %s)", e.Body, e.Status, e.Reason), e.Said())
	}
	who := e.From
	if e.Name != "" {
		who = fmt.Sprintf("%q %s", e.Name, e.From)
	}
	return "text from " + who, e.Body
}
