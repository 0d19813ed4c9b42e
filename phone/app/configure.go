package app

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Configure takes over what can be changed of an app that runs: how it answers calls and
// transfers, how it deals with the calls of pushes, and the keepalive timeout, which it asks
// of its system anew. All else is as it was built.
func (a *App) Configure(cfg Config) []system.Effect {
	cfg = cfg.WithDefaults()
	a.sound.echo = cfg.Auto == Echo
	a.reception.auto, a.reception.obeys = cfg.Auto, cfg.AutoAnswerHeader
	a.transfers.policy = cfg.Handover
	a.screen.hidden, a.screen.early = cfg.Push.Report == ReportNever, cfg.Push.EarlyAudio || cfg.Push.Provider != apns
	switch s := a.strategy.(type) {
	case retimed:
		s.retime(cfg.KeepAlive)
	case *pushing:
		s.configure(cfg)
	}
	return a.out.take()
}

// A retimed strategy has a keepalive handler.
type retimed interface{ retime(timeout time.Duration) }

// retime asks the system to call the handler at another interval, if it is another one. One
// that is not installed yet has it when it is.
func (k *keepAlive) retime(timeout time.Duration) {
	if timeout == k.timeout {
		return
	}
	k.timeout = timeout
	if k.asked {
		k.install()
	}
}

// configure takes over how the calls of pushes are dealt with; what the server was told stays.
func (p *pushing) configure(cfg Config) {
	p.manual = cfg.Auto == Manual
	p.cfg.Report, p.cfg.EarlyAudio, p.cfg.InviteWait = cfg.Push.Report, cfg.Push.EarlyAudio, cfg.Push.InviteWait
}
