package lab

import (
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/words"
)

// userNames lists the accounts, sorted.
func (l *Lab) userNames() []string {
	names := make([]string, 0, len(l.users))
	for name := range l.users {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// hint names the word that was meant, or all there are.
func hint(word string, known []string) string {
	if near := words.DidYouMean(word, known); near != "" || len(known) == 0 {
		return near
	}
	return "; there are " + strings.Join(known, ", ")
}
