package place

import (
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"
)

// The limits of a YAML text: our own numbers. The YAML library keeps the path of
// every node, so its memory grows with the square of the depth, and with that of
// the number of documents; an alias is a copy each time. Within the limits it
// allocates no more than 900 bytes for a byte of text (see BenchmarkDecode).
const (
	// MaxSize is the longest text, in bytes. A hundred accounts have 40 KB.
	MaxSize = 256 << 10
	// MaxDepth is how deep lists and mappings may be nested. Our files need 5.
	MaxDepth = 32
	// MaxAliases is how many aliases (*name) a text may have.
	MaxAliases = 16
)

// Decode reads the YAML text of a file into a value. A key that the value does not
// have is an error, which names the nearest of known. It refuses what exceeds the
// limits before the YAML library parses it.
func Decode(file string, text []byte, into any, known []string, options ...yaml.DecodeOption) error {
	if len(text) > MaxSize {
		return &Error{File: file, Line: 1, Column: 1, Message: fmt.Sprintf("%d bytes of YAML: the limit is %d", len(text), MaxSize)}
	}
	if t, message := exceeded(lexer.Tokenize(string(text))); t != nil {
		return At(file, text, t, message)
	}
	if err := yaml.UnmarshalWithOptions(text, into, append(options, yaml.Strict())...); err != nil {
		return fromYAML(file, text, err, known)
	}
	return nil
}

// exceeded returns the first token that exceeds a limit. The tokens are those that
// the parser gets, so what it takes for a text or a comment is none here either.
func exceeded(tokens token.Tokens) (*token.Token, string) {
	var n nesting
	aliases, content, ended := 0, false, false
	for _, t := range tokens {
		n.add(t)
		switch t.Type {
		case token.CommentType, token.DirectiveType:
			continue
		case token.AliasType:
			aliases++
		case token.DocumentHeaderType:
			ended = ended || content
		case token.DocumentEndType:
			ended = true
			continue
		}
		content = true
		switch {
		case n.depth() > MaxDepth:
			return t, fmt.Sprintf("nested too deep: the limit is %d", MaxDepth)
		case aliases > MaxAliases:
			return t, fmt.Sprintf("too many aliases: the limit is %d", MaxAliases)
		case ended:
			return t, "a second document: a file has one"
		}
	}
	return nil, ""
}

// A nesting counts how deep the tokens of a text are nested: at least as deep as
// the parser nests them, and the more the deeper.
type nesting struct {
	columns []int // of the block collections around the token, growing
	flow    []int // for each bracket around it: how many tokens nested since
}

func (n *nesting) depth() int {
	depth := len(n.columns) + len(n.flow)
	for _, run := range n.flow {
		depth += run
	}
	return depth
}

func (n *nesting) add(t *token.Token) {
	switch t.Type {
	case token.SequenceStartType, token.MappingStartType:
		n.flow = append(n.flow, 0)
	case token.SequenceEndType, token.MappingEndType:
		if len(n.flow) > 0 {
			n.flow = n.flow[:len(n.flow)-1]
		}
	case token.CollectEntryType:
		if len(n.flow) > 0 {
			n.flow[len(n.flow)-1] = 0
		}
	case token.MappingValueType: // nests what is before it: its key
		if t.Prev != nil {
			n.within(t.Prev)
		}
	case token.SequenceEntryType, token.MappingKeyType, token.TagType, token.AnchorType:
		n.within(t)
	}
}

// within takes a token that has others in it: in a block those at a greater column,
// in brackets all up to the next comma.
func (n *nesting) within(t *token.Token) {
	if len(n.flow) > 0 {
		n.flow[len(n.flow)-1]++
		return
	}
	column, top := t.Position.Column, len(n.columns)
	for top > 0 && n.columns[top-1] >= column {
		top--
	}
	n.columns = append(n.columns[:top], column)
}
