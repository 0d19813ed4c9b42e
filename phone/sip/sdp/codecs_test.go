package sdp

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/phone/internal/golden"
)

// wide is alice with every codec, wideband first.
func wide() Local {
	l := alice()
	l.Codecs = []codec.Codec{codec.G722, codec.L16Wide, codec.PCMU, codec.L16, codec.PCMA, codec.Opus}
	return l
}

// TestWideOffer: the codecs in our order, and telephone-event for each of their clocks
// (RFC 4733 §2.1).
func TestWideOffer(t *testing.T) {
	golden.File(t, "testdata/offer-wide.sdp", string(wide().Offer()))
}

// TestCodecsAreAgreed: what an offer comes to, with all codecs ours and with some only
// for those who offer them.
func TestCodecsAreAgreed(t *testing.T) {
	robot := alice()
	robot.Answers = codec.All()
	for _, tt := range []struct {
		name   string
		local  Local
		media  []string
		codec  codec.Codec
		number uint8
		dtmf   uint8
		ptime  time.Duration
		answer string
	}{
		{"G.722 needs no rtpmap", wide(), []string{"m=audio 5000 RTP/AVP 9 0 101", "a=rtpmap:101 telephone-event/8000"}, codec.G722, 9, 101, 20, "a=rtpmap:9 G722/8000"},
		{"G.722 under a dynamic number", wide(), []string{"m=audio 5000 RTP/AVP 112", "a=rtpmap:112 g722/8000/1"}, codec.G722, 112, 0, 20, "m=audio 40000 RTP/AVP 112"},
		{"G.722 by its true rate is another", wide(), []string{"m=audio 5000 RTP/AVP 112 0", "a=rtpmap:112 G722/16000"}, codec.PCMU, 0, 0, 20, ""},
		{"L16 by its rate", wide(), []string{"m=audio 5000 RTP/AVP 98", "a=rtpmap:98 L16/16000"}, codec.L16Wide, 98, 0, 20, "a=rtpmap:98 L16/16000"},
		{"L16 as slow as a telephone", wide(), []string{"m=audio 5000 RTP/AVP 98 101", "a=rtpmap:98 L16/8000", "a=rtpmap:101 telephone-event/8000"}, codec.L16, 98, 101, 20, ""},
		{"L16 in stereo", wide(), []string{"m=audio 5000 RTP/AVP 98 8", "a=rtpmap:98 L16/16000/2"}, codec.PCMA, 8, 0, 20, ""},
		{"digits by the clock of the codec", wide(), []string{"m=audio 5000 RTP/AVP 98 101 102", "a=rtpmap:98 L16/16000", "a=rtpmap:101 telephone-event/8000", "a=rtpmap:102 telephone-event/16000"}, codec.L16Wide, 98, 102, 20, "a=rtpmap:102 telephone-event/16000"},
		{"a packet that no network carries whole is shorter", wide(), []string{"m=audio 5000 RTP/AVP 98", "a=rtpmap:98 L16/16000", "a=ptime:60"}, codec.L16Wide, 98, 0, 40, "a=ptime:40"},
		{"one of G.722 is not", wide(), []string{"m=audio 5000 RTP/AVP 9", "a=ptime:120"}, codec.G722, 9, 0, 120, ""},
		{"a phone takes what it offers", alice(), []string{"m=audio 5000 RTP/AVP 9 8"}, codec.PCMA, 8, 0, 20, ""},
		{"a robot takes what is offered", robot, []string{"m=audio 5000 RTP/AVP 9 8"}, codec.G722, 9, 0, 20, ""},
	} {
		answer, n, err := tt.local.Answer(offer(tt.media...))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if n.Codec != tt.codec || n.PayloadType != tt.number || n.DTMFType != tt.dtmf || n.PTime != tt.ptime*time.Millisecond {
			t.Errorf("%s: %s as %d, digits as %d, %s", tt.name, n.Codec, n.PayloadType, n.DTMFType, n.PTime)
		}
		if !strings.Contains(string(answer), tt.answer) {
			t.Errorf("%s: no %q in\n%s", tt.name, tt.answer, answer)
		}
	}
	if slices.Contains(strings.Fields(string(robot.Offer())), "9") {
		t.Errorf("a robot offers what it only answers:\n%s", robot.Offer())
	}
}

// TestWideBothWays: our offers and answers agree with each other.
func TestWideBothWays(t *testing.T) {
	for _, c := range codec.All() {
		bob := alice()
		bob.Addr, bob.Codecs = netip.MustParseAddrPort("192.0.2.2:50000"), []codec.Codec{c}
		answer, b, err := bob.Answer(wide().Offer())
		if err != nil {
			t.Fatal(err)
		}
		a, err := wide().Accept(answer)
		if err != nil || !a.Codec.Is(c.Name, c.ClockRate) || !b.Codec.Is(c.Name, c.ClockRate) || a.PayloadType != b.PayloadType || a.DTMFType != b.DTMFType || a.DTMFType == 0 {
			t.Errorf("%s: %v\na %+v\nb %+v", c, err, a, b)
		}
	}
}

// TestComfortNoiseIsAgreed: it is offered only by those who send it, and answered by the
// clock of the codec.
func TestComfortNoiseIsAgreed(t *testing.T) {
	hushes, robot := wide(), alice()
	hushes.Noise, robot.AnswersNoise = true, true
	codecs := wide()
	codecs.Answers = codec.All()
	offered := string(hushes.Offer())
	for _, line := range []string{"m=audio 40000 RTP/AVP 9 96 0 97 8 111 101 102 103 13 98\r\n", "a=rtpmap:13 CN/8000\r\n", "a=rtpmap:98 CN/16000\r\n"} {
		if !strings.Contains(offered, line) {
			t.Errorf("no %q in\n%s", line, offered)
		}
	}
	for _, tt := range []struct {
		name  string
		local Local
		media []string
		want  uint8
	}{
		{"a static number needs no rtpmap", hushes, []string{"m=audio 5000 RTP/AVP 0 13"}, 13},
		{"for a robot, too", robot, []string{"m=audio 5000 RTP/AVP 0 13"}, 13},
		{"not for a phone that sends silence", wide(), []string{"m=audio 5000 RTP/AVP 0 13"}, 0},
		{"not for one that answers more codecs", codecs, []string{"m=audio 5000 RTP/AVP 0 13"}, 0},
		{"a dynamic number", hushes, []string{"m=audio 5000 RTP/AVP 0 99", "a=rtpmap:99 cn/8000"}, 99},
		{"the clock of the codec", hushes, []string{"m=audio 5000 RTP/AVP 98 13 99", "a=rtpmap:98 L16/16000", "a=rtpmap:99 CN/16000"}, 99},
		{"another clock", hushes, []string{"m=audio 5000 RTP/AVP 98 13", "a=rtpmap:98 L16/16000"}, 0},
	} {
		answer, n, err := tt.local.Answer(offer(tt.media...))
		if err != nil || n.NoiseType != tt.want || strings.Contains(string(answer), fmt.Sprintf("CN/%d", n.Codec.ClockRate)) != (tt.want != 0) {
			t.Errorf("%s: as %d, %v; want %d\n%s", tt.name, n.NoiseType, err, tt.want, answer)
		}
	}
}

// TestNumbersOfOurOffer are known where the answer has others: the peer may send with ours
// (RFC 3264 §5.1).
func TestNumbersOfOurOffer(t *testing.T) {
	l := wide()
	l.Noise = true
	for _, tt := range []struct {
		media []string
		want  Numbers
	}{
		{[]string{"m=audio 5000 RTP/AVP 111 112 113", "a=rtpmap:111 L16/16000", "a=rtpmap:112 telephone-event/16000", "a=rtpmap:113 CN/16000"}, Numbers{96, 102, 98}},
		{[]string{"m=audio 5000 RTP/AVP 111", "a=rtpmap:111 L16/8000"}, Numbers{Codec: 97}},
		{[]string{"m=audio 5000 RTP/AVP 9 112", "a=rtpmap:112 telephone-event/8000"}, Numbers{DTMF: 101}},
		{[]string{"m=audio 5000 RTP/AVP 96 102 98", "a=rtpmap:96 L16/16000", "a=rtpmap:102 telephone-event/16000", "a=rtpmap:98 CN/16000"}, Numbers{}},
		{[]string{"m=audio 5000 RTP/AVP 0 101 13", "a=rtpmap:101 telephone-event/8000"}, Numbers{}},
	} {
		if n, err := l.Accept(offer(tt.media...)); err != nil || n.Offered != tt.want {
			t.Errorf("%q: %+v, %v; want %+v", tt.media, n.Offered, err, tt.want)
		}
	}
	if _, n, err := l.Answer(offer("m=audio 5000 RTP/AVP 111", "a=rtpmap:111 L16/16000")); err != nil || n.Offered != (Numbers{}) {
		t.Errorf("an offer of the peer's has other numbers: %+v, %v", n.Offered, err)
	}
}
