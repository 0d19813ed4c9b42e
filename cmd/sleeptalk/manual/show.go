package manual

import (
	"strings"

	"charm.land/glamour/v2"
	"charm.land/glamour/v2/ansi"
	"charm.land/glamour/v2/styles"
)

// maxWidth is that of a line that is easily read.
const maxWidth = 100

// join has each item of a list in one line: glamour breaks it where the source does.
func join(markdown string) string {
	var b strings.Builder
	item, code := false, false
	for line := range strings.Lines(markdown) {
		rest, indented := strings.CutPrefix(line, "  ")
		goesOn := item && indented && strings.TrimLeft(rest, " -") == rest
		switch {
		case goesOn:
			b.WriteString(" " + strings.TrimSpace(rest))
			continue
		case item:
			b.WriteString("\n")
		}
		code = code != strings.HasPrefix(line, "```")
		item = !code && strings.HasPrefix(line, "- ")
		if item {
			line = strings.TrimSuffix(line, "\n")
		}
		b.WriteString(line)
	}
	return b.String()
}

// Show is a page for a terminal of some width. It uses the terminal's own sixteen
// colours, which suit a dark background and a light one alike.
func Show(markdown string, width int) (string, error) {
	r, err := glamour.NewTermRenderer(glamour.WithStyles(style()), glamour.WithWordWrap(min(width, maxWidth)))
	if err != nil {
		return "", err
	}
	return r.Render(join(markdown))
}

func style() ansi.StyleConfig {
	const heading, literal = "5", "6" // magenta, cyan
	s := styles.NoTTYStyleConfig
	bold, underlined, colour, code := true, true, heading, literal
	s.Heading.Color, s.Heading.Bold = &colour, &bold
	s.H1.Prefix, s.H2.Prefix, s.H3.Prefix, s.H4.Prefix = "", "", "", ""
	s.H1.Underline = &underlined
	s.Strong = ansi.StylePrimitive{Bold: &bold}
	s.Emph = ansi.StylePrimitive{Underline: &underlined}
	s.Code.Color, s.Code.BlockPrefix, s.Code.BlockSuffix = &code, "", ""
	s.CodeBlock.Color = &code
	return s
}
