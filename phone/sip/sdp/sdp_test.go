package sdp

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/phone/internal/golden"
)

func alice() Local {
	return Local{
		Addr:   netip.MustParseAddrPort("192.0.2.1:40000"),
		Codecs: []codec.Codec{codec.PCMU, codec.PCMA}, DTMF: true, SessionID: 7, Version: 1,
	}
}

// offer is a description with the given media lines, at bob's.
func offer(media ...string) []byte {
	return lines(append([]string{"v=0", "o=bob 1 1 IN IP4 192.0.2.2", "s=-", "c=IN IP4 192.0.2.2", "t=0 0"}, media...)...)
}

func lines(l ...string) []byte { return []byte(strings.Join(l, "\r\n") + "\r\n") }

func TestOffer(t *testing.T) {
	golden.File(t, "testdata/offer.sdp", string(alice().Offer()))
	six := alice()
	six.Addr = netip.MustParseAddrPort("[2001:db8::1]:40000")
	six.Direction, six.Version = SendOnly, 2
	golden.File(t, "testdata/offer-hold-ipv6.sdp", string(six.Offer()))
}

func TestAnswerGolden(t *testing.T) {
	answer, n, err := alice().Answer(offer(
		"m=video 50000 RTP/AVP 96", "a=rtpmap:96 VP8/90000",
		"m=audio 50002 RTP/SAVP 0",
		"m=audio 50004 RTP/AVP 18 8 0 97", "a=rtpmap:97 telephone-event/8000", "a=ptime:30", "a=rtcp-mux", "a=sendonly",
	))
	if err != nil {
		t.Fatal(err)
	}
	golden.File(t, "testdata/answer.sdp", string(answer))
	remote := netip.MustParseAddrPort("192.0.2.2:50004")
	want := Negotiated{
		Remote: remote, RemoteRTCP: remote, Codec: codec.PCMA, PayloadType: 8, DTMFType: 97,
		PTime: 30 * time.Millisecond, Receive: true, Proto: "RTP/AVP", Mux: true, Held: true, Origin: Origin{"bob 1  IN IP4 192.0.2.2", "1"},
	}
	if n != want {
		t.Errorf("negotiated %+v, want %+v", n, want)
	}
}

func TestAnswer(t *testing.T) {
	tests := []struct {
		name   string
		direct string // alice's own wish
		media  []string
		check  func(Negotiated) bool
		answer string // a line of the answer
	}{
		{"the offerer's order of codecs counts", "", []string{"m=audio 5000 RTP/AVP 8 0"}, func(n Negotiated) bool { return n.Codec == codec.PCMA }, "m=audio 40000 RTP/AVP 8"},
		{"a dynamic number for a known codec", "", []string{"m=audio 5000 RTP/AVP 110", "a=rtpmap:110 pcma/8000/1"}, func(n Negotiated) bool { return n.Codec == codec.PCMA && n.PayloadType == 110 }, "a=rtpmap:110 PCMA/8000"},
		{"an rtpmap that gives 0 another meaning", "", []string{"m=audio 5000 RTP/AVP 0 8", "a=rtpmap:0 PCMU/16000"}, func(n Negotiated) bool { return n.Codec == codec.PCMA }, ""},
		{"telephone-event at another clock is not used", "", []string{"m=audio 5000 RTP/AVP 0 101", "a=rtpmap:101 telephone-event/48000"}, func(n Negotiated) bool { return n.DTMFType == 0 }, "m=audio 40000 RTP/AVP 0"},
		{"ptime is our own by default", "", []string{"m=audio 5000 RTP/AVP 0"}, func(n Negotiated) bool { return n.PTime == 20*time.Millisecond }, "a=ptime:20"},
		{"maxptime bounds ptime", "", []string{"m=audio 5000 RTP/AVP 0", "a=ptime:40", "a=maxptime:30"}, func(n Negotiated) bool { return n.PTime == 30*time.Millisecond }, ""},
		{"maxptime bounds the default", "", []string{"m=audio 5000 RTP/AVP 0", "a=maxptime:10"}, func(n Negotiated) bool { return n.PTime == 10*time.Millisecond }, ""},
		{"an absurd ptime is not taken", "", []string{"m=audio 5000 RTP/AVP 0", "a=ptime:65000"}, func(n Negotiated) bool { return n.PTime == 20*time.Millisecond }, ""},
		{"sendonly is mirrored", "", []string{"m=audio 5000 RTP/AVP 0", "a=sendonly"}, func(n Negotiated) bool { return !n.Send && n.Receive }, "a=recvonly"},
		{"recvonly is mirrored", "", []string{"m=audio 5000 RTP/AVP 0", "a=recvonly"}, func(n Negotiated) bool { return n.Send && !n.Receive }, "a=sendonly"},
		{"inactive stays", "", []string{"m=audio 5000 RTP/AVP 0", "a=inactive"}, func(n Negotiated) bool { return !n.Send && !n.Receive }, "a=inactive"},
		{"our own hold", SendOnly, []string{"m=audio 5000 RTP/AVP 0"}, func(n Negotiated) bool { return n.Send && !n.Receive }, "a=sendonly"},
		{"hold from both sides", SendOnly, []string{"m=audio 5000 RTP/AVP 0", "a=sendonly"}, func(n Negotiated) bool { return !n.Send && !n.Receive }, "a=inactive"},
		{"hold as in RFC 2543", "", []string{"m=audio 5000 RTP/AVP 0", "c=IN IP4 0.0.0.0"}, func(n Negotiated) bool { return !n.Send && n.Receive && n.Remote.Addr().IsUnspecified() }, "a=recvonly"},
		{"the section's address wins", "", []string{"m=audio 5000 RTP/AVP 0", "c=IN IP4 192.0.2.9"}, func(n Negotiated) bool { return n.Remote.String() == "192.0.2.9:5000" }, ""},
		{"RTCP on the next port", "", []string{"m=audio 5000 RTP/AVP 0"}, func(n Negotiated) bool { return n.RemoteRTCP.Port() == 5001 && !n.Mux }, ""},
		{"RTCP where a=rtcp says", "", []string{"m=audio 5000 RTP/AVP 0", "a=rtcp:6001 IN IP4 192.0.2.8"}, func(n Negotiated) bool { return n.RemoteRTCP.String() == "192.0.2.8:6001" }, ""},
		{"RTCP on another port", "", []string{"m=audio 5000 RTP/AVP 0", "a=rtcp:6001"}, func(n Negotiated) bool { return n.RemoteRTCP.String() == "192.0.2.2:6001" }, ""},
		{"no port after the last", "", []string{"m=audio 65535 RTP/AVP 0"}, func(n Negotiated) bool { return !n.RemoteRTCP.IsValid() }, ""},
		{"a second audio section is refused", "", []string{"m=audio 5000 RTP/AVP 0", "m=audio 5002 RTP/AVP 8"}, func(n Negotiated) bool { return n.Codec == codec.PCMU }, "m=audio 0 RTP/AVP 8"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := alice()
			l.Direction = test.direct
			answer, n, err := l.Answer(offer(test.media...))
			if err != nil {
				t.Fatal(err)
			}
			if !test.check(n) {
				t.Errorf("negotiated %+v", n)
			}
			if test.answer != "" && !strings.Contains(string(answer), test.answer+"\r\n") {
				t.Errorf("no line %q in\n%s", test.answer, answer)
			}
		})
	}
}

func TestAnswerRefuses(t *testing.T) {
	tests := []struct {
		name    string
		offer   []byte
		warning int
		reason  string
	}{
		{"nothing", nil, 399, "empty"},
		{"garbage", []byte("hello\r\n"), 304, "no m= line"},
		{"no m= line", offer(), 304, "no m= line"},
		{"too many m= lines", offer(slices.Repeat([]string{"m=audio 5000 RTP/AVP 0"}, 129)...), 399, "129 m= lines"},
		{"audio behind too many others", offer(append(slices.Repeat([]string{"m=video 5000 RTP/AVP 96"}, 16), "m=audio 5000 RTP/AVP 0")...), 304, "first 16 m= lines"},
		{"too many formats", offer("m=audio 5000 RTP/AVP" + strings.Repeat(" 0", 129)), 399, "129 formats"},
		{"too long", bytes.Repeat([]byte("a"), maxSize+1), 399, "at most"},
		{"no common codec", offer("m=audio 5000 RTP/AVP 18 96", "a=rtpmap:18 G729/8000", "a=rtpmap:96 opus/48000/2"), 305, "G729"},
		{"two channels", offer("m=audio 5000 RTP/AVP 0", "a=rtpmap:0 PCMU/8000/2"), 305, "offered are PCMU/8000/2"},
		{"a number alone", offer("m=audio 5000 RTP/AVP 18 97"), 305, "offered are payload 18, payload 97"},
		{"many codecs", offer(manyCodecs()...), 305, "G712, G713, G714, …"},
		{"video only", offer("m=video 5000 RTP/AVP 96"), 304, "no audio"},
		{"fax only", offer("m=image 5000 udptl t38"), 304, "no audio"},
		{"SRTP only", offer("m=audio 5000 RTP/SAVP 0"), 302, "RTP/SAVP"},
		{"a transport that nobody knows", offer("m=audio 5000 " + strings.Repeat("x", 300) + " 0"), 302, "xxx…"},
		{"disabled", offer("m=audio 0 RTP/AVP 0"), 304, "port 0"},
		{"a port that is too large", offer("m=audio 70000 RTP/AVP 0"), 304, `"70000" is not a port for the audio: ports are numbers up to 65535`},
		{"no formats", offer("m=audio 5000 RTP/AVP"), 305, "offered are none"},
		{"another network", offer("m=audio 5000 RTP/AVP 0", "c=ATM NSAP 47.0091"), 300, "ATM"},
		{"a name for an address", offer("m=audio 5000 RTP/AVP 0", "c=IN IP4 pbx.example.com"), 301, "not an IP address"},
		{"a c= line without an address", offer("m=audio 5000 RTP/AVP 0", "c="), 301, "no address"},
		{"multicast", offer("m=audio 5000 RTP/AVP 0", "c=IN IP4 224.2.1.1/127"), 330, "multicast"},
		{"broadcast", offer("m=audio 5000 RTP/AVP 0", "c=IN IP4 255.255.255.255"), 301, "255.255.255.255 is the broadcast address"},
		{"the other IP", offer("m=audio 5000 RTP/AVP 0", "c=IN IP6 2001:db8::2"), 301, "cannot be reached"},
		{"no c= line", lines("v=0", "o=- 1 1 IN IP4 192.0.2.2", "s=-", "t=0 0", "m=audio 5000 RTP/AVP 0"), 301, "no c= line"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := alice().Answer(test.offer)
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("error %v, want an *Error", err)
			}
			if e.Warning != test.warning || !strings.Contains(e.Reason, test.reason) {
				t.Errorf("%d %s, want %d %s", e.Warning, e.Reason, test.warning, test.reason)
			}
		})
	}
}

// manyCodecs is an audio section with nine codecs, none of which is ours.
func manyCodecs() []string {
	list := []string{"m=audio 5000 RTP/AVP 107 108 109 110 111 112 113 114 115"}
	for n := 107; n < 116; n++ {
		list = append(list, fmt.Sprintf("a=rtpmap:%d G7%d/8000", n, n-100))
	}
	return list
}

// TestAudioIsEnded: port 0 for the audio of a session that is up ends the audio, and not the
// session (RFC 3264 §8.2): an offer is answered with it, and an answer taken. A port begins
// it again.
func TestAudioIsEnded(t *testing.T) {
	_, first, err := alice().Answer(offer("m=audio 5000 RTP/AVP 0"))
	if err != nil {
		t.Fatal(err)
	}
	l := alice().Following(first)
	ends := offer("m=video 0 RTP/AVP 96", "m=audio 0 RTP/AVP 0")
	answer, ended, err := l.Answer(ends)
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := l.Accept(offer("m=audio 0 RTP/AVP 0"))
	if err != nil {
		t.Fatal(err)
	}
	for who, n := range map[string]Negotiated{"the answerer": ended, "the offerer": accepted} {
		if n.Send || n.Receive || !n.Held || !n.Disabled || n.Codec != first.Codec || n.Remote != first.Remote {
			t.Errorf("%s has %+v", who, n)
		}
	}
	if text := string(answer); !strings.Contains(text, "m=video 0 RTP/AVP 96\r\nm=audio 0 RTP/AVP 0\r\n") || strings.Count(text, "m=") != 2 {
		t.Errorf("it is answered with\n%s", text)
	}
	for name, refused := range map[string][]byte{
		"no audio at all": offer("m=video 5000 RTP/AVP 96"), "no port": offer("m=audio 70000 RTP/AVP 0"),
		"audio that we do not speak": offer("m=audio 0 RTP/AVP 0", "m=audio 5000 RTP/AVP 18"),
	} {
		if _, n, err := l.Answer(refused); err == nil {
			t.Errorf("%s: %+v", name, n)
		}
	}
	if _, again, err := l.Following(ended).Answer(offer("m=audio 5000 RTP/AVP 0")); err != nil || !again.Send || !again.Receive || again.Disabled {
		t.Errorf("it begins again: %+v, %v", again, err)
	}
}

func TestOfferAnswerAccept(t *testing.T) {
	bob := alice()
	bob.Addr = netip.MustParseAddrPort("192.0.2.2:50000")
	bob.Codecs = []codec.Codec{codec.PCMA}
	answer, b, err := bob.Answer(alice().Offer())
	if err != nil {
		t.Fatal(err)
	}
	a, err := alice().Accept(answer)
	if err != nil {
		t.Fatal(err)
	}
	if a.Codec != codec.PCMA || b.Codec != codec.PCMA || a.DTMFType != DTMFType || b.DTMFType != DTMFType {
		t.Errorf("a %+v\nb %+v", a, b)
	}
	if a.Remote != bob.Addr || b.Remote != alice().Addr || !a.Send || !b.Send || !a.Receive || !b.Receive {
		t.Errorf("a %+v\nb %+v", a, b)
	}
}

func TestAcceptRefused(t *testing.T) {
	_, err := alice().Accept(offer("m=audio 0 RTP/AVP 0"))
	var e *Error
	if !errors.As(err, &e) || e.Warning != warnMedia {
		t.Errorf("error %v, want a warning 304", err)
	}
	if n, err := alice().Accept(offer("m=audio 5000 RTP/AVP 0", "a=rtcp-mux")); err != nil || n.Mux {
		t.Errorf("%+v, %v: mux was not offered, so it cannot be accepted", n, err)
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add(alice().Offer())
	f.Add(wide().Offer())
	f.Add(offer("m=video 50000 RTP/AVP 96", "m=audio 5000 RTP/AVP 8 0 97", "a=rtpmap:97 telephone-event/8000", "a=rtcp:9 IN IP4 192.0.2.2"))
	f.Add(offer("m=audio 65535 RTP/AVP 0", "c=IN IP6 ::", "a=ptime:", "a=rtpmap:0"))
	for _, seed := range []string{
		"", tidy, strings.ReplaceAll(tidy, "\r\n", "\n"), strings.ReplaceAll(tidy, "\r\n", "\r"), "\ufeff" + tidy + "\x00",
		"m = Audio  5000/2 rtp/avp PCMU 0 \nA=SendOnly\na=rtpmap: 0 PCMU\nx=\nc=192.0.2.2\no=Bob B 7f v2 in ip4 x",
		"c=IN IP4 0.0.0.0\r\nm=\r\nm=image x udptl t38\r\nm=audio 5000 RTP/AVP 0\r\na=ptime:x\r\na=maxptime:1",
		strings.Repeat("m=video 5002 RTP/AVP 96\r\n", maxSections) + "m=\r\n" + tidy, strings.TrimSuffix(tidy, "\r\n"),
		strings.Replace(tidy, "c=IN IP4 192.0.2.2\r\nt=0 0\r\n", "t=0 0\r\nc=IN IP4 192.0.2.2\r\n", 1), tidy + "m=image 5010 udptl t38\r\na=T38FaxVersion:0\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		answer, n, err := wide().Answer(b)
		var e *Error
		if err != nil {
			if !errors.As(err, &e) {
				t.Fatalf("error %T", err)
			}
			return
		}
		if n.PTime <= 0 || n.PayloadType > 127 || n.DTMFType > 127 {
			t.Fatalf("negotiated %+v", n)
		}
		// What we answer can be read again, and agrees.
		d, err := parse(answer)
		if err != nil {
			t.Fatalf("our answer: %v\n%s", err, answer)
		}
		if len(d.faults) > 0 {
			t.Fatalf("our answer: %s\n%s", d.faults, answer)
		}
		for _, m := range d.sections {
			if m.port != 0 {
				return
			}
		}
		t.Fatalf("nothing accepted in\n%s", answer)
	})
}
