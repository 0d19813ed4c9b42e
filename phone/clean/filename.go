package clean

import (
	"strings"
	"unicode"
)

// maxFileName bounds a name that is made of a foreign one, in bytes: with what is
// added to it, it keeps below the 255 of most file systems.
const maxFileName = 100

// FileName returns a name of a file made of s, in one folder, which every system
// takes and no shell or page reads as anything else. Letters and digits of any
// language stay. Of two texts it may make the same name.
func FileName(s string) string {
	var b strings.Builder
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.@+ ,()=", r) || Forbidden(r) {
			r = '-'
		}
		if b.Len()+len(string(r)) > maxFileName {
			break
		}
		b.WriteRune(r)
	}
	name := strings.Trim(b.String(), " .")
	if name == "" {
		return "-"
	}
	return name
}
