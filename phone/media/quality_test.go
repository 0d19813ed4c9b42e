package media

import (
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
)

// TestQuality: at the end of a call its audio is known from both ends, as far as the far end
// has said anything.
func TestQuality(t *testing.T) {
	for _, extended := range []bool{true, false} {
		p := newPair(26)
		if extended {
			p.extends(allExtended)
		}
		p.run(100 * time.Second)
		q := p.a.Quality(p.now)
		if q.Start != epoch || q.Stop != p.now || q.Local.Addr != addrA || q.Remote.Addr != addrB || q.Local.SSRC != p.a.Session.out.ssrc || q.Remote.SSRC != p.b.Session.out.ssrc {
			t.Errorf("whose it was: %+v", q)
		}
		if q.Codec != "PCMU" || q.Rate != 8000 || q.PTime != 20*time.Millisecond || q.Silence {
			t.Errorf("what it was: %+v", q)
		}
		if !q.Here.Known() || q.Here.MOSLQ != 4.4 || q.There.Known() != extended || q.Jitter < 0 || q.FarJitter < 0 {
			t.Errorf("how it was: %+v", q)
		}
		near(t, "the length of the gap in s", q.Here.Gap.D().Seconds(), 100, 1) // more than 16 bits of milliseconds
	}
}

// Of a call in which nothing came nothing is known, but for what was due.
func TestQualityOfNothing(t *testing.T) {
	p := newAnsweredPair(25)
	p.b.out.cut = true
	n := p.a.n
	n.Codec, n.NoiseType = codec.G722, 13
	p.a.Renegotiate(p.now, n)
	p.run(10 * time.Second)
	q := p.a.Quality(p.now)
	if q.Jitter != unmeasured || q.FarJitter != unmeasured || q.Remote.SSRC != 0 || q.Here.MOSLQ != 0 || q.Here.LossPct < 99 || !q.Silence || q.Codec != "G722" {
		t.Errorf("%+v", q)
	}
}
