// Package words finds the known key, verb, profile or command that is nearest
// to a mistyped one. It imports no other package of the phone, so that every
// part of it can say "did you mean". It also breaks texts into lines.
//
// It is pure and safe for concurrent use.
package words

import "strings"

// maxLen bounds the words that are compared: known words are shorter, and the
// cost grows with the square of the length.
const maxLen = 64

// Nearest returns the word of known that is nearest to word, or "" if none is
// near: up to a third of its letters, but at least two, may differ. Of equally
// near words the first wins. Case is ignored. The word itself is no advice.
func Nearest(word string, known []string) string {
	best, bestDistance := "", len(word)
	for _, k := range known {
		limit := max(2, len(k)/3)
		d := distance(strings.ToLower(word), strings.ToLower(k))
		if k != word && d <= limit && d < bestDistance {
			best, bestDistance = k, d
		}
	}
	return best
}

// DidYouMean returns the end of an error message: "; did you mean X?", or "" if
// no known word is near.
func DidYouMean(word string, known []string) string {
	if k := Nearest(word, known); k != "" {
		return "; did you mean " + k + "?"
	}
	return ""
}

// distance returns the number of letters to insert, delete, replace or swap
// with their neighbour to turn a into b (restricted Damerau-Levenshtein).
func distance(a, b string) int {
	if len(a) > maxLen || len(b) > maxLen {
		return max(len(a), len(b))
	}
	before, above := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, above = above, row
	}
	return above[len(b)]
}
