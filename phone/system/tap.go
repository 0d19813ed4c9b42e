package system

import (
	"net/netip"
	"time"
)

// A Datagram is one packet that passed between a program and its kernel over
// UDP.
type Datagram struct {
	At            time.Time      // on the wall
	Local, Remote netip.AddrPort // a Local that is bound to no address has that of none
	Out           bool
	Data          []byte
}

// A Tap is told of each datagram as it passes: of one that is sent when the
// kernel has taken it, of one that is received when the program reads it. It is
// called by the goroutine that owns the program, which it must not hold up;
// Data is not its to keep.
type Tap func(Datagram)

// An Opened is told of each protected packet of audio or of its reports what is in it: of one
// that is sent before the kernel takes it, of one that is received when it has been opened.
// It is called by the goroutine that owns the program; neither is its to keep.
type Opened func(sealed, plain []byte)
