package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// An Edit sets one key of a config file: of an account, or of a device.
type Edit struct{ Section, Name, Key, Value string }

// The sections that are edited.
const (
	Accounts = "accounts"
	Devices  = "devices"
)

// String is the edit as somebody would write it.
func (e Edit) String() string {
	return fmt.Sprintf("%s: %s: %s: %s", e.Section, e.Name, e.Key, e.Value)
}

// An EditError is an edit that cannot be made without changing more of the file.
type EditError struct {
	File string
	Edit Edit
}

func (e *EditError) Error() string {
	return fmt.Sprintf("%s is written in a way that is not changed by a program; put this there: %s", e.File, e.Edit)
}

// Edited is the text of a config file with some keys set. All else, its comments too, is as
// before: the result is read again, and says what the file said but for those keys.
func Edited(name string, text []byte, edits []Edit) ([]byte, error) {
	for _, e := range edits {
		before, err := Parse(name, text)
		if err != nil {
			return nil, err
		}
		changed, err := edited(string(text), e)
		if err != nil {
			return nil, err
		}
		after, err := Parse(name, []byte(changed))
		if err != nil || !reflect.DeepEqual(said(after), said(before.with(e))) {
			return nil, &EditError{name, e}
		}
		text = []byte(changed)
	}
	return text, nil
}

// said is what a file says.
func said(f File) any {
	return []any{f.Account, f.Accounts, f.Devices, f.UI}
}

// with is a file with one key set.
func (f File) with(e Edit) File {
	if e.Section == Accounts {
		f.Accounts = maps.Clone(f.Accounts)
		if f.Accounts == nil {
			f.Accounts = map[string]account{}
		}
		f.Accounts[e.Name] = account(set(f.Accounts[e.Name], e))
		return f
	}
	f.Devices = maps.Clone(f.Devices)
	if f.Devices == nil {
		f.Devices = map[string]map[string]string{}
	}
	f.Devices[e.Name] = set(f.Devices[e.Name], e)
	return f
}

func set(values map[string]string, e Edit) map[string]string {
	values = maps.Clone(values)
	if values == nil {
		values = map[string]string{}
	}
	values[e.Key] = e.Value
	return values
}

// edited is the text with a key set, wherever it belongs.
func edited(text string, e Edit) (string, error) {
	quoted, err := yaml.Marshal(e.Value)
	if err != nil {
		return "", err
	}
	value := strings.TrimSpace(string(quoted))
	parsed, err := parser.ParseBytes([]byte(text), parser.ParseComments)
	if err != nil {
		return "", err
	}
	lines := strings.SplitAfter(text, "\n")
	if n := len(lines); lines[n-1] != "" && !strings.HasSuffix(lines[n-1], "\n") {
		lines[n-1] += "\n"
	}
	var body ast.Node
	if len(parsed.Docs) > 0 {
		body = parsed.Docs[0].Body
	}
	path := []string{e.Section, e.Name, e.Key}
	for i, key := range path {
		found, _ := valueOf(body, key)
		if found == nil {
			return insert(lines, body, i, path[i:], value), nil
		}
		body = found
	}
	return replace(lines, body, value), nil
}

// replace writes another value in the place of a node, and keeps the comment behind it.
func replace(lines []string, node ast.Node, value string) string {
	at := node.GetToken().Position
	line := []rune(lines[at.Line-1])
	rest := "\n"
	if c := node.GetComment(); c != nil && len(c.Comments) > 0 {
		if p := c.Comments[0].GetToken().Position; p.Line == at.Line && p.Column > at.Column {
			rest = " " + string(line[p.Column-1:])
		}
	}
	lines[at.Line-1] = string(line[:at.Column-1]) + value + rest
	return strings.Join(lines, "")
}

// insert writes what is missing of a path into a mapping, before what it has: or at the end of
// the file, if nothing of it is there.
func insert(lines []string, mapping ast.Node, depth int, missing []string, value string) string {
	indent, at := strings.Repeat("  ", depth), len(lines)
	if m, ok := mapping.(ast.MapNode); ok && depth > 0 {
		if pairs := m.MapRange(); pairs.Next() {
			p := pairs.Key().GetToken().Position
			indent, at = strings.Repeat(" ", p.Column-1), p.Line-1
		}
	}
	var added []string
	for i, key := range missing {
		line := indent + strings.Repeat("  ", i) + key + ":"
		if i == len(missing)-1 {
			line += " " + value
		}
		added = append(added, line+"\n")
	}
	if at == len(lines) && lines[len(lines)-1] == "" {
		at--
	}
	return strings.Join(slices.Insert(lines, at, added...), "")
}
