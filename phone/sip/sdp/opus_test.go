package sdp

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
)

// speaksOpus is alice with Opus first.
func speaksOpus() Local {
	l := alice()
	l.Codecs = []codec.Codec{codec.Opus, codec.PCMU}
	return l
}

// opusOffer is an offer of Opus with a=fmtp and further lines.
func opusOffer(params string, more ...string) []byte {
	lines := []string{"m=audio 5000 RTP/AVP 96 101 9", "a=rtpmap:96 opus/48000/2", "a=rtpmap:101 telephone-event/48000"}
	if params != "" {
		lines = append(lines, "a=fmtp:96 "+params)
	}
	return offer(append(lines, more...)...)
}

// TestOpusTerms: what a peer asks for is understood, however it is written, and what nobody
// could mean is named and left out.
func TestOpusTerms(t *testing.T) {
	for _, tt := range []struct {
		params string
		want   codec.Terms
		untidy string
	}{
		{"", codec.Terms{}, ""},
		{"maxplaybackrate=16000; sprop-maxcapturerate=16000; stereo=1; sprop-stereo=1", codec.Terms{Playback: 16000}, ""},
		{"minptime=10;useinbandfec=1", codec.Terms{FEC: true}, ""},
		{"maxaveragebitrate=20000;cbr=1;usedtx=1", codec.Terms{Bitrate: 20000, Constant: true, DTX: true}, ""},
		{" UseInbandFEC = 1 ;; usedtx=0 ;x-google=7", codec.Terms{FEC: true}, ""},
		{"useinbandfec=1;useinbandfec=0", codec.Terms{FEC: true}, ""},
		{"useinbandfec=yes", codec.Terms{}, "a parameter of Opus is neither 0 nor 1: useinbandfec"},
		{"maxplaybackrate=7999", codec.Terms{}, "out of its range: maxplaybackrate"},
		{"maxplaybackrate=48001", codec.Terms{}, "out of its range: maxplaybackrate"},
		{"maxaveragebitrate=5999", codec.Terms{}, "out of its range: maxaveragebitrate"},
		{"maxaveragebitrate=510001", codec.Terms{}, "out of its range: maxaveragebitrate"},
		{"maxaveragebitrate=9999999999999999999999", codec.Terms{}, "out of its range: maxaveragebitrate"},
		{"minptime=0", codec.Terms{}, "out of its range: minptime"},
		{strings.Repeat("x1=1;", 1) + strings.Repeat(";", 60) + "usedtx=1", codec.Terms{DTX: true}, ""},
	} {
		_, n, err := speaksOpus().Answer(opusOffer(tt.params))
		if err != nil || n.Codec != codec.Opus.Under(tt.want) || n.PayloadType != 96 || n.DTMFType != 101 || n.DTMFClock != 0 {
			t.Errorf("%q: %v, %+v, %v", tt.params, n.Codec.Asked(), n, err)
		}
		if tt.untidy == "" && n.Untidy != "" || !strings.Contains(n.Untidy, tt.untidy) {
			t.Errorf("%q is untidy: %q, want %q", tt.params, n.Untidy, tt.untidy)
		}
	}
	var many strings.Builder
	for i := range maxParameters {
		many.WriteString("x" + strings.Repeat("y", i) + "=1;")
	}
	if _, n, err := speaksOpus().Answer(opusOffer(many.String() + "usedtx=1")); err != nil || n.Codec.Asked().DTX {
		t.Errorf("after %d parameters another is read: %+v, %v", maxParameters, n.Codec.Asked(), err)
	}
}

// TestOpusParametersOfTheFormat: those of another format do not count, and they may stand in
// several lines.
func TestOpusParametersOfTheFormat(t *testing.T) {
	_, n, err := speaksOpus().Answer(opusOffer("", "a=fmtp:101 usedtx=1", "a=fmtp:9 cbr=1", "a=fmtp:961 cbr=1", "a=fmtp:96 useinbandfec=1", "a=FMTP:96 maxplaybackrate=8000"))
	if want := (codec.Terms{FEC: true, Playback: 8000}); err != nil || n.Codec.Asked() != want || n.Untidy != "an attribute is written with capital letters or blanks" {
		t.Errorf("%+v, %q, %v", n.Codec.Asked(), n.Untidy, err)
	}
}

// TestOpusMap: two channels are what Opus always says (RFC 7587 §7); other rates and numbers
// are no Opus.
func TestOpusMap(t *testing.T) {
	for text, untidy := range map[string]string{
		"opus/48000/2":   "",
		"OPUS/48000/2":   "",
		"opus/48000":     "Opus has two channels in a=rtpmap, opus/48000/2",
		"opus/48000/1":   "Opus has two channels in a=rtpmap, opus/48000/2",
		"opus/48000/6":   "-",
		"opus/16000/2":   "-",
		"opus/16000":     "-",
		"opus":           "-",
		"opus/48000/2/2": "-",
		"L16/16000/2":    "-",
	} {
		_, n, err := speaksOpus().Answer(offer("m=audio 5000 RTP/AVP 96", "a=rtpmap:96 "+text))
		if untidy == "-" {
			if err == nil {
				t.Errorf("%s is %s", text, n.Codec)
			}
			continue
		}
		if err != nil || n.Codec != codec.Opus || n.Untidy != untidy {
			t.Errorf("%s: %s, %q, %v", text, n.Codec, n.Untidy, err)
		}
	}
}

// TestOpusPacketTimes: of the packets that a peer asks for, those of one frame.
func TestOpusPacketTimes(t *testing.T) {
	for _, tt := range []struct {
		params, more string
		want         time.Duration
	}{
		{"", "a=sendrecv", 20},
		{"", "a=ptime:10", 10},
		{"", "a=ptime:30", 20},
		{"", "a=ptime:40", 40},
		{"", "a=ptime:60", 60},
		{"", "a=ptime:120", 60},
		{"", "a=ptime:5", 20},
		{"", "a=maxptime:10", 10},
		{"minptime=10", "a=ptime:20", 20},
		{"minptime=20", "a=ptime:10", 20},
		{"minptime=30", "a=ptime:20", 40},
		{"minptime=120", "a=ptime:20", 60},
	} {
		answer, n, err := speaksOpus().Answer(opusOffer(tt.params, tt.more))
		if err != nil || n.PTime != tt.want*time.Millisecond {
			t.Errorf("%q, %s: %s, %v", tt.params, tt.more, n.PTime, err)
		}
		if !strings.Contains(string(answer), "a=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1\r\n") {
			t.Errorf("the answer is\n%s", answer)
		}
	}
}

// TestOurOpus: what lies above our rate is in vain, and silence need not be sent to those who
// welcome comfort noise, or who ask for it of one that answers so.
func TestOurOpus(t *testing.T) {
	l := speaksOpus()
	l.Codecs[0] = codec.Opus.At(16000)
	if sent := string(l.Offer()); !strings.Contains(sent, "a=fmtp:111 useinbandfec=1; maxplaybackrate=16000; sprop-maxcapturerate=16000\r\n") {
		t.Errorf("at 16000 Hz:\n%s", sent)
	}
	l.Noise = true
	if sent := string(l.Offer()); !strings.Contains(sent, "rate=16000; usedtx=1\r\n") || strings.Contains(sent, "CN/48000") {
		t.Errorf("with comfort noise:\n%s", sent)
	}
	robot := alice()
	robot.Answers, robot.AnswersNoise = codec.All(), true
	for params, want := range map[string]bool{"usedtx=1": true, "": false} {
		if answer, n, err := robot.Answer(opusOffer(params, "a=rtpmap:9 CN/48000")); err != nil || strings.Contains(string(answer), "usedtx=1") != want || n.NoiseType != 0 {
			t.Errorf("%q: %v\n%s", params, err, answer)
		}
	}
	bob := speaksOpus()
	bob.Addr = netip.MustParseAddrPort("192.0.2.2:50000")
	answer, _, err := bob.Answer(l.Offer())
	if err != nil {
		t.Fatal(err)
	}
	if n, err := l.Accept(answer); err != nil || n.Codec != codec.Opus.At(16000).Under(codec.Terms{FEC: true}) || n.Codec.SampleRate != 16000 || n.DTMFType != 103 {
		t.Errorf("%+v, %v", n, err)
	}
}

// TestDigitsBesideOpus: by its clock, or, where there is no other, by that of a telephone; the
// numbers of our offer are known then, too.
func TestDigitsBesideOpus(t *testing.T) {
	for _, tt := range []struct {
		media  []string
		number uint8
		clock  int
		answer string
	}{
		{[]string{"m=audio 5000 RTP/AVP 96 97 98", "a=rtpmap:97 telephone-event/8000", "a=rtpmap:98 telephone-event/48000"}, 98, 0, "a=rtpmap:98 telephone-event/48000"},
		{[]string{"m=audio 5000 RTP/AVP 96 97", "a=rtpmap:97 telephone-event/8000"}, 97, 8000, "a=rtpmap:97 telephone-event/8000"},
		{[]string{"m=audio 5000 RTP/AVP 96"}, 0, 8000, "a=rtpmap:96 opus"},
	} {
		media := append(tt.media, "a=rtpmap:96 opus/48000/2")
		answer, n, err := speaksOpus().Answer(offer(media...))
		if err != nil || n.DTMFType != tt.number || n.DTMFClock != tt.clock || !strings.Contains(string(answer), tt.answer) {
			t.Errorf("%q: %+v, %v\n%s", tt.media, n, err, answer)
		}
		got, err := speaksOpus().Accept(offer(media...))
		want := uint8(0)
		if tt.number != 0 {
			want = map[int]uint8{0: 103, 8000: 101}[tt.clock]
		}
		if err != nil || got.Offered.DTMF != want {
			t.Errorf("%q as an answer: %+v, %v", tt.media, got.Offered, err)
		}
	}
}

// TestOpusStaysFirst: a further offer begins with the codec of the call, whatever its terms.
func TestOpusStaysFirst(t *testing.T) {
	l := alice()
	l.Codecs = []codec.Codec{codec.PCMU, codec.Opus.At(16000)}
	if sent := string(l.Following(Negotiated{Codec: codec.Opus.At(16000).Under(codec.Terms{FEC: true, DTX: true})}).Offer()); !strings.Contains(sent, "RTP/AVP 111 0 ") {
		t.Errorf("%s", sent)
	}
}
