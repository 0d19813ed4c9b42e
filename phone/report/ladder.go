package report

import "github.com/sleeptalk/sleeptalk/phone/picture"

// maxRungs is how many rungs a ladder draws.
const maxRungs = 400

// lifeline returns the name of the phone's lifeline.
func lifeline(l *picture.Ladder) string { return joinWord(l.Phone, l.Local) }

func joinWord(a, b string) string {
	if b == "" {
		return a
	}
	return a + " " + b
}
