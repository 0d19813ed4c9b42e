package lab

import (
	"fmt"
	"strings"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// onRobot is the verbs about a robot.
var onRobot = map[string]func(l *Lab, r *robot, told verb.Line) error{
	"call": func(l *Lab, r *robot, told verb.Line) error {
		if err := l.reaches(told.Arg()); err != nil {
			return err
		}
		return r.finish(r.app.Call(l.loop.Now(), "", told.Arg()))
	},
	"text": func(l *Lab, r *robot, told verb.Line) error {
		if err := l.reaches(told.Args[0]); err != nil {
			return err
		}
		return r.finish(r.app.Tell(l.loop.Now(), "", control.SendText{To: told.Args[0], Text: told.Args[1]}))
	},
	"hang up": func(l *Lab, r *robot, told verb.Line) error { return r.finish(r.app.Hangup(l.loop.Now(), told.Call)) },
	"hold": func(l *Lab, r *robot, told verb.Line) error {
		return r.finish(r.app.Hold(l.loop.Now(), told.Call, true))
	},
	"resume": func(l *Lab, r *robot, told verb.Line) error {
		return r.finish(r.app.Hold(l.loop.Now(), told.Call, false))
	},
	"transfer": func(l *Lab, r *robot, told verb.Line) error {
		return r.finish(r.app.Transfer(l.loop.Now(), told.Call, told.To))
	},
	"header": func(l *Lab, r *robot, told verb.Line) error {
		return r.finish(r.app.Tell(l.loop.Now(), "", control.AddHeader{On: told.Header.On, Name: told.Header.Name, Value: told.Header.Value}))
	},
	"speak": func(_ *Lab, r *robot, told verb.Line) error { return r.speak(told.Sound) },
}

// reaches reports whether a robot can write to somebody, or call: anybody by an
// address, and by a bare name who the lab knows.
func (l *Lab) reaches(who string) error {
	if strings.ContainsAny(who, "@:") {
		return nil
	}
	return l.known(who)
}

// finish carries out what a verb asks of the robot's system.
func (r *robot) finish(effects []system.Effect, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", r.name, err)
	}
	r.carryOut(effects)
	return nil
}

// speak changes what a robot says, in the calls that are up too.
func (r *robot) speak(s verb.Sound) error {
	open, err := soundOf(s)
	if err != nil {
		return fmt.Errorf("%s: %w", r.name, err)
	}
	r.app.Speak(r.says(open))
	return nil
}

// soundOf opens a sound that the grammar lets a robot speak.
func soundOf(s verb.Sound) (pcm.Opener, error) {
	switch s.What {
	case "silence":
		return pcm.Silence, nil
	case "tone":
		return func(rate int) pcm.Source { return pcm.Tone(rate, s.Hz, robotLevel) }, nil
	}
	speech, err := hello()
	return func(rate int) pcm.Source { return speech.audio.Open(rate, true) }, err
}
