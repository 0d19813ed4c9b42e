package lab

import (
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/words"
)

// hint names the word that was meant, or all there are.
func hint(word string, known []string) string {
	if near := words.DidYouMean(word, known); near != "" || len(known) == 0 {
		return near
	}
	return "; there are " + strings.Join(known, ", ")
}
