package picture_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// inWords is a figure as a line: its arrow, its marks, and the words beside a lifeline.
func inWords(f picture.Figure) string {
	stations := [...]string{"app", "kernel", "link", "server", "far"}
	var parts []string
	if f.From != f.To {
		arrow := "─"
		if f.Double {
			arrow = "═"
		}
		head := ">"
		if f.Cut {
			head = ""
		}
		both := ""
		if f.Both {
			both = "<"
		}
		parts = append(parts, fmt.Sprintf("%s %s%s[%s]%s%s %s ink %d", stations[f.From], both, arrow, f.Label.Text, arrow, head, stations[f.To], f.Ink))
	}
	if f.Cut {
		parts = append(parts, "cut")
	}
	if f.Held {
		parts = append(parts, "held")
	}
	if f.LostHere {
		parts = append(parts, f.Lost())
	}
	right := ""
	for _, w := range f.Right {
		right += w.Text
	}
	if f.Left.Text+right != "" {
		parts = append(parts, fmt.Sprintf("(%s|%s|%s)", f.Left.Text, stations[f.Beside], right))
	}
	return strings.Join(parts, " ")
}

// TestFigures: each kind of row is drawn between its own lifelines, with its marks and words.
func TestFigures(t *testing.T) {
	ink := func(s string, i picture.Ink) string { return fmt.Sprintf("%s ink %d", s, i) }
	for _, c := range []struct {
		name string
		log  []said
		want []string
	}{
		{"messages", []said{
			{0, "alice", event.Message{Out: true, Method: "REGISTER"}},
			{1, "alice", event.Message{Method: "REGISTER", Status: 200, Reason: "OK"}},
		}, []string{ink("app ─[REGISTER]─> server", picture.Talk), ink("server ─[200 OK]─> app", picture.Bright)}},
		{"a ping and its pong", []said{
			{0, "alice", event.Ping{Out: true}},
			{41, "alice", event.Pong{RTT: event.Millis(41 * time.Millisecond)}},
		}, []string{ink("app <─[ping ⇄ pong 41 ms]─> server", picture.Faint)}},
		{"a connection, and its end", []said{
			{0, "alice", event.Socket{Name: "control", Phase: event.SocketOpen, Local: "10.0.0.1:49152"}},
			{1, "alice", event.Socket{Name: "control", Phase: event.SocketReset, Local: "10.0.0.1:49152", By: "server"}},
		}, []string{ink("app ═[connect]═> server", picture.Bright), ink("server ─[reset]─> app", picture.Fault)}},
		{"media", []said{
			{0, "alice", event.Media{Call: 1, Phase: event.MediaStart, Codec: "PCMU"}},
			{1, "alice", event.RTP{Call: 1, Received: 1893, Lost: 4}},
		}, []string{ink("app <═[RTP PCMU  lost 4/1897]═> server", picture.Talk)}},
		{"a problem", []said{
			{0, "alice", event.Error{Op: "register", Err: "refused"}},
		}, []string{"(|server|╳ error: register: refused)"}},
		{"a flow that was forgotten, and a call that was lost", []said{
			{0, "alice", event.Socket{Name: "control", Phase: event.SocketOpen, Local: "10.0.0.1:49152"}},
			{1000, "alice", event.State{From: event.Entering, To: event.Suspended}},
			{2000, "alice", event.Mapping{Phase: event.MappingForgotten, Local: "10.0.0.1:49152", Why: "nat expired", Idle: event.Seconds(240 * time.Second)}},
			{3000, "alice", event.Swallowed{What: "INVITE", CallID: "x", From: "sip:bob@lab", Bytes: 812, Local: "10.0.0.1:49152", Why: "nat expired"}},
			{3000, "alice", event.Loss{Phase: event.LossCertain, CallID: "x", Where: event.AtLink, Moment: 5}},
		}, []string{
			ink("app ═[connect]═> server", picture.Bright), "pause",
			"cut (240 s silent|link|forgets :49152)", "pause",
			ink("server ─[INVITE]─ app", picture.Fault) + " cut LOST HERE",
		}},
		{"what waited in the kernel", []said{
			{1000, "alice", event.State{From: event.Entering, To: event.Suspended}},
			{5000, "alice", event.Wake{N: 1, Cause: event.BySocket}},
			{5038, "alice", event.Held{Phase: event.HeldReleased, What: "INVITE", CallID: "x", Bytes: 812, For: event.Millis(38 * time.Millisecond), Wake: 1}},
			{5038, "alice", event.Frame{Wake: 1, What: "INVITE", Bytes: 812}},
			{5038, "alice", event.Message{Method: "INVITE", CallID: "x", CSeq: 1, From: "sip:bob@lab", Bytes: 812}},
		}, []string{
			ink("server ─[INVITE]─> kernel", picture.Bright) + " held (|kernel|held 38 ms)",
			ink("kernel ─[812 B]─> app", picture.Woken) + " held",
		}},
	} {
		l, line, _, _ := folded(told(c.log...))
		choice := picture.Choice{Dialogs: new(picture.Dialogs), To: picture.Ongoing}
		var got []string
		for _, r := range picture.Rows(l, line, picture.Show{Rung: choice.Shows}) {
			if r.Rung == nil {
				got = append(got, "pause")
				continue
			}
			got = append(got, inWords(r.Figure()))
		}
		if g, w := strings.Join(got, "\n"), strings.Join(c.want, "\n"); g != w {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, g, w)
		}
	}
}
