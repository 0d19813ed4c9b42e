package server

import "github.com/sleeptalk/sleeptalk/phone/internal/loop"

// Orders are what a tester can have a server do, beside serving: ask, refuse, redirect,
// push, do wrong.
type Orders struct {
	loop      *loop.Loop
	cfg       *Config
	conns     *conns
	registrar *registrar
	pushes    *pushes
	proxy     *proxy
	legs      *legs
}
