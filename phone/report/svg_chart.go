package report

import (
	"errors"
	"fmt"

	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// A Bar is one line of a chart of calls.
type Bar struct {
	Group string // a heading where it changes
	Label string
	Note  string // at the right
	// Calls that were answered, that rang and were not, and that never rang.
	Answered, Rung, Missed int
}

// The measures of a chart, in pixels.
const (
	chartWidth  = 900
	chartLabel  = 200 // from the left edge to the bars
	chartBar    = 420 // the longest bar
	chartRow    = 22
	chartMargin = 20
)

// Chart draws bars of calls, as SVG for a light ground or a dark one.
func Chart(title string, bars []Bar, dark bool) ([]byte, error) {
	if len(bars) == 0 {
		return nil, errors.New("a chart of nothing")
	}
	c := chart{bars: bars}
	for _, b := range bars {
		c.most = max(c.most, b.Answered+b.Rung+b.Missed)
	}
	d := &drawing{theme: themes[0], w: chartWidth, h: c.height()}
	if dark {
		d.theme = themes[1]
	}
	c.draw(d, title)
	return d.bytes(title, c.description()), nil
}

type chart struct {
	bars []Bar
	most int
}

// groups counts the headings.
func (c *chart) groups() (n int) {
	for i, b := range c.bars {
		if i == 0 || b.Group != c.bars[i-1].Group {
			n++
		}
	}
	return n
}

func (c *chart) height() float64 {
	return float64(2*chartMargin + (len(c.bars)+2*c.groups()+3)*chartRow)
}

func (c *chart) draw(d *drawing, title string) {
	y := float64(chartMargin + 14)
	d.text(chartMargin, y, title, font{ink: picture.Text, size: 16, bold: true})
	y += chartRow
	c.legend(d, y)
	for i, b := range c.bars {
		if i == 0 || b.Group != c.bars[i-1].Group {
			y += 2 * chartRow
			d.text(chartMargin, y, b.Group, font{ink: picture.Text, size: 13, bold: true})
		}
		y += chartRow
		c.bar(d, y, b)
	}
}

// parts returns the parts of a bar, and their meaning.
func (b Bar) parts() []struct {
	word string
	ink  picture.Ink
	n    int
} {
	return []struct {
		word string
		ink  picture.Ink
		n    int
	}{{"answered", picture.Talk, b.Answered}, {"rang in vain", picture.Woken, b.Rung}, {"never rang", picture.Fault, b.Missed}}
}

func (c *chart) legend(d *drawing, y float64) {
	x := float64(chartMargin)
	f := font{ink: picture.Dim, size: 12}
	for _, p := range (Bar{}).parts() {
		d.rect(x, y-9, 10, 10, 2, p.ink, 1)
		d.text(x+16, y, p.word, f)
		x += 34 + widthOf(p.word, f)
	}
}

func (c *chart) bar(d *drawing, y float64, b Bar) {
	label := font{ink: picture.Text, size: 12}
	d.text(chartMargin+12, y, cut(b.Label, label, chartLabel-chartMargin-24), label)
	x := float64(chartLabel)
	for _, p := range b.parts() {
		if p.n == 0 {
			continue
		}
		w := chartBar * float64(p.n) / float64(c.most)
		d.rect(x, y-11, w, 14, 2, p.ink, 1)
		if number := fmt.Sprint(p.n); widthOf(number, font{size: 11}) < w-4 {
			d.text(x+w/2, y, number, font{on: p.ink, size: 11, anchor: "middle", bold: true})
		}
		x += w
	}
	d.text(chartLabel+chartBar+12, y, b.Note, font{ink: picture.Dim, size: 12})
}

// description returns the chart in words, for screen readers.
func (c *chart) description() string {
	words := ""
	for _, b := range c.bars {
		words += fmt.Sprintf("%s, %s: %d answered, %d rang in vain, %d never rang. ", b.Group, b.Label, b.Answered, b.Rung, b.Missed)
	}
	return words
}
