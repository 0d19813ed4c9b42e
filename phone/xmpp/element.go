package xmpp

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// An Element is one XML element, whole: a stanza, or something in one.
type Element struct {
	Space, Name string // namespace and local name
	Attrs       []Attr
	Text        string // its character data, all in one
	Children    []*Element

	size int // bytes that it came in; 0 of one that is to be sent
}

// An Attr is an attribute of an element. Those with a prefix (xml:lang), and
// those that declare namespaces, are not kept.
type Attr struct{ Name, Value string }

// maxDepth is how deep elements may be nested (our own number: stanzas of the
// extensions that are spoken here are half as deep).
const maxDepth = 32

// element makes an element; attrs are names and values, and those without a
// value are left out.
func element(space, name string, attrs ...string) *Element {
	e := &Element{Space: space, Name: name}
	for i := 0; i+1 < len(attrs); i += 2 {
		if attrs[i+1] != "" {
			e.Attrs = append(e.Attrs, Attr{attrs[i], attrs[i+1]})
		}
	}
	return e
}

// with adds children to an element, and returns it.
func (e *Element) with(children ...*Element) *Element {
	e.Children = append(e.Children, children...)
	return e
}

// withText gives an element its text, and returns it.
func (e *Element) withText(text string) *Element {
	e.Text = text
	return e
}

// is reports whether an element has that name. It is safe to ask of none.
func (e *Element) is(space, name string) bool {
	return e != nil && e.Space == space && e.Name == name
}

// attr is the value of an attribute without a namespace; "" if there is none.
// It is safe to ask of no element.
func (e *Element) attr(name string) string {
	if e == nil {
		return ""
	}
	for _, a := range e.Attrs {
		if a.Name == name {
			return a.Value
		}
	}
	return ""
}

// child is the first child of that name, nil if there is none. It is safe to
// ask of no element.
func (e *Element) child(space, name string) *Element {
	if e == nil {
		return nil
	}
	for _, c := range e.Children {
		if c.is(space, name) {
			return c
		}
	}
	return nil
}

// childIn is the first child in a namespace, nil if there is none.
func (e *Element) childIn(space string) *Element {
	for _, c := range e.Children {
		if c.Space == space {
			return c
		}
	}
	return nil
}

// parse reads one element out of a stream whose opening tag is header: what
// that declares counts in it.
func parse(header, data []byte) (*Element, error) {
	d := xml.NewDecoder(io.MultiReader(bytes.NewReader(header), bytes.NewReader(data)))
	if _, err := startTag(d); err != nil {
		return nil, err
	}
	start, err := startTag(d)
	if err != nil {
		return nil, err
	}
	return parseRest(d, start, 1)
}

// startTag reads the next start tag, past an XML declaration.
func startTag(d *xml.Decoder) (xml.StartElement, error) {
	for {
		token, err := d.Token()
		if err != nil {
			return xml.StartElement{}, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			return t, nil
		case xml.ProcInst: // the framer lets only the XML declaration pass, which the decoder has checked
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return xml.StartElement{}, errors.New("text outside of an element")
			}
		default:
			return xml.StartElement{}, fmt.Errorf("%T where an element should begin", t)
		}
	}
}

// parseRest reads an element whose start tag has been read.
func parseRest(d *xml.Decoder, start xml.StartElement, depth int) (*Element, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("elements nested more than %d deep", maxDepth)
	}
	e := fromStart(start)
	var text strings.Builder
	for {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			c, err := parseRest(d, t, depth+1)
			if err != nil {
				return nil, err
			}
			e.Children = append(e.Children, c)
		case xml.CharData:
			text.Write(t)
		case xml.EndElement:
			e.Text = text.String()
			return e, nil
		default: // a comment and the like, RFC 6120 §11.1
			return nil, errRestricted
		}
	}
}

func fromStart(start xml.StartElement) *Element {
	e := &Element{Space: start.Name.Space, Name: start.Name.Local}
	for _, a := range start.Attr {
		if a.Name.Space == "" && a.Name.Local != "xmlns" {
			e.Attrs = append(e.Attrs, Attr{a.Name.Local, a.Value})
		}
	}
	return e
}

// encode writes an element as it stands where space is the default namespace.
func (e *Element) encode(space string) []byte {
	var b bytes.Buffer
	e.write(&b, space)
	return b.Bytes()
}

func (e *Element) write(b *bytes.Buffer, space string) {
	name := e.Name
	if e.Space == nsStream { // the prefix that the header declares (RFC 6120 §4.8.5)
		name = "stream:" + name
	}
	b.WriteString("<" + name)
	if e.Space != space && e.Space != nsStream {
		writeAttr(b, "xmlns", e.Space)
		space = e.Space
	}
	for _, a := range e.Attrs {
		writeAttr(b, a.Name, a.Value)
	}
	if e.Text == "" && len(e.Children) == 0 {
		b.WriteString("/>")
		return
	}
	b.WriteString(">")
	b.WriteString(escape(e.Text))
	for _, c := range e.Children {
		c.write(b, space)
	}
	b.WriteString("</" + name + ">")
}

func writeAttr(b *bytes.Buffer, name, value string) {
	b.WriteString(" " + name + "='" + escape(value) + "'")
}

// escape writes text as XML. What XML cannot carry becomes U+FFFD.
func escape(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a Builder takes everything
	return b.String()
}
