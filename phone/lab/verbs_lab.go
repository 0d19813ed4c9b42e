package lab

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/push"
)

// onLab is the verbs about the lab itself. The grammar has seen to the number of
// their arguments.
var onLab = map[string]func(l *Lab, args []string) error{
	"stop":          plain((*Lab).stop),
	"start":         plain((*Lab).start),
	"behave":        plain((*Lab).behave),
	"misbehave":     func(l *Lab, args []string) error { return l.Misbehave(args[0]) },
	"password":      changePassword,
	"wake":          wakeUser,
	"push":          pushUser,
	"ask":           askUser,
	"expire nonces": plain(func(l *Lab) { l.sip.ExpireNonces() }),
}

// plain is a verb without arguments.
func plain(f func(*Lab)) func(*Lab, []string) error {
	return func(l *Lab, _ []string) error {
		f(l)
		return nil
	}
}

func changePassword(l *Lab, args []string) error {
	if err := l.known(args[0]); err != nil {
		return err
	}
	l.sip.SetPassword(args[0], args[1])
	return nil
}

func wakeUser(l *Lab, args []string) error {
	user := args[0]
	if err := l.known(user); err != nil {
		return err
	}
	if !l.wake.Wake(user, "by hand") {
		return fmt.Errorf("%s has no wake socket here", user)
	}
	return nil
}

func pushUser(l *Lab, args []string) error {
	if err := l.known(args[0]); err != nil {
		return err
	}
	if high := len(args) == 1 || args[1] == push.Priority(true); !l.sip.Push(args[0], high) {
		return fmt.Errorf("%s has not registered to be pushed to", args[0])
	}
	return nil
}

// maxMethod bounds the name of a method: longer ones than any that is
// registered (IANA, "SIP Parameters").
const maxMethod = 32

func isMethod(s string) bool {
	return s != "" && len(s) <= maxMethod && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

func askUser(l *Lab, args []string) error {
	partOfAnother := []string{"INVITE", "ACK", "CANCEL", "BYE", "PRACK", "UPDATE"}
	method := strings.ToUpper(args[1])
	switch {
	case !isMethod(method):
		return fmt.Errorf("%q cannot be a method: at most %d letters", args[1], maxMethod)
	case slices.Contains(partOfAnother, method):
		return fmt.Errorf("%s is part of something else; a robot \"calls USER\"", method)
	}
	if _, err := l.connectionsOf("ask", args[0]); err != nil {
		return err
	}
	l.sip.Ask(args[0], method)
	return nil
}
