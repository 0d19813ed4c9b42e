package report

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// maxMessages is how many messages of a case the page shows as text; the
// capture and the event log have all of them.
const maxMessages = 200

// longLadder is how many rows a ladder may have before it is folded.
const longLadder = 80

func (p *page) caseOf(r *play.Result, c *play.CaseResult, phone *course, t *picture.Timeline) pageCase {
	pc := pageCase{
		Name: c.Name, Anchor: caseAnchor(r, c),
		Open:    c.Failure != nil || r.Verdict() == play.Passed,
		Verdict: string(c.Verdict), Sign: sign(c.Verdict),
		Flaky:   flaky(c),
		Failure: failureOf(r, c),
	}
	for _, s := range c.Steps {
		pc.Steps = append(pc.Steps, stepOf(s))
	}
	if c.Verdict == play.Skipped {
		pc.Skipped = skippedFor(c)
		return pc
	}
	pc.Device, pc.Wall = seconds(c.Device), seconds(c.Wall)
	first, last, ok := during(phone.log, t.Phone, c)
	if !ok {
		return pc
	}
	name := fmt.Sprintf("case-%d", len(p.Cases)+1)
	lanes := p.add(lanesOf(r, c, t, name+"-lanes"))
	pc.Lanes = &lanes
	l := picture.LadderOf(phone.before(first), phone.log.Span(first-1, last), maxRungs)
	choice := picture.Choice{Dialogs: p.dialogs, To: picture.Ongoing}
	if rows := picture.Rows(l, t, picture.Show{Rung: choice.Shows}); len(rows) > 0 {
		ladder := p.add(ladderOf(c, l, rows, name+"-ladder"))
		pc.Ladder, pc.Long = &ladder, len(rows) > longLadder
	}
	pc.Messages, pc.MessagesLeft = messagesOf(l)
	return pc
}

// caseAnchor is the name on the page of a test case, as [Anchor] is of a
// failure.
func caseAnchor(r *play.Result, c *play.CaseResult) string {
	return fmt.Sprintf("case-%s", Anchor(r.File, c.Line))
}

func stepOf(s play.StepResult) pageStep {
	ps := pageStep{Line: s.Line, Text: s.Text, Verdict: string(s.Verdict), Sign: sign(s.Verdict)}
	if s.Verdict != play.Skipped {
		ps.Stamp = stamp(s.At)
	}
	if s.Waited > 0 {
		ps.Waited = event.Round(s.Waited)
	}
	return ps
}

func failureOf(r *play.Result, c *play.CaseResult) *pageFailure {
	f := c.Failure
	if f == nil {
		return nil
	}
	q := new(printer)
	q.excerpt(place(r, f), f)
	return &pageFailure{
		Anchor: anchorOf(r, f), Case: caseAnchor(r, c), Name: c.Name, Message: f.Message,
		Excerpt: q.out.String(), Likely: f.Likely, Again: again(r, f), Facts: f.Facts,
	}
}

// lanesOf returns the drawing of the lanes of one case, with a little of the
// time before and after it.
func lanesOf(r *play.Result, c *play.CaseResult, t *picture.Timeline, name string) figure {
	margin := max((c.To-c.From)/25, 500*time.Microsecond)
	v := laneView{
		title: fmt.Sprintf("Lanes of %q", c.Name),
		shown: stretch{max(0, c.From-margin), c.To + margin},
	}
	if s, ok := failing(c); ok {
		v.shaded = []shade{{s, shadeLabel(r, c)}}
	}
	return figureOf(name, t, v)
}

func ladderOf(c *play.CaseResult, l *picture.Ladder, rows []picture.Row, name string) figure {
	v := ladderView{Ladder: l, rows: rows, title: fmt.Sprintf("SIP ladder of %q", c.Name)}
	if s, ok := failing(c); ok {
		v.shaded = []shade{{s, ""}}
	}
	v.words = ladderInWords(v)
	return figure{name, v.title, v.words, func(th theme) []byte { return drawLadder(v, th) }}
}

// messagesOf returns the messages of a ladder as text, and how many are left
// out.
func messagesOf(l *picture.Ladder) (list []pageMessage, left int) {
	left = l.Unwritten
	for _, g := range l.Rungs {
		if !g.HasText() {
			continue
		}
		if len(list) == maxMessages {
			left++
			continue
		}
		arrow := "←"
		if g.Out() {
			arrow = "→"
		}
		list = append(list, pageMessage{stamp(g.At), arrow, g.Title, harmless(g.Raw), g.Wake != 0})
	}
	return list, left
}
