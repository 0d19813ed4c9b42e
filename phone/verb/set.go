package verb

import "strings"

// A Setting is one that "set" changes. A value of "" takes it back to what it was when the
// phone was started.
type Setting struct{ Key, Value string }

// maxSet bounds how many settings one line changes: more than there are.
const maxSet = 200

// settings reads KEY=VALUE pairs, each key once. Which keys there are the phone knows.
func settings(r *reader, l *Line) *Error {
	if r.over() {
		return r.needs(l)
	}
	for !r.over() {
		key, value, ok := strings.Cut(r.words[r.at], "=")
		if !ok || key == "" || len(l.Settings) == maxSet {
			return r.wrong(r.at, "%q is no setting and its value", r.words[r.at]).advise("write it as: set wake-window=5s; set wake-window= takes it back")
		}
		for _, before := range l.Settings {
			if before.Key == key {
				return r.wrong(r.at, "%s is set twice", key)
			}
		}
		l.Settings = append(l.Settings, Setting{key, value})
		r.at++
	}
	return nil
}
