package run

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/script"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/stage"
)

// A piece is a scenario that is to be played.
type piece struct {
	*script.Script
	file *scenario.File
	live bool
}

// checkScripts reads all files before any is played, says all that is wrong
// with them, and leaves out those without a tag that was asked for.
func checkScripts(p *cli.Program, found []*script.Script, o *options) ([]*piece, error) {
	var kept []*piece
	var problems []error
	for _, one := range found {
		s := &piece{Script: one}
		src, err := s.Read(s.Base)
		if err != nil {
			return nil, cli.Unread(err)
		}
		if s.file, err = scenario.ParseFile(s.Name, src, s.Read); err == nil {
			s.live = o.liveFor(s.file)
			err = fits(p, o, s)
		}
		if err != nil {
			problems = append(problems, err)
		} else if o.tagged(s.file) {
			kept = append(kept, s)
		}
	}
	if len(problems) > 0 {
		err := errors.Join(problems...)
		return nil, cli.Invalid(err, cli.TrustHint(err))
	}
	return kept, nil
}

// liveFor reports whether a scenario is played over real sockets.
func (o *options) liveFor(f *scenario.File) bool {
	return !o.world && (o.live || o.elsewhere() || ownServer(f))
}

// fits reports what a scenario asks for that its stage does not have.
func fits(p *cli.Program, o *options, s *piece) error {
	if err := s.stays(); err != nil {
		return err
	}
	if !s.live && ownServer(s.file) {
		return fmt.Errorf("%s names a server, and --world has one of its own", s.file.Name)
	}
	if !s.live {
		_, err := stage.New(worldOf(p, o, s, o.seed))
		return err
	}
	if !o.elsewhere() && !ownServer(s.file) {
		return nil
	}
	if err := trusted(p, o, s); err != nil {
		return err
	}
	for _, c := range s.file.Cases {
		for _, st := range c.Steps {
			if st.Kind == scenario.Lab {
				return fmt.Errorf("%s:%d `%s` needs the built-in server, and another is used", st.File, st.Line, st.Text)
			}
		}
	}
	return nil
}

// trusted reports what the scenario, or the project's file, says of the phones'
// accounts that only a file may which the user trusts. What else is wrong with
// an account is said when its phone is to be switched on.
func trusted(p *cli.Program, o *options, s *piece) error {
	trust, err := p.Trusted()
	if err != nil {
		return err
	}
	file, _, err := p.Config()
	if err != nil {
		return nil
	}
	for _, name := range stage.Phones(s.file) {
		choice, err := choiceOf(trust, o, s, name)
		if err != nil {
			continue
		}
		_, _, err = file.Layer(p.Paths(), choice, p.Env)
		if _, untrusted := errors.AsType[*config.UntrustedError](err); untrusted {
			return err
		}
	}
	return nil
}

// ownServer reports whether a scenario names a server of its own.
func ownServer(f *scenario.File) bool {
	_, account := f.Use(scenario.UseAccount)
	_, server := f.Use(scenario.UseServer)
	return account || server
}

// worldOf is the stage in virtual time for a scenario.
func worldOf(p *cli.Program, o *options, s *piece, seed uint64) stage.Config {
	return stage.Config{Casting: casting(context.Background(), p, o, s), Seed: seed, Misbehave: o.misbehave}
}

// tagged reports whether a file has a test case with a tag that was asked for.
func (o *options) tagged(f *scenario.File) bool {
	if len(o.tags) == 0 {
		return true
	}
	return slices.ContainsFunc(o.tags, func(t string) bool {
		return slices.Contains(f.Tags, t) ||
			slices.ContainsFunc(f.Cases, func(c scenario.Case) bool { return slices.Contains(c.Tags, t) })
	})
}
