package ui

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

func pagedCard(w, h int) *card {
	return &card{w: w, h: h, at: Demo, opt: Options{Theme: "mono"}, pages: map[Choice]string{Connect: "sleeptalk init\n", ReadKeys: KeyPage()}}
}

// TestCardReadsOn: a row with a page is read on the card, which goes on; one without is the choice.
func TestCardReadsOn(t *testing.T) {
	c := pagedCard(80, 24)
	if cmd := c.press("2"); cmd != nil || !strings.Contains(ansi.Strip(c.draw()), "sleeptalk init") {
		t.Errorf("the card leaves, or does not show the page\n%s", c.draw())
	}
	c.press("esc")
	for _, back := range []string{"esc", "q", "enter"} {
		c.press("4")
		if !strings.Contains(ansi.Strip(c.draw()), "on the main screen") {
			t.Errorf("no keys\n%s", c.draw())
		}
		if cmd := c.press(back); cmd != nil || c.open != Leave || c.chosen != Leave {
			t.Errorf("%s does not lead back to the card", back)
		}
	}
	if cmd := c.press("1"); cmd == nil || c.chosen != Demo {
		t.Error("the demo is not chosen")
	}
	c = pagedCard(80, 24)
	c.press("4")
	if cmd := c.press("ctrl+c"); cmd == nil || c.chosen != Leave {
		t.Error("ctrl+c does not leave from a page")
	}
}

// TestCardScrolls: every line of a page is reached, and no further.
func TestCardScrolls(t *testing.T) {
	c := pagedCard(80, 24)
	c.press("4")
	lines := c.lines()
	c.press("end")
	if text := ansi.Strip(c.draw()); !strings.Contains(text, strings.TrimSpace(ansi.Truncate(lines[len(lines)-1], 40, ""))) || strings.Contains(text, "more") {
		t.Errorf("the end is not shown\n%s", text)
	}
	at := c.scroll
	c.press("down")
	if c.scroll != at {
		t.Error("it scrolls beyond the end")
	}
	c.press("home")
	c.press("up")
	if c.scroll != 0 {
		t.Errorf("it scrolls before the beginning: %d", c.scroll)
	}
	if text := ansi.Strip(c.draw()); !strings.Contains(text, "more") {
		t.Errorf("that there is more is not said\n%s", text)
	}
}

// TestKeyPage: each key that the help lists is on it once.
func TestKeyPage(t *testing.T) {
	page, want := KeyPage(), map[string]int{}
	for _, b := range everyBinding() {
		if b.help != "" {
			want[b.help]++
		}
	}
	for help, n := range want {
		if got := strings.Count(page, " "+help+"\n"); got != n {
			t.Errorf("%q is there %d times, want %d", help, got, n)
		}
	}
}

func TestCardPagesFit(t *testing.T) {
	for w := 1; w < 120; w += 3 {
		c := pagedCard(w, w/3)
		c.press("4")
		fits(t, c.draw(), c.w, c.h)
		c.press("end")
		fits(t, c.draw(), c.w, c.h)
	}
	for _, size := range []struct {
		name string
		w, h int
	}{{"80x24", 80, 24}, {"40x10", 40, 10}} {
		c := pagedCard(size.w, size.h)
		c.press("4")
		golden(t, "card-keys-"+size.name, ansi.Strip(c.draw()))
	}
}
