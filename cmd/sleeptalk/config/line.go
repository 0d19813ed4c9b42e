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
	near := 0
	for _, path := range paths {
		line, whole := lineOf(parsed.Docs[0].Body, path)
		if whole {
			return fmt.Sprintf("%s:%d", f.name, line)
		}
		near = max(near, line)
	}
	if near > 0 {
		return fmt.Sprintf("%s:%d", f.name, near)
	}
	return f.name
}

// lineOf is the line of the last key of a path, if the whole of it is there; else
// that of the account or device, which has the key by an alias. It is 0 without
// those.
func lineOf(node ast.Node, path []string) (line int, whole bool) {
	for i, key := range path {
		if anchor, ok := node.(*ast.AnchorNode); ok {
			node = anchor.Value
		}
		value, at := valueOf(node, key)
		switch {
		case value != nil:
			node, line = value, at
		case i < 2:
			return 0, false
		default:
			return line, false
		}
	}
	return line, true
}

// valueOf is what a mapping has under a key, and the key's line; nil if it has none.
func valueOf(node ast.Node, key string) (value ast.Node, line int) {
	mapping, ok := node.(ast.MapNode)
	if !ok {
		return nil, 0
	}
	for pairs := mapping.MapRange(); pairs.Next(); {
		if t := pairs.Key().GetToken(); t.Value == key {
			value, line = pairs.Value(), t.Position.Line
		}
	}
	return value, line
}
