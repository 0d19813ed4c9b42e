package sip

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
)

// extras are the header fields that a tester has the agent send besides its own. A
// 100, the ACK to a refusal, and a 400 to a message that could not be read have none:
// transactions and the reader write them.
type extras []control.AddHeader

// maxExtras bounds them (our own number): a message must stay one that is read.
const maxExtras = 32

// check says why one cannot be taken; nil if it can.
func (e extras) check(x control.AddHeader) error {
	if err := checkExtra(x); err != nil {
		return err
	}
	if x.Value != "" && len(e) >= maxExtras && !e.has(x.On, x.Name) {
		return fmt.Errorf("there are %d header fields already, the most that are sent", maxExtras)
	}
	return nil
}

// set takes one in place of the one with that name on the same messages.
func (e *extras) set(x control.AddHeader) {
	*e = slices.DeleteFunc(*e, func(o control.AddHeader) bool { return o.On == x.On && SameField(o.Name, x.Name) })
	if x.Value != "" {
		*e = append(*e, x)
	}
}

// addTo writes those that a message is to have.
func (e extras) addTo(m sip.Message) {
	for _, x := range e {
		if req, ok := m.(*sip.Request); ok && (x.On == string(req.Method) || x.On == "any") {
			m.AppendHeader(sip.NewHeader(x.Name, x.Value))
		}
		if res, ok := m.(*sip.Response); ok && x.On == strconv.Itoa(res.StatusCode) {
			m.AppendHeader(sip.NewHeader(x.Name, x.Value))
		}
	}
}

// has reports whether there is one of that name on the same messages.
func (e extras) has(on, name string) bool {
	return slices.ContainsFunc(e, func(x control.AddHeader) bool { return x.On == on && SameField(x.Name, name) })
}

// answers reports whether there is one of that name for a status.
func (e extras) answers(status int, name string) bool { return e.has(strconv.Itoa(status), name) }

// ours are the header fields without which a message does not find its way, its end, or
// the ear of a server: the agent writes them itself.
var ours = []string{
	"Via", "From", "To", "Call-ID", "CSeq", "Contact", "Max-Forwards", "Route", "Record-Route", "Content-Length",
	"Content-Type", "Authorization", "Proxy-Authorization",
}

// checkExtra says why a header field cannot be had in our messages; nil if it can.
func checkExtra(x control.AddHeader) error {
	isOurs := func(name string) bool { return SameField(name, x.Name) }
	status, _ := strconv.Atoi(x.On)
	elsewhere := NamesContact(status) && SameField(x.Name, "Contact") // where the phone itself sends nobody
	switch {
	case !isToken(x.Name):
		return fmt.Errorf("%q is no name of a header field", x.Name)
	case slices.ContainsFunc(ours, isOurs) && !elsewhere:
		return fmt.Errorf("%s is written by the phone itself", x.Name)
	case strings.ContainsFunc(x.Value, unfitForHeader):
		return fmt.Errorf("a control character in %s", x.Name)
	}
	return nil
}
