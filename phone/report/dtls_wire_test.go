package report

import (
	"bytes"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/dtls"
)

// TestCaptureHasHandshake: the capture has the handshake of a call whose keys are agreed by
// DTLS, byte for byte; a redacted one has its records without what they say.
func TestCaptureHasHandshake(t *testing.T) {
	log, wire := calledBy(t, "use phone alice srtp=required srtp-keys=dtls mic=tone:440\n")
	records := 0
	for _, p := range wire.packets {
		if isDTLS(p.Data) {
			records++
		}
	}
	if records != 6 { // two hellos and a cookie, the server's flight, the client's, the last
		t.Errorf("%d datagrams of the handshake were kept, want 6", records)
	}
	if d := dissect(t, captured(t, log, wire)); !bytes.Equal(d.datagrams[bobRTP+" > "+aliceRTP][0][:3], []byte{22, 254, 253}) {
		t.Error("the first datagram of the capture is no handshake")
	}
	for _, p := range new(Redactor).Wire(wire).packets {
		if isDTLS(p.Data) && bytes.Trim(p.Data[dtls.HeaderLen:], "\x00") != nil {
			t.Errorf("a redacted record says %x", p.Data)
		}
	}
}
