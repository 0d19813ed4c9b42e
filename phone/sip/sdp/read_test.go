package sdp

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/pion/sdp/v3"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/phone/internal/golden"
)

// tidy is a description with nothing wrong in it, to be spoiled.
const tidy = "v=0\r\no=bob 77 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\nm=audio 5000 RTP/AVP 0\r\na=sendrecv\r\n"

// TestUntidy reads descriptions that are wrong, and clear. Each says what it is that
// was wrong, and nothing else.
func TestUntidy(t *testing.T) {
	spoil := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(tidy) }
	tests := []struct{ name, text, untidy string }{
		{"nothing", tidy, ""},
		{"times that repeat", spoil("t=0 0\r\n", "t=0 0\r\nr=7d 1h 0 25h\r\nt=1 2\r\nr=7d 1h 0 25h\r\n"), ""},
		{"a session without a name", spoil("s=-", "s= "), ""},
		{"lines in another order", spoil("c=IN IP4 192.0.2.2\r\nt=0 0\r\n", "t=0 0\r\nc=IN IP4 192.0.2.2\r\n"), "its lines are out of order"},
		{"the session after its audio", "v=0\r\nm=audio 5000 RTP/AVP 0\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\ns=-\r\no=bob 77 1 IN IP4 192.0.2.2\r\n", "its lines are out of order"},
		{"attributes first", spoil("v=0\r\n", "a=ptime:20\r\nv=0\r\n"), "its lines are out of order"},
		{"no v=", spoil("v=0\r\n", ""), "it has no v= line"},
		{"no o=", spoil("o=bob 77 1 IN IP4 192.0.2.2\r\n", ""), "it has no o= line"},
		{"no s=", spoil("s=-\r\n", ""), "it has no s= line"},
		{"no t=", spoil("t=0 0\r\n", ""), "it has no t= line"},
		{"hardly anything", "c=IN IP4 192.0.2.2\nm=audio 5000 RTP/AVP 0", "a line ends in LF alone; its last line has no end; it has no v= line; it has no o= line; it has no s= line; it has no t= line"},
		{"another version", spoil("v=0", "v=1"), "its version is not 0"},
		{"two sessions", spoil("s=-\r\n", "s=-\r\ns=again\r\n"), "it has more than one s= line"},
		{"two origins", spoil("s=-\r\n", "o=eve 1 1 IN IP4 192.0.2.9\r\ns=-\r\n"), "it has more than one o= line"},
		{"a blank in the user's name", spoil("o=bob ", "o=Bob the Builder "), "its o= line has a blank in the user's name"},
		{"letters for numbers", spoil("77 1", "7f3a v2"), "its o= line has letters for numbers"},
		{"a letter in the version", strings.Replace(tidy, "77 1", "77 v1", 1), "its o= line has letters for numbers"},
		{"an origin cut short", spoil("o=bob 77 1 IN IP4 192.0.2.2", "o=- 77"), "its o= line has too few words"},
		{"an origin larger than any number", spoil("77 1", strings.Repeat("9", 40)+" 1"), ""},
		{"LF alone", strings.ReplaceAll(tidy, "\r\n", "\n"), "a line ends in LF alone"},
		{"CR alone", strings.ReplaceAll(tidy, "\r\n", "\r"), "a line ends in CR alone"},
		{"no last end", strings.TrimRight(tidy, "\r\n"), "its last line has no end"},
		{"an empty line", spoil("t=0 0\r\n", "t=0 0\r\n\r\n"), "it has an empty line"},
		{"a zero at the end", tidy + "\x00\r\n", "it has an empty line"},
		{"a byte order mark", "\ufeff" + tidy, "it begins with a byte order mark"},
		{"garbage at the end", tidy + "--boundary--\r\n", "it has a line that is no letter, equals sign and value"},
		{"garbage at the beginning", "hello\r\n" + tidy, "it has a line that is no letter, equals sign and value"},
		{"a word for a letter", tidy + "audio=yes\r\n", "it has a line that is no letter, equals sign and value"},
		{"unknown letters", spoil("t=0 0\r\n", "t=0 0\r\nx=1\r\ny=0100000001\r\n"), "it has a x= line, which nobody knows; it has a y= line, which nobody knows"},
		{"capitals", spoil("a=sendrecv", "A=sendrecv"), "a line begins with a capital letter"},
		{"blanks around the sign", spoil("t=0", "t = 0"), "a line has blanks around its letter or value"},
		{"a blank at the end", spoil("RTP/AVP 0\r\n", "RTP/AVP 0 \r\n"), "a line has blanks around its letter or value"},
		{"two directions", tidy + "a=sendonly\r\n", "two attributes contradict, of the direction; the first counts"},
		{"two directions of the session", spoil("t=0 0\r\n", "t=0 0\r\na=inactive\r\na=recvonly\r\n"), "two attributes contradict, of the direction; the first counts"},
		{"one of the session, and another", spoil("t=0 0\r\n", "t=0 0\r\na=inactive\r\n"), ""},
		{"one in each section", tidy + "m=video 0 RTP/AVP 96\r\na=inactive\r\n", ""},
		{"a direction twice", tidy + "a=sendrecv\r\n", ""},
		{"two packet times", tidy + "a=ptime:20\r\na=maxptime:40\r\na=ptime:30\r\n", "two attributes contradict, of a=ptime; the first counts"},
		{"a map in other letters", tidy + "a=rtpmap:0 PCMU/8000\r\na=rtpmap:0 pcmu/8000\r\n", ""},
		{"two maps of one format", tidy + "a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:8 G722/8000\r\n", "two attributes contradict, of a=rtpmap; the first counts"},
		{"two connections", spoil("t=0 0\r\n", "c=IN IP4 192.0.2.9\r\nt=0 0\r\n"), "it has more than one c= line"},
		{"the only c= in another section", spoil("c=IN IP4 192.0.2.2\r\n", "") + "m=video 5002 RTP/AVP 96\r\nc=IN IP4 192.0.2.2\r\n", "the c= line of another section is the only one"},
		{"an address of another kind", spoil("c=IN IP4", "c=IN IP6"), "an address does not stand after IN IP4"},
		{"an address alone", spoil("c=IN IP4 ", "c="), "an address does not stand after IN IP4"},
		{"small letters for a network", spoil("c=IN IP4", "c=in ip4"), "an address does not stand after IN IP4"},
		{"other letters in m=", spoil("audio 5000 RTP/AVP", "Audio 5000 rtp/avp"), "an m= line is written in other letters than RFC 3551 has it"},
		{"two blanks in m=", spoil("audio 5000", "audio\t 5000"), ""},
		{"two ports", spoil("5000", "5000/2"), ""},
		{"an m= that is cut short, beside the audio", tidy + "m=video\r\n", "an m= line has too few words; an m= line has no port"},
		{"an m= without a port, beside the audio", tidy + "m=video x RTP/AVP 96\r\n", "an m= line has no port"},
		{"a format that is a word", spoil("AVP 0", "AVP PCMU 0"), "an m= line has a format that is no payload number"},
		{"an rtpmap before its m=", spoil("m=audio 5000 RTP/AVP 0", "a=rtpmap:100 PCMU/8000\r\nm=audio 5000 RTP/AVP 100"), "an a=rtpmap stands before the m= line"},
		{"an rtpmap without a rate", spoil("a=sendrecv", "a=rtpmap:0 PCMU"), "an a=rtpmap has no clock rate"},
		{"an rtpmap with blanks", spoil("a=sendrecv", "a=rtpmap: 0  PCMU/8000"), ""},
		{"capitals in an attribute", spoil("a=sendrecv", "a=SendRecv"), "an attribute is written with capital letters or blanks"},
		{"many attributes", tidy + strings.Repeat("a=ptime:20\r\n", maxAttributes-1), ""},
		{"too many attributes", tidy + strings.Repeat("a=ptime:20\r\n", maxAttributes), "it has more attributes than are read"},
		{"a time that is none", spoil("a=sendrecv", "a=ptime:soon"), "a=ptime is no number of milliseconds"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			answer, n, err := alice().Answer([]byte(test.text))
			if err != nil {
				t.Fatal(err)
			}
			if n.Untidy != test.untidy {
				t.Errorf("untidy: %q\nwant    %q", n.Untidy, test.untidy)
			}
			if n.Codec != codec.PCMU || n.Remote.String() != "192.0.2.2:5000" || !n.Send || !n.Receive {
				t.Errorf("negotiated %+v", n)
			}
			if d, err := parse(answer); err != nil || len(d.faults) > 0 {
				t.Errorf("our answer: %v, %v\n%s", err, d.faults, answer)
			}
			if new(sdp.SessionDescription).Unmarshal(answer) != nil {
				t.Errorf("an orderly reader cannot read our answer\n%s", answer)
			}
		})
	}
}

// TestFollows: the o= line of a description after another of the same call.
func TestFollows(t *testing.T) {
	before := Origin{"bob 77  IN IP4 192.0.2.2", "9"}
	for _, test := range []struct {
		session, version string
		same             bool
		want             string
	}{
		{before.Session, "10", false, ""},
		{before.Session, "9", true, ""},
		{before.Session, "9", false, "old one"},
		{before.Session, "8", false, "lower"},
		{before.Session, "008", false, "lower"},
		{before.Session, strings.Repeat("9", 40), false, ""},
		{before.Session, "v8", false, ""},
		{"carol 77  IN IP4 192.0.2.3", "10", false, "another session"},
		{"", "", false, ""},
	} {
		got := Origin{test.session, test.version}.Follows(before, test.same)
		if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%q %q: %q, want %q", test.session, test.version, got, test.want)
		}
	}
	if got := before.Follows(Origin{}, false); got != "" {
		t.Errorf("%q after a description without an o=", got)
	}
}

// TestFaultsAreBounded: who has more wrong than a person mends in one go is told of
// the first.
func TestFaultsAreBounded(t *testing.T) {
	letters := tidy
	for c := 'a'; c <= 'z'; c++ {
		letters += strings.Repeat(string(c)+"=1\r\n", 100)
	}
	_, n, err := alice().Answer([]byte(letters))
	if want := maxFaults - 1; err == nil || strings.Count(n.Untidy, "; ") != want {
		t.Errorf("%v, %q: want an error, for the m= lines, and %d semicolons", err, n.Untidy, want)
	}
}

// TestAnswerSections: an answer has as many m= lines as its offer, in their order,
// each with the protocol and a format of the offer's (RFC 3264 §6).
func TestAnswerSections(t *testing.T) {
	var b strings.Builder
	for _, media := range [][]string{
		{"m=image 5010 udptl t38", "m=audio 5000 RTP/AVP 0"},
		{"m=audio 5000 RTP/AVP 0", "m=image 5010 udptl t38", "m=image 5012 TCP t38"},
		{"m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "m=video 5002 RTP/SAVPF 96 97", "m=audio 5000 RTP/AVP 8 0", "m=audio 5004 RTP/AVP 0"},
		{"m=audio 5000 UDP/TLS/RTP/SAVPF 111", "m=audio 5004 RTP/AVP 0", "m=text 5006 RTP/AVP 98", "m=message 2855 TCP/MSRP *"},
		{"m=audio 5004 RTP/AVP 18", "m=audio 0 RTP/AVP 0", "m=audio 5008 RTP/AVP 0"},
		{"m=chess 5004 pawn/e4", "m=", "m=video", "m=\x01 1 \x7f \xff", "m=audio 5004 RTP/AVP 0"},
	} {
		answer, _, err := alice().Answer(offer(media...))
		if err != nil {
			t.Fatalf("%s: %v", media, err)
		}
		for _, m := range media {
			b.WriteString("offer   " + m + "\n")
		}
		for line := range strings.Lines(string(answer)) {
			if strings.HasPrefix(line, "m=") {
				b.WriteString("answer  " + strings.TrimSpace(line) + "\n")
			}
		}
		b.WriteString("\n")
	}
	golden.File(t, "testdata/sections.txt", b.String())
}

// TestAnswerManySections: many m= lines are answered one by one, of which the first few
// are read.
func TestAnswerManySections(t *testing.T) {
	media := slices.Repeat([]string{"m=video 5002 RTP/AVP 96 97", "c=IN IP4 192.0.2.3", "a=ptime:30"}, maxSections-1)
	media = append(media, "m=audio 5000 RTP/AVP 0 8", "a=recvonly")
	media = append(media, slices.Repeat([]string{"m=image 5010 udptl t38", "c=IN IP4 224.0.0.1", "a=sendonly"}, maxRefused-1)...)
	media = append(media, "m=audio 5004 RTP/AVP 0 8")
	answer, n, err := alice().Answer(offer(media...))
	if err != nil || n.Remote.Port() != 5000 || n.Receive || !n.Send {
		t.Fatalf("%v: %+v", err, n)
	}
	var got []string
	for line := range strings.Lines(string(answer)) {
		if strings.HasPrefix(line, "m=") {
			got = append(got, strings.TrimSpace(line))
		}
	}
	want := append(slices.Repeat([]string{"m=video 0 RTP/AVP 96"}, maxSections-1), "m=audio 40000 RTP/AVP 0")
	want = append(want, slices.Repeat([]string{"m=image 0 udptl t38"}, maxRefused-1)...)
	want = append(want, "m=audio 0 RTP/AVP 0")
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if n, err := alice().Judge(offer(media...)); err != nil || n.Remote.Port() != 5000 {
		t.Errorf("judged: %+v, %v", n, err)
	}
}

// TestUntidyAnswer: an answer to our offer is read as leniently.
func TestUntidyAnswer(t *testing.T) {
	n, err := alice().Accept([]byte("v=0\nm=audio 5000 RTP/AVP 0\nm=image 0 udptl t38\na=SENDONLY\nc=IN IP4 192.0.2.2"))
	if err != nil || n.Remote.String() != "192.0.2.2:5000" {
		t.Fatalf("%+v, %v", n, err)
	}
	for _, fault := range []string{"LF alone", "no o= line", "more m= lines than the offer", "of another section"} {
		if !strings.Contains(n.Untidy, fault) {
			t.Errorf("untidy %q, want %q in it", n.Untidy, fault)
		}
	}
	n, err = alice().Accept(offer("m=image 0 udptl t38", "m=audio 0 RTP/AVP 0", "m=audio 5000 RTP/AVP 0", "m=audio 5002 RTP/AVP 0"))
	if err != nil || n.Remote.Port() != 5000 || n.Untidy != "the answer has more m= lines than the offer" {
		t.Errorf("%+v, %v: want the first audio that is taken", n, err)
	}
	n, err = alice().Accept([]byte("m=audio 5000 RTP/AVP 18"))
	var e *Error
	if !errors.As(err, &e) || !strings.Contains(n.Untidy, "no v= line") {
		t.Errorf("%+v, %v: want what was untidy beside an error", n, err)
	}
}

// BenchmarkRead reads a description as a telephone exchange writes it, with the
// reader of ours and the one of pion/sdp.
func BenchmarkRead(b *testing.B) {
	text := offer(
		"m=audio 14042 RTP/AVP 9 0 8 3 18 101", "a=rtpmap:9 G722/8000", "a=rtpmap:0 PCMU/8000", "a=rtpmap:8 PCMA/8000", "a=rtpmap:3 GSM/8000",
		"a=rtpmap:18 G729/8000", "a=fmtp:18 annexb=no", "a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-16", "a=ptime:20", "a=maxptime:150", "a=sendrecv",
	)
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := parse(text); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("pion", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := new(sdp.SessionDescription).Unmarshal(text); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("answer", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := alice().Answer(text); err != nil {
				b.Fatal(err)
			}
		}
	})
}
