package report

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/diagnose"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// lostRun is a run in which a NAT forgot the sleeping phone, and Bob's call was lost.
func lostRun(t testing.TB) (*play.Result, *event.Log) {
	log := recording(t, "lost.jsonl")
	return &play.Result{
		File: "nat.talk", Phone: "sip:alice@lab.test", Started: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Device: sec(298),
		Cases: []play.CaseResult{
			{Name: "setup", Line: 2, Verdict: play.Passed, To: sec(8.133), FirstSeq: 1, LastSeq: 69},
			{
				Name: "the call is lost", Line: 8, Verdict: play.Failed, From: sec(8.133), To: sec(298.133), FirstSeq: 70, LastSeq: log.Len(),
				Steps: []play.StepResult{{Line: 11, Text: "expect wake by INVITE within 45s", Verdict: play.Failed, Waited: sec(45), At: sec(298.133)}},
				Failure: &play.Failure{
					File: "nat.talk", Line: 11, Col: 8, Width: 14, Kind: "expect.wake", Message: "no wake by INVITE within 45 s",
					Source: []play.SourceLine{{Line: 10, Text: "bob: call alice"}, {Line: 11, Text: "expect wake by INVITE within 45s"}},
					Facts:  []diagnose.Fact{{Subject: "wake", Text: "none; the next is keepalive, in 302 s at most"}}, Likely: "nat expired since 04:00.18",
				},
			},
		},
	}, log
}

// TestLostCall: the drawing, its words and the page say where a call was lost, since when the
// phone was cut off, and what the caller got.
func TestLostCall(t *testing.T) {
	r, log := lostRun(t)
	p := newPage(r, log, nil)
	for _, th := range themes {
		svg := p.Cases[1].Lanes.draw(th)
		checkSVG(t, svg)
		golden(t, "lost-lanes-"+th.name+".svg", svg)
		svg = p.Cases[1].Ladder.draw(th)
		checkSVG(t, svg)
		golden(t, "lost-ladder-"+th.name+".svg", svg)
	}
	const told = "LOST: call from Bob at 04:13.15, on the link, unreachable since 04:00.18 after 240 s of silence, the caller got 408. "
	for _, f := range []*figure{&p.Overview, p.Cases[1].Lanes} {
		if !strings.Contains(f.Alt, told) {
			t.Errorf("%s: %q", f.Name, f.Alt)
		}
		if svg := f.draw(themes[0]); !bytes.Contains(svg, []byte(escaped(f.Alt))) {
			t.Errorf("%s: the drawing does not say %q", f.Name, f.Alt)
		}
	}
	if got, want := p.Cases[1].Ladder.Alt, "LOST HERE: INVITE at 04:13.155, cut at the link (nat expired)."; !strings.Contains(got, want) {
		t.Errorf("the ladder says %q", got)
	}
	if len(p.Losses) != 1 || p.Losses[0].Case != p.Cases[1].Anchor || p.First != "nat-11" ||
		!strings.Contains(p.Losses[0].Why, "the NAT forgot us at 04:00.180, 240 s after the last bytes") {
		t.Errorf("%+v, first %q", p.Losses, p.First)
	}
}

// TestPinIsCutAtItsLane: below the lane at which a call was lost the pin is whole.
func TestPinIsCutAtItsLane(t *testing.T) {
	_, log := lostRun(t)
	line := picture.Of(log.From(0), "alice")
	d := &lanesDrawing{line: line, view: laneView{shown: stretch{0, sec(300)}}, top: lanesTop}
	d.w = lanesWidth
	d.lost = lostIn(line, d.view.shown)
	d.lanes = d.rows()
	var names []string
	for _, l := range d.lanes {
		names = append(names, l.name)
	}
	if got := strings.Join(names, " "); got != "app wake notify socket network reg call mic ear Bob" {
		t.Errorf("the lanes are %s", got)
	}
	for place, cut := range map[event.Place]string{event.AtServer: "reg", event.AtLink: "network", event.AtApp: "app", event.AtAnswer: "call"} {
		d.body.Reset()
		d.pin(500, picture.LossPin{Where: place})
		y := d.top + (float64(slices.Index(names, cut))+0.5)*laneHeight
		if want := fmt.Sprintf(`<line x1="500" y1="%s" x2="500" y2="%s"`, num(y), num(d.bottom())); !strings.HasPrefix(d.body.String(), want) {
			t.Errorf("%s: %s, want %s", place, d.body.String(), want)
		}
	}
}

// TestManyLosses: flags do not hide each other, and each call has a point all the same.
func TestManyLosses(t *testing.T) {
	line := &picture.Timeline{End: time.Hour}
	for i := range 60 {
		line.Lost = append(line.Lost, picture.LossPin{At: time.Duration(i) * time.Minute, Over: time.Duration(i)*time.Minute + 32*time.Second, Kind: "lost", Where: event.AtLink, Outcome: "408", CutAt: time.Duration(i)*time.Minute - time.Second})
	}
	svg := string(drawLanes(line, laneView{title: "many", shown: stretch{0, time.Hour}}, themes[0]))
	checkSVG(t, []byte(svg))
	if flags := strings.Count(svg, ">LOST HERE "); flags < 5 || flags > 12 {
		t.Errorf("%d flags", flags)
	}
	if points := strings.Count(svg, "<polygon"); points < 60 {
		t.Errorf("%d points", points)
	}
	alt := lanesInWords(line, laneView{shown: stretch{0, time.Hour}})
	if !strings.Contains(alt, "; and 54 more.") || len(alt) > 2000 {
		t.Errorf("%q", alt)
	}
}

// TestReadable: text of every ink can be read on each ground of the reports, and on every
// shape that it is written on.
func TestReadable(t *testing.T) {
	grounds := map[string][]string{ // those of report.css, and the ground under the shades
		"light": {"#FFFFFF", "#F6F8FA", "#F0F3F6", "#F7E7DE"},
		"dark":  {"#12161C", "#0B0E13", "#1A2028", "#312120"},
	}
	for _, th := range themes {
		for ink := range inkNames {
			if ink == picture.Ground || ink == picture.Rule {
				continue
			}
			for _, g := range grounds[th.name] {
				if c := contrast(th.reading(ink), g); c < readable {
					t.Errorf("%s: %s on %s has %.2f", th.name, inkNames[ink], g, c)
				}
			}
			if c := contrast(th.on(ink), th.of(ink)); c < readable {
				t.Errorf("%s: text on %s has %.2f", th.name, inkNames[ink], c)
			}
		}
	}
	if c := contrast("#000000", "#FFFFFF"); c != 21 {
		t.Errorf("black on white has %.2f", c)
	}
	if c := contrast("#777777", "#FFFFFF"); c < 4.47 || c > 4.48 { // a known pair, just below
		t.Errorf("#777777 on white has %.3f", c)
	}
}

// TestSoundOfAFormerVersion: the lanes and their words say that nothing is known of the sound.
func TestSoundOfAFormerVersion(t *testing.T) {
	line := &picture.Timeline{End: time.Minute, Former: true}
	v := laneView{title: "old", shown: stretch{0, time.Minute}}
	svg := string(drawLanes(line, v, themes[0]))
	checkSVG(t, []byte(svg))
	if n := strings.Count(svg, ">"+picture.NoSound+"<"); n != 2 || !strings.Contains(lanesInWords(line, v), picture.NoSound) {
		t.Errorf("drawn %d times; in words %q", n, lanesInWords(line, v))
	}
	line.Former = false
	if strings.Contains(string(drawLanes(line, v, themes[0])), picture.NoSound) {
		t.Error("it is said of a log of this version")
	}
}
