package raw

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/sleeptalk/sleeptalk/assets"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// Names lists the built-in protocols.
func Names() []string {
	files, err := fs.Glob(assets.Files, "raw/*.yaml")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(path.Base(f), ".yaml")
	}
	return files
}

// List returns the names of the built-in protocols as text.
func List() string { return strings.Join(Names(), ", ") }

// IsFile reports whether a protocol is named by its file.
func IsFile(name string) bool {
	return strings.ContainsAny(name, `/\`) || path.Ext(name) == ".yaml" || path.Ext(name) == ".yml"
}

// Load reads a built-in protocol by its name.
func Load(name string) (*Protocol, error) {
	text, err := Source(name)
	if err != nil {
		return nil, err
	}
	p, err := Parse(name, text)
	if err != nil {
		return nil, fmt.Errorf("raw protocol: %w", err)
	}
	return p, nil
}

// Source returns the file of a built-in protocol.
func Source(name string) ([]byte, error) {
	text, err := assets.Files.ReadFile("raw/" + name + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("no raw protocol %q%s (there are: %s, and a file of your own)",
			name, words.DidYouMean(name, Names()), List())
	}
	return text, nil
}
