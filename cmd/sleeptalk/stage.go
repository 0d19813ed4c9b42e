package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/lab"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/scenario/stage"
	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// labName is whose events those of the lab itself are.
const labName = "lab"

// A labHost is a lab that runs on real sockets.
type labHost struct {
	lab  *lab.Lab
	host *live.Host
	log  *event.Log
	cert *tls.Certificate // that it shows over TLS
	wake string           // where it takes wake sockets, once it has started; "": nowhere
	// doors is where it speaks other protocols, once it has started.
	doors map[string]string
}

// newLabHost makes a lab. pushes is the push service that it shares with its
// phones; nil: none of them is reached by push.
func newLabHost(cfg lab.Config, log *event.Log, pushes live.Pushes) (*labHost, error) {
	if cfg.Rand == nil {
		cfg.Rand = rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	}
	cert, err := labCertificate(cfg)
	if err != nil {
		return nil, err
	}
	cfg.TLS.Certificate = cert
	l, err := lab.New(cfg)
	if err != nil {
		return nil, err
	}
	return &labHost{lab: l, log: log, cert: cert, doors: map[string]string{}, host: live.New(live.Config{Name: labName, Log: log, Machine: l, Push: pushes})}, nil
}

// labCertificate makes the certificate of a lab, for every name that a phone may
// have for it.
func labCertificate(cfg lab.Config) (*tls.Certificate, error) {
	hosts := []string{cmp.Or(cfg.Domain, "lab.test")}
	if at, err := netip.ParseAddrPort(cfg.Addr); err == nil {
		hosts = append(hosts, at.Addr().String())
	}
	return secure.SelfMade(time.Now(), hosts...)
}

// start makes the lab listen and returns where. Its error is why it cannot.
func (l *labHost) start(ctx context.Context) (addr string, err error) {
	if err := l.host.Do(ctx, l.lab.Start); err != nil {
		return "", err
	}
	var seen uint64
	for {
		records, err := l.log.Wait(ctx, seen)
		if err != nil {
			return "", err
		}
		for _, r := range records {
			seen = r.Seq
			if e, bad := r.Event.(event.Error); bad && r.Phone == labName {
				return "", cannot(fmt.Errorf("%s: %s", e.Op, e.Err), e.Hint)
			}
		}
		local := ""
		err = l.host.Do(ctx, func(time.Time) []system.Call {
			if at := l.lab.Local(); at.IsValid() {
				local = at.String()
			}
			if at := l.lab.WakeLocal(); at.IsValid() {
				l.wake = at.String()
			}
			for protocol, at := range l.lab.DoorsLocal() {
				l.doors[protocol] = at.String()
			}
			return nil
		})
		if local != "" || err != nil {
			return local, err
		}
	}
}

const writeCAHelp = "write the certificate that is shown over TLS to this file, for --ca of a phone"

// writeCA writes the lab's certificate to a file, if one is named.
func (l *labHost) writeCA(file string) error {
	if file == "" {
		return nil
	}
	if err := os.WriteFile(file, secure.PEM(l.cert), 0o666); err != nil {
		return cannot(fmt.Errorf("--write-ca: %w", err), "")
	}
	return nil
}

// say tells the lab, or a robot of it, a line such as "bob calls alice".
func (l *labHost) say(ctx context.Context, line, by string) error {
	cast := verb.Cast{Default: labName, Robots: verb.Robots(), Lab: true}
	told, err := cast.Parse(line)
	if err != nil {
		return err
	}
	return l.do(ctx, told, by)
}

// do tells the lab, or a robot of it, to do something.
func (l *labHost) do(ctx context.Context, told verb.Line, by string) error {
	var refused error
	actor, line := told.Actor, told.Said()
	err := l.host.Do(ctx, func(now time.Time) []system.Call {
		calls, err := l.lab.Tell(now, told)
		calls = append([]system.Call{system.Log{Phone: actor, Event: event.Verb{Line: line, By: by}}}, calls...)
		if refused = err; err != nil {
			calls = append(calls, system.Log{Phone: actor, Event: stage.Refused(line, err)})
		}
		return calls
	})
	return errors.Join(err, refused)
}
