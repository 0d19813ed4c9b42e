package config

import (
	"fmt"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/sleeptalk/sleeptalk/phone/setup"
)

// at is where the file sets a key of an account, or chooses the account:
// "FILE:LINE", or the file alone where that cannot be told.
func (f *File) at(account, key string) string {
	paths := [][]string{{"accounts", account, key}, {"profiles", account, key}}
	if key == setup.AccountKey {
		paths = [][]string{{setup.AccountKey}, {setup.ProfileKey}}
	}
	return f.place(paths...)
}

// place is where the file has the first of some paths of keys.
func (f *File) place(paths ...[]string) string {
	parsed, err := parser.ParseBytes(f.text, 0)
	if err != nil || len(parsed.Docs) == 0 { // it has been read before
		return f.name
	}
	for _, path := range paths {
		if line := lineOf(parsed.Docs[0].Body, path); line > 0 {
			return fmt.Sprintf("%s:%d", f.name, line)
		}
	}
	return f.name
}

// lineOf is the line of the last key of a path; 0 if it is not there.
func lineOf(node ast.Node, path []string) (line int) {
	for _, key := range path {
		mapping, ok := node.(ast.MapNode)
		if !ok {
			return 0
		}
		node = nil
		for pairs := mapping.MapRange(); pairs.Next(); {
			if t := pairs.Key().GetToken(); t.Value == key {
				node, line = pairs.Value(), t.Position.Line
			}
		}
	}
	if node == nil {
		return 0
	}
	return line
}
