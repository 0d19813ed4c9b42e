// Package torture has the messages of RFC 4475 and RFC 5118, which torture readers of
// SIP. They are the files of the archives in the appendices of both, byte for byte,
// each under its own name, in phone/sip/testdata/torture. Only tests import it.
package torture

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// count is how many there are: 49 of RFC 4475, 12 of RFC 5118.
const count = 49 + 12

// Messages reads them from a directory, by their names, as they travel.
func Messages(dir string) (map[string]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.sip"))
	if err != nil {
		return nil, err
	}
	all := make(map[string]string, len(files))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		all[strings.TrimSuffix(filepath.Base(file), ".sip")] = travelling(string(text))
	}
	if len(all) != count {
		return nil, fmt.Errorf("%s has %d messages, not %d", dir, len(all), count)
	}
	return all, nil
}

// travelling is a message with what its archive has left out. The files of RFC 5118
// are text with line feeds alone, and the lengths in them are of another text; theirs
// and one of RFC 4475 (baddn) lack the empty line that ends a header.
func travelling(text string) string {
	if !strings.Contains(text, "\r\n") {
		head, body, _ := strings.Cut(text, "\n\n")
		body = strings.ReplaceAll(body, "\n", "\r\n")
		lines := strings.Split(strings.TrimSuffix(head, "\n"), "\n")
		for i, line := range lines {
			if strings.HasPrefix(line, "Content-Length:") {
				lines[i] = "Content-Length: " + strconv.Itoa(len(body))
			}
		}
		return strings.Join(lines, "\r\n") + "\r\n\r\n" + body
	}
	if !strings.Contains(text, "\r\n\r\n") {
		text += "\r\n"
	}
	return text
}
