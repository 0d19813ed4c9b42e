package words

import "strings"

// Wrap breaks a text into lines that measure at most width, only at spaces: a
// flag such as --plain stays whole. A longer word gets its own line.
func Wrap(text string, width int, measure func(string) int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case measure(line)+1+measure(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
