package control

import (
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// Quality is what is known of a call's audio at its end.
type Quality struct {
	Start, Stop   time.Time
	Local, Remote MediaEnd
	PayloadType   uint8
	Codec         string // its name in SDP
	Rate          int    // Hz
	PTime         time.Duration
	Silence       bool // is not sent as audio
	// What each end has measured, and the jitter by RTCP's own reports, less than 0 if that
	// is not known. There is not known if the far end has sent no extended reports.
	Here, There       event.VoIPMetrics
	Jitter, FarJitter time.Duration
}

// A MediaEnd is where one end of a call has its audio, and by which SSRC it sends; 0: nothing
// has come.
type MediaEnd struct {
	Addr netip.AddrPort
	SSRC uint32
}

// ReportQuality has a collector told of the audio of a call that is over, if there is one (RFC
// 6035).
type ReportQuality struct {
	Call    int
	Quality Quality
}

func (ReportQuality) order() {}
