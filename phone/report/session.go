package report

import (
	"errors"
	"io"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/keep"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// lanesFile is the timeline as a drawing.
const lanesFile = "timeline.svg"

// Session writes the evidence of a phone without a scenario into a folder,
// which it creates if necessary: events.jsonl, sip.pcapng, trace.json and
// timeline.svg. wire has the packets for the capture; nil: none. The error
// joins those of all files, as with [Folder].
func Session(dir Dir, log *event.Log, wire *Wire) error {
	if err := dir.Open(); err != nil {
		return err
	}
	e := source{log: log, wire: wire, dir: dir}
	untold := slices.DeleteFunc(formats(), func(f format) bool { return f.verdicts })
	return errors.Join(
		e.write(untold),
		dir.File(keep.Drawing, lanesFile).Write(func(w io.Writer) error { return Timeline(w, log) }),
	)
}

// Timeline writes the lanes of the first phone of a log as a drawing (SVG), for
// a light ground.
func Timeline(w io.Writer, log *event.Log) error {
	fold := foldOf(log, "")
	t := picture.Of(log.From(0), fold.Phone)
	v := laneView{title: "Timeline of " + event.Printable(fold.Start.AOR), shown: stretch{0, max(t.End, time.Second)}}
	_, err := w.Write(drawLanes(t, v, themes[0]))
	return err
}
