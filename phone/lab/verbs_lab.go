package lab

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/sip/server"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// onLab is the verbs about the lab itself. The grammar has seen to their
// arguments.
var onLab = map[string]func(l *Lab, told verb.Line) error{
	"stop":          plain((*Lab).stop),
	"start":         plain((*Lab).start),
	"behave":        plain((*Lab).behave),
	"misbehave":     func(l *Lab, told verb.Line) error { return l.Misbehave(told.Args[0]) },
	"password":      ofUser(changePassword),
	"wake":          ofUser(wakeUser),
	"push":          ofUser(pushUser),
	"ask":           askUser,
	"send mwi":      ofUser(sendSummary),
	"redirect":      ofUser(redirectUser),
	"respond":       respond,
	"challenge":     func(l *Lab, told verb.Line) error { return l.sip.Challenge(strings.Split(told.Arg(), ",")...) },
	"expire nonces": plain(func(l *Lab) { l.sip.ExpireNonces() }),
}

// plain is a verb without arguments.
func plain(f func(*Lab)) func(*Lab, verb.Line) error {
	return func(l *Lab, _ verb.Line) error {
		f(l)
		return nil
	}
}

// ofUser is a verb about a user, whom the lab must know.
func ofUser(f func(*Lab, verb.Line) error) func(*Lab, verb.Line) error {
	return func(l *Lab, told verb.Line) error {
		if err := l.known(told.Args[0]); err != nil {
			return err
		}
		return f(l, told)
	}
}

func changePassword(l *Lab, told verb.Line) error {
	l.sip.SetPassword(told.Args[0], told.Args[1])
	return nil
}

func wakeUser(l *Lab, told verb.Line) error {
	user := told.Args[0]
	if !l.wake.Wake(user, "by hand") {
		return fmt.Errorf("%s has no wake socket here", user)
	}
	return nil
}

func pushUser(l *Lab, told verb.Line) error {
	if high := len(told.Args) == 1 || told.Args[1] == push.Priority(true); !l.sip.Push(told.Args[0], high) {
		return fmt.Errorf("%s has not registered to be pushed to", told.Args[0])
	}
	return nil
}

func sendSummary(l *Lab, told verb.Line) error {
	l.sip.SetMailbox(told.Args[0], server.Mailbox(told.Waiting))
	return nil
}

func redirectUser(l *Lab, told verb.Line) error {
	to := told.Args[1]
	if to == "off" {
		to = ""
	} else if err := l.sip.CheckAddress(to); err != nil {
		return err
	}
	l.sip.Redirect(told.Args[0], to)
	return nil
}

// respond forces an answer, or none any more.
func respond(l *Lab, told verb.Line) error {
	switch f := told.Forced; {
	case f.Normally:
		l.sip.RespondNormally(f.Method)
	case sip.NamesContact(f.Status) && f.Method != "REGISTER":
		return fmt.Errorf("a %d says where else to ask: redirect USER SIP-URI, for calls to USER", f.Status)
	default:
		l.sip.Respond(control.Force{Method: f.Method, Status: f.Status, RetryAfter: f.Retry, After: f.After, Times: f.Times})
	}
	return nil
}

// maxMethod bounds the name of a method: longer ones than any that is
// registered (IANA, "SIP Parameters").
const maxMethod = 32

func isMethod(s string) bool {
	return s != "" && len(s) <= maxMethod && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

func askUser(l *Lab, told verb.Line) error {
	partOfAnother := []string{"INVITE", "ACK", "CANCEL", "BYE", "PRACK", "UPDATE"}
	method := strings.ToUpper(told.Args[1])
	switch {
	case !isMethod(method):
		return fmt.Errorf("%q cannot be a method: at most %d letters", told.Args[1], maxMethod)
	case slices.Contains(partOfAnother, method):
		return fmt.Errorf("%s is part of something else; a robot \"calls USER\"", method)
	}
	if _, err := l.connectionsOf("ask", told.Args[0]); err != nil {
		return err
	}
	var fields []server.Field
	for _, f := range told.Fields {
		fields = append(fields, server.Field(f))
	}
	l.sip.Ask(told.Args[0], method, fields...)
	return nil
}
