package ui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// A callView is the panel of the call.
type callView struct {
	scene
	stance
	line *picture.Timeline
	ends *picture.FarEnds
	seen uint64 // the last record that had been written then
}

func (v callView) name() string {
	if v.several() {
		return "calls"
	}
	return "call"
}

func (v callView) gist(l *pen) { l.put(text, v.note(l.left()-2)) }

// note is the call under the bar: its state is never cut off, whatever the caller's name.
func (v callView) note(room int) string {
	c := v.call()
	if c == nil {
		return "no call"
	}
	word, _, _, since := v.callLook(c)
	state := word + " " + event.Clock(v.now-since)
	switch {
	case v.several() && v.w >= middleWidth:
		return v.counts()
	case c.Ended != 0:
		state = word
	case c.Connected() && !c.Held && !c.HeldByPeer:
		state = event.Clock(v.now - since)
	}
	who := c.Who()
	if v.w < wideWidth && v.fold.Several() && c.Account != "" { // there may be no row for it
		who = c.Account + " " + who
	}
	return middle(who, room-len(state)-1) + " " + state
}

// counts are how many calls there are, and in which state.
func (v callView) counts() string {
	words, n := []string{strconv.Itoa(len(v.fold.Calls))}, map[string]int{}
	for i := range v.fold.Calls {
		word, _, _, _ := v.callLook(&v.fold.Calls[i])
		if n[word]++; n[word] == 1 {
			words = append(words, word)
		}
	}
	for i, word := range words[1:] {
		words[i+1] = fmt.Sprintf("%d %s", n[word], word)
	}
	return strings.Join(words, " · ")
}

// draw is the call: who, what was agreed, the meters, what RTP says.
//
//	█ up 00:38   Bob <sip:bob@pbx.example.test>                   7f3c9b2e@198.51
//	audio PCMU/8000, 20 ms, 192.0.2.10:40064 ⇄ 198.51.100.7:40000
//	mic   ▁▂▂▃▅▆▇▆▅▃▂▁ −18 dB ✓ Bob hears us
//	      ············ far end lost 1 of 1 899
//	ear   ▁▂▂▃▅▆▇▆▅▃▂▁ −18 dB ✓ we hear Bob
//	      ····»···╳··· we lost 1 of 500, 1 late
func (v callView) draw(p area) {
	c := v.call()
	if c == nil {
		v.drawNoCall(p)
		return
	}
	if v.several() {
		v.drawSeveral(p)
		return
	}
	who := func(l *pen) { v.rowWho(l, c) }
	media := func(l *pen) { v.rowMedia(l, c) }
	rows := []func(*pen){who, media, v.rowMic, v.rowEar}
	if c.Connected() {
		rows = v.soundRows(c, []soundRow{{31, who}, {35, media}}, []soundRow{{60, v.rowSources}, {80, v.rowLast}}, p.h)
	}
	for i, row := range rows[:min(len(rows), p.h)] {
		row(p.line(i))
	}
}

func (v callView) drawNoCall(p area) {
	row := 0
	if p.h >= 6 {
		p.line(0).put(dim, "no call")
		row = 2
	}
	row += v.drawLastProblem(area{p.c, rect{p.x, p.y + row, p.w, p.h - row}})
	recent := v.fold.Recent
	if len(recent)+len(v.fold.Losses) == 0 && row < p.h {
		if p.h >= 2 && len(v.hints) > 0 {
			v.reachable(p.line(row).put(keycap, v.hints[0].key).put(dim, " dials; "))
		}
		return
	}
	lost := v.fold.Losses
	for i := len(recent) - 1; (i >= 0 || len(lost) > 0) && row < p.h; row++ {
		if last := len(lost) - 1; last >= 0 && (i < 0 || lost[last].At >= recent[i].Ended) {
			v.rowLost(p.line(row), &lost[last])
			lost = lost[:last]
			continue
		}
		v.rowEnded(p.line(row), &recent[i])
		i--
	}
}

// drawLastProblem is the last error, whole, where no call needs the room, and
// returns the rows it used.
func (v callView) drawLastProblem(p area) int {
	n := len(v.fold.Problems)
	for n > 0 && v.fold.Problems[n-1].Warning {
		n--
	}
	if n == 0 || p.h < 2 {
		return 0
	}
	e := &v.fold.Problems[n-1]
	lines := wrap("error: "+event.Printable(e.What+": "+e.Detail), p.w)
	said := len(lines)
	if e.Hint != "" {
		lines = append(lines, wrap("try: "+event.Printable(e.Hint), p.w)...)
	}
	lines = lines[:min(len(lines), p.h)]
	for i, s := range lines {
		ink := fault
		if i >= said {
			ink = text
		}
		p.line(i).put(ink, s)
	}
	return len(lines)
}

// rowLost is a call that did not get through.
func (v callView) rowLost(l *pen, c *event.LossRow) {
	l.put(fault|strong, v.clock(c.Began)+" ").put(open, "◀ ").put(text|strong, orCaller(c.From)).gap(2)
	word := "LOST "
	if !c.Certain() {
		word = "likely LOST "
	}
	l.put(fault|strong, word+lossPlace(c, v.fold)).gap(2).put(fault, lossOutcome(c))
	if c.After > 0 {
		l.whole(dim, " after "+span(c.After.D()))
	}
}

// rowEnded is a call that is over. What came of it has its place, whatever the name of
// the other side.
func (v callView) rowEnded(l *pen, c *event.CallRow) {
	way := "◀"
	if c.Out {
		way = "▶"
	}
	l.put(dim, v.clock(c.Ended)).gap(1).put(open, way).gap(1)
	parts := outcome(c)
	parts = slices.Insert(parts, 1, v.fared(c)...)
	room := l.left() - 2
	for _, part := range parts {
		room -= ansi.StringWidth(part.words)
	}
	v.as(l, middle(event.Printable(c.Account), room/3))
	l.put(text, middle(c.Who(), max(8, min(room, l.left()-2)))).gap(2)
	for i, part := range parts {
		if i == 0 {
			l.put(part.ink, part.words)
		} else {
			l.whole(part.ink, part.words)
		}
	}
}

// fared is how the audio of a call that is over was: the numbers of that call, and whether it
// was heard at both ends, as far as anybody knows.
func (v callView) fared(c *event.CallRow) []inked {
	sound := v.fold.SoundOf(c.ID)
	if c.Up == 0 || !sound.Counted {
		return nil
	}
	r := &sound.RTP
	heard := heardWays(r)
	parts := []inked{{heard.ink, "  " + heard.words}, {lossInk(r), fmt.Sprintf("  lost %.1f %%", r.LossPct)}}
	if r.MOS > 0 {
		parts = append(parts, inked{text, fmt.Sprintf(" MOS %.1f", r.MOS)})
	}
	parts = append(parts, inked{dim, " jitter " + millis(r.Jitter)})
	return parts
}

// heardWays is who was heard in a call that is over.
func heardWays(r *event.RTP) inked {
	in, out := r.Received > 0 && r.DeadIn == 0, r.FarOf > r.FarLost && r.DeadOut == 0
	unheard := r.DeadOut > 0 || r.FarOf > 0 && r.FarLost >= r.FarOf
	switch {
	case in && out:
		return inked{talk, "heard both ways"}
	case r.DeadIn > 0 && unheard:
		return inked{fault, "NO AUDIO at the end"}
	case r.DeadIn > 0:
		return inked{fault, "ONE-WAY: we heard nothing"}
	case unheard:
		return inked{fault, "ONE-WAY: we were not heard"}
	case !in:
		return inked{woken, "nothing came"}
	}
	return inked{dim, "heard by us"}
}

// An inked is a few words in a style.
type inked struct {
	ink   style
	words string
}

// outcome is what came of a call, the most important first.
func outcome(c *event.CallRow) []inked {
	var parts []inked
	switch {
	case c.Up != 0:
		parts = []inked{{talk, event.Clock(c.Ended - c.Up)}, {dim, " ended by " + endedBy(c)}}
	case c.Elsewhere != "":
		return []inked{{woken, event.Printable(c.Elsewhere)}}
	case !c.Out && (c.By != "us" || c.Missed):
		parts = []inked{{fault, "missed"}}
	default:
		parts = []inked{{woken, "not answered"}}
	}
	if c.Status >= 300 {
		parts = append(parts, inked{fault, fmt.Sprintf(" %d %s", c.Status, middle(c.Reason, maxReason))})
	}
	return parts
}

// maxReason is how many columns the words of a status have beside who it was.
const maxReason = 30

func endedBy(c *event.CallRow) string {
	if c.By == "" {
		return "somebody"
	}
	return event.Printable(c.By)
}

func (v callView) rowWho(l *pen, c *event.CallRow) {
	v.putState(l, c)
	if id := event.Printable(c.CallID); id != "" && l.left() > 60 {
		l.right(dim, middle(id, 16)).right(dim, "  ")
	}
	v.as(l.gap(3), middle(event.Printable(c.Account), l.left()/4))
	v.putPeer(l, c)
	if intro := c.Introduction(); intro != "" {
		l.gap(2).put(dim, event.Printable(intro))
	}
}

// putState is the state of a call, and for how long it is in that.
func (v callView) putState(l *pen, c *event.CallRow) {
	word, ink, glyph, since := v.callLook(c)
	l.put(ink|strong, glyph+" ").put(ink, word)
	if c.Ended == 0 {
		l.put(ink, " "+event.Clock(v.now-since))
	}
	if c.Rings() && c.Until > 0 {
		l.put(dim, " of "+event.Clock(c.Until-c.At))
	}
}

// putPeer is the name and the address of the other side. A long name leaves room for the
// ends of the address, which tell who it is.
func (v callView) putPeer(l *pen, c *event.CallRow) {
	if c.Name == "" {
		l.middle(strong, c.Peer)
		return
	}
	l.put(strong, middle(c.Name, max(l.left()-ansi.StringWidth(c.Peer)-3, l.left()/2)))
	if l.left() > 8 {
		l.put(text, " <").put(text, middle(c.Peer, l.left()-1)).put(text, ">")
	}
}

func (v callView) rowMedia(l *pen, c *event.CallRow) {
	md := v.fold.SoundOf(c.ID).Media
	if md.Phase == "" {
		l.put(dim, "no audio agreed yet")
		return
	}
	if md.Phase == event.MediaStart {
		l.put(dim, "audio ")
	} else {
		l.put(dim, string(md.Phase)+" ")
	}
	if md.Codec != "" {
		l.put(text, event.Printable(md.Codec))
		if md.PTime > 0 {
			l.put(text, ", "+span(md.PTime.D()))
		}
	}
	if md.SRTP != "" {
		l.put(dim, ", srtp ").put(text, event.Printable(md.SRTP))
	}
	if md.Remote != "" {
		l.put(dim, ", ").put(text, event.Printable(joinEnds(md.Local, md.Remote)))
	}
	if md.Detail != "" {
		l.put(dim, "  "+event.Printable(md.Detail))
	}
}

func joinEnds(local, remote string) string {
	if local == "" {
		return remote
	}
	return local + " ⇄ " + remote
}

func (v callView) rowLast(l *pen) {
	if n := len(v.fold.Recent); n > 0 {
		l.put(dim, "last ")
		v.rowEnded(l, &v.fold.Recent[n-1])
	}
}

// callLook is the state of a call in a word.
func (v callView) callLook(c *event.CallRow) (word string, ink style, glyph string, since time.Duration) {
	switch {
	case c.Ended != 0:
		return "over", dim, "·", c.Up
	case c.Held && c.HeldByPeer:
		return "held by both", woken, v.glyphs.of(picture.Ring), c.Up
	case c.HeldByPeer:
		return "held by peer", woken, v.glyphs.of(picture.Ring), c.Up
	case c.Held:
		return "held", woken, v.glyphs.of(picture.Ring), c.Up
	case c.Connected() && v.oneWay(c).Dead():
		return "up", fault, v.glyphs.of(picture.Mute), c.Up
	case c.Connected():
		return "up", talk, v.glyphs.of(picture.Connected), c.Up
	case c.Phase == event.CallAnswered:
		return "answered", talk, v.glyphs.of(picture.Connected), c.At
	case c.Out:
		return string(c.Phase), talk, v.glyphs.of(picture.Ring), c.At
	}
	if v.newest(false) != nil || v.newest(true) != nil { // call waiting
		return "waiting", woken, v.glyphs.of(picture.Ring), c.At
	}
	return "ringing", talk, v.glyphs.of(picture.Ring), c.At
}
