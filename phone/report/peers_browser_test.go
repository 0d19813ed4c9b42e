//go:build peers

package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	_ "image/png"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// jenkins is the policy under which Jenkins serves what a job has written; the tool that
// looks at the pages needs scripts of its own in them.
const jenkins = "sandbox allow-same-origin allow-scripts; default-src 'none'; img-src 'self'; style-src 'self';"

// A seenPage is a page or a drawing as browse.cjs found it in a browser.
type seenPage struct {
	URL, Scheme, Shot string
	Width             int
	Drawing           bool
	Complaints, Wide  []string
	Texts             []seenText
	Pictures          []struct {
		Src, Alt string
		Width    float64
	}
	Keys *struct { // where the keyboard was tried
		All   []string
		Stops []struct {
			Part         *int
			Tag          string
			Ring, InView bool
		}
	}
	Box   struct{ W, H float64 }
	Lines []struct {
		X1, Y1, X2, Y2, Width float64
		Stroke                string
	}
}

// A seenText is a line of text with its place.
type seenText struct {
	Text, Colour string
	Bold         bool
	Size         float64
	X, Y, W, H   float64
}

func (p *seenPage) String() string {
	return fmt.Sprintf("%s, %s, %d px", path.Base(path.Dir(p.URL))+"/"+path.Base(p.URL), p.Scheme, p.Width)
}

// TestReportsInABrowser opens reports, a card and a page of contents in Chromium, on a light
// and a dark ground, wide and 500 px narrow, as Jenkins serves them.
func TestReportsInABrowser(t *testing.T) {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatalf("this test needs chromium: apt-get install chromium (as .ci/run does)")
	}
	root := t.TempDir()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/favicon.ico" { // a browser asks for it, whatever the page is
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.Header().Set("Content-Security-Policy", jenkins)
		http.FileServer(http.Dir(root)).ServeHTTP(w, r)
	}))
	defer server.Close()
	args := []string{filepath.Join("testdata", "readers", "browse.cjs"), chromium, t.TempDir()}
	for _, name := range writeReports(t, root) {
		args = append(args, server.URL+"/"+name)
	}
	for p := range browsed(t, args) {
		p.judge(t)
	}
}

// writeReports writes what a browser is to open, and returns its files.
func writeReports(t *testing.T, root string) (files []string) {
	var results []*play.Result
	for name, of := range map[string]func(testing.TB) (*play.Result, *event.Log){
		"passing": passing, "lost": lostRun,
		"card": func(testing.TB) (*play.Result, *event.Log) { return graded() },
	} {
		r, log := of(t)
		dir := filepath.Join(root, name)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		var sound bytes.Buffer
		if err := pcm.WriteWAV(&sound, pcm.Audio{Rate: pcm.Rate, Samples: make([]int16, pcm.Rate)}); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "alice-heard.wav"), sound.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := Folder(Dir{Path: dir}, r, log, FolderOptions{Links: []Link{{"alice-heard.wav", "what alice heard"}}}); err != nil {
			t.Fatal(err)
		}
		results, files = append(results, r), append(files, name+"/index.html")
	}
	if err := Contents(Dir{Path: root}, results, func(r *play.Result) string { return stem(r.File) }); err != nil {
		t.Fatal(err)
	}
	return append(files, "")
}

// browsed is what a browser finds in some pages.
func browsed(t *testing.T, args []string) func(yield func(*seenPage) bool) {
	t.Helper()
	cmd := exec.Command("node", args...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s\nthis test needs playwright-core: npm install --prefix DIR playwright-core@1.65.1, and NODE_PATH=DIR/node_modules", err, &errs)
	}
	return func(yield func(*seenPage) bool) {
		for lines := bufio.NewReader(bytes.NewReader(out)); ; {
			line, err := lines.ReadBytes('\n')
			if err != nil {
				return
			}
			p := new(seenPage)
			if err := json.Unmarshal(line, p); err != nil {
				t.Fatalf("%v in %.200s", err, line)
			}
			if !yield(p) {
				return
			}
		}
	}
}

// judge judges a page or a drawing.
func (p *seenPage) judge(t *testing.T) {
	t.Helper()
	p.readable(t)
	if p.Drawing {
		p.fits(t)
		p.pinned(t)
		return
	}
	for _, w := range p.Wide {
		t.Errorf("%s: %s", p, w)
	}
	for _, c := range p.Complaints { // that policy forbids a page to play sound, as the page says
		if !strings.Contains(c, ".wav") {
			t.Errorf("%s: %s", p, c)
		}
	}
	for _, i := range p.Pictures {
		if i.Width == 0 || len(i.Alt) < 20 || !strings.HasSuffix(i.Src, "-"+p.Scheme+".svg") {
			t.Errorf("%s: the picture %+v", p, i)
		}
	}
	if p.Keys != nil {
		p.reached(t)
	}
}

// reached fails where the keyboard does not get, or not in the order of the page, or where
// nobody sees that it is.
func (p *seenPage) reached(t *testing.T) {
	t.Helper()
	var order []int
	for _, s := range p.Keys.Stops {
		if s.Part == nil {
			t.Errorf("%s: the keyboard stops at a %s", p, s.Tag)
			continue
		}
		order = append(order, *s.Part)
		if name := p.Keys.All[*s.Part]; !s.InView || !s.Ring {
			t.Errorf("%s: %s is reached, in view %t, with a ring %t", p, name, s.InView, s.Ring)
		}
	}
	if !slices.IsSorted(order) {
		t.Errorf("%s: the order is %v", p, order)
	}
	for i, name := range p.Keys.All {
		if !slices.Contains(order, i) {
			t.Errorf("%s: the keyboard does not reach %s", p, name)
		}
	}
	if len(p.Keys.All) < 3 {
		t.Errorf("%s: has only %q", p, p.Keys.All)
	}
}

var rgbColour = regexp.MustCompile(`^rgba?\((\d+), (\d+), (\d+)`)

// readable compares each text with what is behind it: nine pixels of ten differ enough from
// it (a line may go behind a text).
func (p *seenPage) readable(t *testing.T) {
	t.Helper()
	f, err := os.Open(p.Shot)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	shot, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Texts) < 5 {
		t.Errorf("%s: only %d texts", p, len(p.Texts))
	}
	for _, s := range p.Texts {
		m := rgbColour.FindStringSubmatch(s.Colour)
		if m == nil {
			t.Errorf("%s: %q has the colour %q", p, s.Text, s.Colour)
			continue
		}
		var rgb [3]int
		for i := range rgb {
			rgb[i], _ = strconv.Atoi(m[i+1]) // digits
		}
		if share, worst := legible(shot, s, fmt.Sprintf("#%02X%02X%02X", rgb[0], rgb[1], rgb[2])); share < 0.9 {
			t.Errorf("%s: %q in %s is readable on %.0f %% of its ground; elsewhere %.2f", p, s.Text, s.Colour, 100*share, worst)
		}
	}
}

// legible is the share of a text's ground that differs enough from its colour, and the least
// contrast.
func legible(shot image.Image, s seenText, colour string) (share, worst float64) {
	good, all := 0, 0
	worst = 21
	b := shot.Bounds()
	for y := max(b.Min.Y, int(s.Y)); y < min(b.Max.Y, int(math.Ceil(s.Y+s.H))); y++ {
		for x := max(b.Min.X, int(s.X)); x < min(b.Max.X, int(math.Ceil(s.X+s.W))); x++ {
			r, g, b, _ := shot.At(x, y).RGBA()
			c := contrast(colour, fmt.Sprintf("#%02X%02X%02X", r>>8, g>>8, b>>8))
			all++
			if c >= readable {
				good++
			}
			worst = min(worst, c)
		}
	}
	if all == 0 {
		return 1, worst // scrolled away
	}
	return float64(good) / float64(all), worst
}

// fits fails where a text of a drawing sticks out of it, or lies over another one.
func (p *seenPage) fits(t *testing.T) {
	t.Helper()
	for i, s := range p.Texts {
		if s.X < -0.5 || s.Y < -0.5 || s.X+s.W > p.Box.W+0.5 || s.Y+s.H > p.Box.H+0.5 {
			t.Errorf("%s: %q is at %.0f,%.0f to %.0f,%.0f of %.0fx%.0f", p, s.Text, s.X, s.Y, s.X+s.W, s.Y+s.H, p.Box.W, p.Box.H)
		}
		for _, o := range p.Texts[i+1:] {
			w, h := min(s.X+s.W, o.X+o.W)-max(s.X, o.X), min(s.Y+s.H, o.Y+o.H)-max(s.Y, o.Y)
			if w > 1 && h > 4 { // lines of text may touch
				t.Errorf("%s: %q lies over %q by %.0fx%.0f", p, s.Text, o.Text, w, h)
			}
		}
	}
}

var (
	lostFlag = regexp.MustCompile(`^LOST HERE (\d+):(\d+\.\d+)$`)
	axisTime = regexp.MustCompile(`^(\d+):(\d+)$`)
)

// pinned fails unless the pin of a lost call is where the drawing's own axis has its time.
func (p *seenPage) pinned(t *testing.T) {
	t.Helper()
	lanes := strings.HasSuffix(p.URL, "lanes-"+p.Scheme+".svg") && strings.Contains(p.URL, "/lost/case-2")
	var ticks []seenText
	var lost time.Duration
	for _, s := range p.Texts {
		if m := lostFlag.FindStringSubmatch(s.Text); m != nil {
			lost = clockTime(m)
		} else if axisTime.MatchString(s.Text) {
			ticks = append(ticks, s)
		}
	}
	if lost == 0 {
		if lanes {
			t.Errorf("%s: no flag", p)
		}
		return
	}
	a, b := ticks[0], ticks[len(ticks)-2] // the last label may end where the axis does
	from, to := clockTime(axisTime.FindStringSubmatch(a.Text)), clockTime(axisTime.FindStringSubmatch(b.Text))
	middle := func(s seenText) float64 { return s.X + s.W/2 }
	want := middle(a) + (middle(b)-middle(a))*float64(lost-from)/float64(to-from)
	dark := p.Scheme == "dark"
	for _, l := range p.Lines {
		if l.X1 == l.X2 && l.Width == 2 && l.Stroke == (theme{dark: dark}).of(picture.Fault) && math.Abs(l.X1-want) <= 1 {
			return
		}
	}
	t.Errorf("%s: no pin at %.1f, where %s is", p, want, event.Stamp(lost))
}

func clockTime(m []string) time.Duration {
	minutes, _ := strconv.Atoi(m[1])
	seconds, _ := strconv.ParseFloat(m[2], 64)
	return time.Duration(minutes)*time.Minute + time.Duration(seconds*float64(time.Second))
}
