package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"image/color"
	"iter"
	"strings"
	"time"
	"unicode/utf8"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/vt"
)

// A film is screens of a terminal, one after the other, as one SVG file without a script:
//
//	┌─ strip ─┐
//	│ frame 1 │ ◀ the window shows one; the strip moves
//	│ frame 2 │
//	└─────────┘
type film struct {
	w, h   int // cells
	frames []string
	long   []time.Duration
}

// The measures of a cell, in pixels, and of what is around the screen.
const (
	cellWidth, cellHeight = 8.4, 17.0
	fontSize              = 14.0
	filmMargin            = 12.0
)

// The colours of a terminal that has none of its own.
const (
	filmGround = "#101418"
	filmText   = "#D8DEE9"
)

// add appends a screen, as text with escapes, that is shown for a while.
func (f *film) add(screen string, long time.Duration) {
	e := vt.NewEmulator(f.w, f.h)
	defer e.Close()
	e.WriteString(strings.ReplaceAll(strings.TrimSuffix(screen, "\n"), "\n", "\r\n"))
	var b strings.Builder
	for y := range f.h {
		f.row(&b, e, y)
	}
	f.frames = append(f.frames, b.String())
	f.long = append(f.long, long)
}

// row draws a row: its grounds, and then its text, in runs of one style.
func (f *film) row(b *strings.Builder, e *vt.Emulator, y int) {
	for x := 0; x < f.w; {
		style, from := styleAt(e, x, y), x
		var text strings.Builder
		for ; x < f.w && styleAt(e, x, y) == style; x++ {
			if c := e.CellAt(x, y); c != nil {
				text.WriteString(c.Content)
			}
		}
		f.run(b, style, from, x, y, text.String())
	}
}

// A filmStyle is how a run of cells looks.
type filmStyle struct {
	ink, ground string
	bold        bool
}

func styleAt(e *vt.Emulator, x, y int) filmStyle {
	s := filmStyle{ink: filmText, ground: filmGround}
	c := e.CellAt(x, y)
	if c == nil {
		return s
	}
	s.ink, s.ground = rgbOf(c.Style.Fg, s.ink), rgbOf(c.Style.Bg, s.ground)
	s.bold = c.Style.Attrs&uv.AttrBold != 0
	if c.Style.Attrs&uv.AttrReverse != 0 {
		s.ink, s.ground = s.ground, s.ink
	}
	return s
}

func rgbOf(c color.Color, none string) string {
	if c == nil {
		return none
	}
	r, g, b, _ := c.RGBA()
	return fmt.Sprintf("#%02X%02X%02X", r>>8, g>>8, b>>8)
}

// run draws cells of one style.
func (f *film) run(b *strings.Builder, s filmStyle, from, to, y int, text string) {
	x, width, top := filmMargin+float64(from)*cellWidth, float64(to-from)*cellWidth, filmMargin+float64(y)*cellHeight
	if s.ground != filmGround {
		fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`+"\n", x, top, width, cellHeight, s.ground)
	}
	for at, word := range wordsOf(text) {
		f.word(b, s, from+at, top, word)
	}
}

// wordsOf are the parts of a text between wide gaps, each with its column: what shows the
// file may fold spaces.
func wordsOf(text string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		at := 0
		for part := range strings.SplitSeq(text, "  ") {
			word := strings.TrimLeft(part, " ")
			n := utf8.RuneCountInString(part)
			if word != "" && !yield(at+n-utf8.RuneCountInString(word), strings.TrimRight(word, " ")) {
				return
			}
			at += n + 2
		}
	}
}

// word draws a text; a full block is drawn as a shape, for fonts leave gaps around it.
func (f *film) word(b *strings.Builder, s filmStyle, col int, top float64, word string) {
	x, width := filmMargin+float64(col)*cellWidth, float64(utf8.RuneCountInString(word))*cellWidth
	if strings.Trim(word, "█") == "" {
		fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`+"\n", x, top, width, cellHeight, s.ink)
		return
	}
	weight := ""
	if s.bold {
		weight = ` font-weight="bold"`
	}
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" textLength="%.1f" lengthAdjust="spacingAndGlyphs" fill="%s"%s>`, x, top+cellHeight*0.77, width, s.ink, weight)
	xml.EscapeText(b, []byte(word)) // to memory: cannot fail
	b.WriteString("</text>\n")
}

// svg is the film.
func (f *film) svg() []byte {
	w, h := 2*filmMargin+float64(f.w)*cellWidth, 2*filmMargin+float64(f.h)*cellHeight
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %.1f %.1f" font-family="ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="%.0f">`+"\n", w, h, w, h, fontSize)
	if len(f.frames) > 1 {
		b.WriteString(f.moves(h))
	}
	fmt.Fprintf(&b, `<rect width="%.1f" height="%.1f" rx="8" fill="%s"/>`+"\n<g class=\"strip\">\n", w, h, filmGround)
	for i, frame := range f.frames {
		fmt.Fprintf(&b, "<g transform=\"translate(0 %.1f)\">\n%s</g>\n", float64(i)*h, frame)
	}
	b.WriteString("</g>\n</svg>\n")
	return b.Bytes()
}

// moves is the style by which the strip moves from frame to frame, and begins anew.
func (f *film) moves(high float64) string {
	var all, at time.Duration
	for _, d := range f.long {
		all += d
	}
	var b strings.Builder
	fmt.Fprintf(&b, "<style>.strip { animation: strip %gs step-end infinite; }\n@keyframes strip {\n", all.Seconds())
	for i, d := range f.long {
		fmt.Fprintf(&b, "%.3f%% { transform: translateY(%.1fpx); }\n", 100*at.Seconds()/all.Seconds(), -float64(i)*high)
		at += d
	}
	b.WriteString("}\n@media (prefers-reduced-motion: reduce) { .strip { animation: none; } }</style>\n")
	return b.String()
}
