package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/script"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/ui"
)

var updateTapes = flag.Bool("update", false, "film the tapes anew")

// The folders of the tapes, and of the pictures in README.md and the manual that are made of them.
const (
	tapeFolder    = "../../assets/tapes"
	pictureFolder = "../../assets"
)

// A tape says what a picture shows: a scenario, played in virtual time, the size
// of the screen, and the moments at which it is looked at, with keys.
//
//	play lost.talk        beside the tape, or builtin:NAME
//	size 100x30
//	at 00:04:20 for 2s    a device time, or the name of an event
//	key x for 6s          pressed then
type tape struct {
	log    *event.Log
	w, h   int
	frames []tapeFrame
}

// A tapeFrame is what the screen shows for a while.
type tapeFrame struct {
	at   string
	keys []string
	long time.Duration // 0: it stays
}

// readTapeFile reads a tape, and plays its scenario.
func readTapeFile(t *testing.T, name string) *tape {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	x := new(tape)
	for i, line := range strings.Split(string(text), "\n") {
		if words := strings.Fields(line); len(words) > 0 && words[0] != "#" {
			if err := x.line(t, words); err != nil {
				t.Fatalf("%s:%d: %v", name, i+1, err)
			}
		}
	}
	if x.log == nil || x.w == 0 || len(x.frames) == 0 {
		t.Fatalf("%s: a scenario, a size and a moment are needed", name)
	}
	return x
}

func (x *tape) line(t *testing.T, words []string) (err error) {
	if len(words) < 2 {
		return fmt.Errorf("%s what?", words[0])
	}
	var long time.Duration
	if len(words) == 4 && words[2] == "for" {
		if long, err = time.ParseDuration(words[3]); err != nil {
			return err
		}
	}
	switch words[0] {
	case "play":
		x.log = playTape(t, words[1])
	case "size":
		_, err = fmt.Sscanf(words[1], "%dx%d", &x.w, &x.h)
	case "at":
		x.frames = append(x.frames, tapeFrame{at: words[1], long: long})
	case "key":
		if len(x.frames) == 0 {
			return fmt.Errorf("a key before the first moment")
		}
		last := x.frames[len(x.frames)-1]
		x.frames = append(x.frames, tapeFrame{at: last.at, keys: append(slices.Clone(last.keys), words[1]), long: long})
	default:
		err = fmt.Errorf("unknown word %q", words[0])
	}
	return err
}

// playTape plays the scenario of a tape.
func playTape(t *testing.T, name string) *event.Log {
	t.Helper()
	var f *scenario.File
	var err error
	if own, ok := strings.CutPrefix(name, "builtin:"); ok {
		_, f, err = script.OfProgram(own).Parse()
	} else {
		var text []byte
		if text, err = os.ReadFile(filepath.Join(tapeFolder, name)); err == nil {
			f, err = scenario.ParseFile(name, text, nil)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	_, log := playBuiltin(t, f)
	return log
}

// until is the log up to a moment, and the time of day then.
func (x *tape) until(t *testing.T, at string) (*event.Log, time.Time) {
	t.Helper()
	log, phone, wall := new(event.Log), "", time.Time{}
	limit, timed := deviceTime(at)
	for r := range x.log.From(0) {
		if _, ok := r.Event.(event.Start); ok && phone == "" {
			phone = r.Phone
		}
		if r.Phone == phone && timed && r.Device > limit {
			return log, wall
		}
		log.Append(r)
		if r.Phone != phone {
			continue
		}
		wall = r.Wall
		if timed {
			wall = wall.Add(limit - r.Device)
		} else if isMoment(at, r.Event) {
			return log, wall.Add(time.Second)
		}
	}
	if !timed {
		t.Fatalf("there is no %q in the scenario", at)
	}
	return log, wall
}

// isMoment reports whether an event is the one by which a tape names it.
func isMoment(name string, e event.Event) bool {
	switch e := e.(type) {
	case event.Notification:
		return name == "banner" && e.Shown
	case event.Heard:
		return name == "heard"
	case event.Call:
		return name == "call" && e.Phase == event.CallUp
	}
	return false
}

// deviceTime is a time such as 00:04:20; ok is false if it is none.
func deviceTime(s string) (d time.Duration, ok bool) {
	parts := strings.Split(s, ":")
	if len(parts) != 3 {
		return 0, false
	}
	for _, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil {
			return 0, false
		}
		d = 60*d + time.Duration(n)*time.Second
	}
	return d, true
}

// TestPicturesOfTapes films the tapes, and compares the films with the pictures.
func TestPicturesOfTapes(t *testing.T) {
	tapes, err := filepath.Glob(filepath.Join(tapeFolder, "*.tape"))
	if err != nil || len(tapes) == 0 {
		t.Fatalf("no tapes: %v", err)
	}
	shown := sources(t, "README.md") + sources(t, "assets/help/*.md")
	look := cli.Look{}.Options(new(cli.Program))
	for _, name := range tapes {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".tape"), func(t *testing.T) {
			t.Parallel()
			x := readTapeFile(t, name)
			f := film{w: x.w, h: x.h}
			for _, frame := range x.frames {
				log, wall := x.until(t, frame.at)
				f.add(ui.RenderFrame(log, ui.Frame{
					Width: x.w, Height: x.h, Theme: "dark", Wall: wall, Keys: frame.keys, Verbs: phone.Verbs(false), Explain: look.Explain, Find: look.Find,
				}), frame.long)
			}
			picture := strings.TrimSuffix(filepath.Base(name), ".tape") + ".svg"
			if !strings.Contains(shown, "(assets/"+picture+")") && !strings.Contains(shown, "(../"+picture+")") {
				t.Errorf("neither README.md nor the manual shows assets/%s", picture)
			}
			compareFilm(t, filepath.Join(pictureFolder, picture), f.svg())
		})
	}
}

func compareFilm(t *testing.T, file string, got []byte) {
	t.Helper()
	if *updateTapes {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != string(got) {
		t.Errorf("%s is not what the tape shows; go test ./cmd/sleeptalk -run PicturesOfTapes -update if it is right now", file)
	}
}
