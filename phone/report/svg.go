package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/clean"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// The fonts of drawings, with a fallback for each system.
const (
	sans = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"
	mono = "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace"
)

// A drawing is an SVG file in the making. It has attributes only: no style,
// no script, no reference to anything outside.
type drawing struct {
	body  bytes.Buffer
	theme theme
	w, h  float64
}

// num writes a coordinate to the tenth of a pixel.
func num(v float64) string {
	s := strconv.FormatFloat(v, 'f', 1, 64)
	return strings.TrimSuffix(s, ".0")
}

// escaped escapes text for XML, on one line.
func escaped(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(event.Printable(s)))
	return b.String()
}

// rect draws a filled rectangle with round corners.
func (d *drawing) rect(x, y, w, h, round float64, fill picture.Ink, opacity float64) {
	fmt.Fprintf(&d.body, `<rect x="%s" y="%s" width="%s" height="%s"`, num(x), num(y), num(w), num(h))
	if round > 0 {
		fmt.Fprintf(&d.body, ` rx="%s"`, num(round))
	}
	fmt.Fprintf(&d.body, ` fill="%s"%s/>`+"\n", d.theme.of(fill), opacityOf("fill", opacity))
}

func opacityOf(what string, v float64) string {
	if v >= 1 {
		return ""
	}
	return fmt.Sprintf(` %s-opacity="%s"`, what, strconv.FormatFloat(v, 'f', 2, 64))
}

// A stroke is how a line is drawn.
type stroke struct {
	ink   picture.Ink
	width float64
	dash  string // as in stroke-dasharray; "": none
	round bool
}

func (d *drawing) rule(x1, y1, x2, y2 float64, s stroke) {
	fmt.Fprintf(&d.body, `<line x1="%s" y1="%s" x2="%s" y2="%s" stroke="%s" stroke-width="%s"`,
		num(x1), num(y1), num(x2), num(y2), d.theme.of(s.ink), num(s.width))
	if s.dash != "" {
		fmt.Fprintf(&d.body, ` stroke-dasharray="%s"`, s.dash)
	}
	if s.round {
		d.body.WriteString(` stroke-linecap="round"`)
	}
	d.body.WriteString("/>\n")
}

// polygon draws a filled shape through points x, y, x, y, ….
func (d *drawing) polygon(fill, edge picture.Ink, points ...float64) {
	var list []string
	for i := 0; i+1 < len(points); i += 2 {
		list = append(list, num(points[i])+","+num(points[i+1]))
	}
	fmt.Fprintf(&d.body, `<polygon points="%s" fill="%s" stroke="%s" stroke-width="1.2"/>`+"\n",
		strings.Join(list, " "), d.theme.of(fill), d.theme.of(edge))
}

// diamond is the sign of a notification: full when posted, hollow when it
// went away.
func (d *drawing) diamond(x, y float64, full bool, edge picture.Ink) {
	fill := picture.Ground
	if full {
		fill = edge
	}
	d.polygon(fill, edge, x, y-5.5, x+5.5, y, x, y+5.5, x-5.5, y)
}

// cross is the sign of a loss.
func (d *drawing) cross(x, y float64) {
	s := stroke{ink: picture.Fault, width: 2.4, round: true}
	d.rule(x-4.5, y-4.5, x+4.5, y+4.5, s)
	d.rule(x-4.5, y+4.5, x+4.5, y-4.5, s)
}

func (d *drawing) circle(x, y, r float64, fill picture.Ink) {
	fmt.Fprintf(&d.body, `<circle cx="%s" cy="%s" r="%s" fill="%s"/>`+"\n", num(x), num(y), num(r), d.theme.of(fill))
}

// A font is how text is drawn.
type font struct {
	ink    picture.Ink
	on     picture.Ink // what it is written on, if that is not the ground: ink is then chosen
	size   float64
	anchor string // start, middle, end; "" is start
	bold   bool
	mono   bool
}

// text writes s with its baseline at y.
func (d *drawing) text(x, y float64, s string, f font) {
	face := sans
	if f.mono {
		face = mono
	}
	colour := d.theme.reading(f.ink)
	if f.on != picture.Text {
		colour = d.theme.on(f.on)
	}
	fmt.Fprintf(&d.body, `<text x="%s" y="%s" font-family="%s" font-size="%s" fill="%s"`,
		num(x), num(y), face, num(f.size), colour)
	if f.anchor != "" {
		fmt.Fprintf(&d.body, ` text-anchor="%s"`, f.anchor)
	}
	if f.bold {
		d.body.WriteString(` font-weight="600"`)
	}
	fmt.Fprintf(&d.body, `>%s</text>`+"\n", escaped(s))
}

// widthOf estimates the width of text; there is no font at hand to measure it.
func widthOf(s string, f font) float64 {
	per := 0.56
	if f.mono {
		per = 0.61
	}
	if f.bold {
		per += 0.03
	}
	return per * f.size * float64(len([]rune(s)))
}

// cut shortens s to a width, with an ellipsis where something is missing.
func cut(s string, f font, width float64) string {
	rs := []rune(s)
	if widthOf(s, f) <= width {
		return s
	}
	n := int(width/widthOf("x", f)) - 1
	if n <= 0 {
		return ""
	}
	return strings.TrimRight(string(rs[:min(n, len(rs))]), " ") + "…"
}

// bytes returns the whole file. Title and description are for screen readers.
func (d *drawing) bytes(title, description string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" viewBox="0 0 %s %s" role="img">`+"\n<!-- sleeptalk -->\n",
		num(d.w), num(d.h), num(d.w), num(d.h))
	fmt.Fprintf(&b, "<title>%s</title>\n<desc>%s</desc>\n", escaped(title), escaped(description))
	fmt.Fprintf(&b, `<rect width="%s" height="%s" fill="%s"/>`+"\n", num(d.w), num(d.h), d.theme.of(picture.Ground))
	b.Write(d.body.Bytes())
	b.WriteString("</svg>\n")
	return clean.Lines(b.String())
}
