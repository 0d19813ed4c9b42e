package world

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestTap checks that a tap sees the datagrams of one node: those sent, even if
// they are lost, those received when the program reads them, and nothing of
// streams.
func TestTap(t *testing.T) {
	p := newPair(t, Config{}, oneWay)
	p.open(t)
	var heard []string
	p.aliceNode.Tap(func(d system.Datagram) {
		heard = append(heard, fmt.Sprintf("%d ms %v %v out=%v %s", d.At.Sub(p.cfg.Epoch).Milliseconds(), d.Local, d.Remote, d.Out, d.Data))
	})
	p.do(p.aliceNode, system.Bind{RTP: 3, RTCP: 4})
	p.do(p.labNode, system.Bind{RTP: 8, RTCP: 9})
	p.RunUntil(100 * time.Millisecond)
	rtp, far := p.aliceNode.sockets[3].local, p.labNode.sockets[8].local
	p.do(p.aliceNode, system.Send{Socket: 3, To: far, Data: []byte("there")}, system.Send{Socket: 1, Data: []byte("SIP")}, system.Freeze{})
	p.do(p.labNode, system.Send{Socket: 8, To: rtp, Data: []byte("back")})
	p.RunUntil(time.Second)
	p.do(p.aliceNode, system.Thaw{})
	p.RunUntil(time.Second)
	want := []string{
		fmt.Sprintf("100 ms %v %v out=true there", rtp, far),
		fmt.Sprintf("1000 ms %v %v out=false back", rtp, far),
	}
	if !slices.Equal(heard, want) {
		t.Errorf("heard %q, want %q", heard, want)
	}
}
