package manual

import (
	"regexp"
	"strings"

	"charm.land/lipgloss/v2"
	"charm.land/lipgloss/v2/table"
	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/words"
)

// maxWidth is that of a line that is easily read.
const maxWidth = 100

// The terminal's own sixteen colours suit a dark background and a light one alike.
var (
	title   = lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Magenta)
	strong  = lipgloss.NewStyle().Bold(true)
	literal = lipgloss.NewStyle().Foreground(lipgloss.Cyan)
)

// Show is the text of a [Page] for a terminal of some width: of Markdown what the pages have of it,
// headings, paragraphs, lists, tables and code. A whole renderer (glamour) takes 10 MiB and
// 25 ms at each start of the program, of whatever command.
func Show(markdown string, width int) string {
	p := &page{width: max(20, min(width, maxWidth))}
	for line := range strings.Lines(markdown) {
		p.line(strings.TrimRight(line, "\n"))
	}
	p.flush()
	return blanks.ReplaceAllString(strings.TrimLeft(p.out.String(), "\n"), "\n\n")
}

var (
	blanks = regexp.MustCompile(`\n{3,}`)
	item   = regexp.MustCompile(`^( *)([-*]|\d+\.) (.*)`)
	inline = regexp.MustCompile("`([^`]+)`" + `|\*\*([^*]+)\*\*|!?\[([^\]]*)\]\([^)]*\)`)
)

// A page is what has been written of one, and the block that is being read.
type page struct {
	out    strings.Builder
	width  int
	code   bool
	indent string // of the lines of the block after the first
	first  string // what its first line begins with
	text   []string
	rows   [][]string
}

func (p *page) line(s string) {
	entry := item.FindStringSubmatch(s)
	switch {
	case strings.HasPrefix(s, "```"):
		p.flush()
		p.code = !p.code
		p.out.WriteString("\n")
	case p.code:
		p.out.WriteString("  " + literal.Render(s) + "\n")
	case strings.TrimSpace(s) == "":
		p.flush()
		p.out.WriteString("\n")
	case strings.HasPrefix(s, "#"):
		p.flush()
		p.out.WriteString("\n" + title.Render(plain(strings.TrimLeft(s, "# "))) + "\n\n")
	case strings.HasPrefix(s, "|"):
		p.rows = append(p.rows, cells(s))
	case entry != nil:
		p.flush()
		p.first = entry[1] + entry[2] + " "
		p.indent = strings.Repeat(" ", len(p.first))
		p.text = []string{entry[3]}
	default:
		p.text = append(p.text, strings.TrimSpace(s))
	}
}

// flush writes the block that has come to its end.
func (p *page) flush() {
	if len(p.rows) > 0 {
		p.out.WriteString(p.table() + "\n")
	}
	if len(p.text) > 0 {
		for i, line := range words.Wrap(styled(strings.Join(p.text, " ")), p.width-len(p.indent), ansi.StringWidth) {
			begins := p.indent
			if i == 0 {
				begins = p.first
			}
			p.out.WriteString(begins + line + "\n")
		}
	}
	p.rows, p.text, p.first, p.indent = nil, nil, "", ""
}

// table draws the rows that have been read, without their rule.
func (p *page) table() string {
	t := table.New().Border(lipgloss.HiddenBorder()).Headers(p.rows[0]...).Wrap(true).
		StyleFunc(func(row, _ int) lipgloss.Style {
			if row == table.HeaderRow {
				return strong.PaddingRight(1)
			}
			return lipgloss.NewStyle().PaddingRight(1)
		})
	for _, row := range p.rows[min(len(p.rows), 2):] {
		t.Row(row...)
	}
	if s := t.Render(); lipgloss.Width(s) <= p.width {
		return s
	}
	return t.Width(p.width).Render()
}

// cells are those of a row of a table; \| is no end of one.
func cells(row string) (list []string) {
	const kept = "\x00"
	for cell := range strings.SplitSeq(strings.Trim(strings.ReplaceAll(row, `\|`, kept), "| "), "|") {
		list = append(list, styled(strings.ReplaceAll(strings.TrimSpace(cell), kept, "|")))
	}
	return list
}

// styled has code and strong words in their style, and of a link its text. The words of code
// are styled one by one: a line may end between them.
func styled(s string) string {
	return inline.ReplaceAllStringFunc(s, func(s string) string {
		m := inline.FindStringSubmatch(s)
		style, text := literal, m[1]
		switch {
		case m[2] != "":
			style, text = strong, m[2]
		case m[1] == "":
			return styled(m[3])
		}
		each := strings.Fields(text)
		for i := range each {
			each[i] = style.Render(each[i])
		}
		return strings.Join(each, " ")
	})
}

// plain is the text alone.
func plain(s string) string { return ansi.Strip(styled(s)) }
