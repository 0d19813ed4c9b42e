package clean

import (
	"strings"
	"unicode"
)

// maxFileName bounds a name that is made of foreign text, in bytes. With what is
// added to it, it stays below the limit of most file systems, 255.
const maxFileName = 100

// FileName returns s as the name of a file, without folders, that every system
// accepts and that needs no quoting in a shell or a page. Letters and digits of
// any language stay. Different texts may give the same name.
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
