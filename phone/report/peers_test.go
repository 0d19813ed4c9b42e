//go:build peers

package report

import (
	"bytes"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/keep"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
)

// need fails the test if a peer is not installed, and says how to get it.
func need(t *testing.T, program, pkg string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Fatalf("this test needs %s: apt-get install %s", program, pkg)
	}
}

// captureFileOf writes a capture for other programs to read.
func captureFileOf(t *testing.T, log *event.Log, wire *Wire) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), captureFile)
	if err := (keep.File{Name: name, Force: true}).Write(writes(captured(t, log, wire))); err != nil {
		t.Fatal(err)
	}
	return name
}

func tshark(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.Command("tshark", args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("tshark %v: %v\n%s", args, err, &errs)
	}
	for line := range strings.Lines(errs.String()) {
		if !strings.Contains(line, "could be dangerous") { // tshark's warning to root
			t.Errorf("tshark says: %s", line)
		}
	}
	return out.String()
}

// noWarning fails the test for each packet that tshark finds malformed or out
// of order.
func noWarning(t *testing.T, name string) {
	t.Helper()
	// 0x400000 is a note of an expert, 0x600000 a warning.
	bad := tshark(
		t, "-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-r", name,
		"-Y", "_ws.malformed || _ws.expert.severity >= 0x600000 || tcp.analysis.flags",
	)
	if bad != "" {
		t.Errorf("tshark warns of\n%s", bad)
	}
}

// TestTshark checks that tshark shows the SIP, finds nothing malformed or out
// of order, and reads the comments.
func TestTshark(t *testing.T) {
	need(t, "tshark", "tshark")
	_, log := passing(t)
	name := captureFileOf(t, log, nil)
	list := tshark(t, "-r", name)
	for _, want := range []string{
		"Request: REGISTER sip:lab.test", "Status: 401 Unauthorized", "Request: INVITE sip:alice@127.0.0.1:39902", "Status: 180 Ringing",
		"Request: ACK", "Request: BYE", "SIP/SDP",
	} {
		if !strings.Contains(list, want) {
			t.Errorf("tshark shows no %q in\n%s", want, list)
		}
	}
	noWarning(t, name)
	if got := tshark(t, "-r", name, "-Y", `frame.comment contains "woken by keepalive"`); got == "" {
		t.Error("tshark finds no comment about the wake")
	}
}

// TestTsharkSDP checks that tshark finds nothing wrong with our session descriptions,
// whatever they answer.
func TestTsharkSDP(t *testing.T) {
	need(t, "tshark", "tshark")
	us := sdp.Local{Addr: netip.MustParseAddrPort("192.0.2.1:40000"), Codecs: codec.All(), DTMF: true, SessionID: 7}
	bodies := [][]byte{us.Offer()}
	for _, offer := range []string{
		"m=audio 5000 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=rtcp-mux\r\na=sendonly\r\n",
		"m=image 5010 udptl t38\r\nm=audio 5000 RTP/AVP 0\r\nm=video 5002 RTP/SAVPF 96 97\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n",
		"m=\r\nm=chess x pawn/e4\r\nm=audio 5000 RTP/AVP 0\r\n",
	} {
		body, _, err := us.Answer([]byte("c=IN IP4 192.0.2.2\r\n" + offer))
		if err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, body)
	}
	log := new(event.Log)
	add := func(e event.Event) {
		log.Append(event.Record{Wall: time.Unix(1800000000, 0), Phone: "alice", Event: e})
	}
	add(event.Socket{Name: "control", Phase: "open", Local: "192.0.2.1:49152", Remote: "192.0.2.9:5060"})
	for _, body := range bodies {
		raw := fmt.Sprintf("INVITE sip:bob@lab.test SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.1:49152;branch=z9hG4bK1\r\nFrom: <sip:alice@lab.test>;tag=1\r\n"+
			"To: <sip:bob@lab.test>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\nContent-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		add(event.Message{Out: true, Method: "INVITE", SDP: true, Raw: raw})
	}
	file := captureFileOf(t, log, nil)
	noWarning(t, file)
	if got := strings.Count(tshark(t, "-r", file, "-Y", "sdp.owner.sessionid == \"7\" && !sdp.invalid"), "\n"); got != len(bodies) {
		t.Errorf("tshark reads %d of %d descriptions", got, len(bodies))
	}
}

// rtpStream is a line of tshark's table of RTP streams: from, to, the codec, how
// many packets there are and how many are lost.
var rtpStream = regexp.MustCompile(`(?m)^ +[0-9.]+ +[0-9.]+ +(\S+) +(\d+) +(\S+) +(\d+) +0x\S+ +(\S+) +(\d+) +(-?\d+) \(`)

// TestTsharkRTP checks that tshark finds the streams of a call by its SDP, with
// all their packets and without a warning, also in a masked capture.
func TestTsharkRTP(t *testing.T) {
	need(t, "tshark", "tshark")
	log, wire := called(t)
	mask := NewRedactor(log)
	masked, maskedWire := mask.Log(log), mask.Wire(wire)
	for name, run := range map[string]struct {
		log  *event.Log
		wire *Wire
	}{"as it was": {log, wire}, "masked": {masked, maskedWire}} {
		file := captureFileOf(t, run.log, run.wire)
		noWarning(t, file)
		want := map[string]int{}
		for _, d := range run.wire.packets {
			switch {
			case isRTCP(d.Data):
			case d.Out:
				want[fmt.Sprintf("%v > %v", d.Local, d.Remote)]++
			default:
				want[fmt.Sprintf("%v > %v", d.Remote, d.Local)]++
			}
		}
		got := map[string]int{}
		for _, s := range rtpStream.FindAllStringSubmatch(tshark(t, "-r", file, "-q", "-z", "rtp,streams"), -1) {
			n, _ := strconv.Atoi(s[6])
			got[fmt.Sprintf("%s:%s > %s:%s", s[1], s[2], s[3], s[4])] = n
			if s[5] != "g711U" || s[7] != "0" {
				t.Errorf("%s: %s", name, s[0])
			}
		}
		if len(got) != 2 || !maps.Equal(got, want) {
			t.Errorf("%s: tshark finds %v, want %v", name, got, want)
		}
		if bad := tshark(t, "-r", file, "-Y", `udp && !(rtp.setup-method == "SDP" || rtcp.setup-method == "SDP")`); bad != "" {
			t.Errorf("%s: not known by the SDP:\n%s", name, bad)
		}
	}
}

// TestSngrep checks that sngrep reads the dialogs: it writes the packets that
// it took for SIP into another capture.
func TestSngrep(t *testing.T) {
	need(t, "sngrep", "sngrep")
	need(t, "tshark", "tshark")
	_, log := passing(t)
	name := captureFileOf(t, log, nil)
	copied := filepath.Join(t.TempDir(), "copied.pcap")
	cmd := exec.Command("sngrep", "--no-interface", "--quiet", "--input", name, "--output", copied)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("sngrep: %v\n%s", err, out)
	}
	if _, err := os.Stat(copied); err != nil {
		t.Fatal(err)
	}
	list := tshark(t, "-r", copied, "-Y", "sip")
	if !strings.Contains(list, "INVITE sip:alice@127.0.0.1:39902") || !strings.Contains(list, "BYE") {
		t.Errorf("sngrep took for SIP only\n%s", list)
	}
}

// TestTsharkCodecs checks that tshark reads the streams of a call in each codec by its SDP, and
// finds nothing wrong with them.
func TestTsharkCodecs(t *testing.T) {
	need(t, "tshark", "tshark")
	for codecs, want := range map[string]string{"g722": "g722", "l16/16000": "L16", "l16/8000": "L16", "pcma": "g711A", "opus": "opus"} {
		log, wire := calledBy(t, "use phone alice codecs="+codecs+"\n")
		file := captureFileOf(t, log, wire)
		noWarning(t, file)
		list := tshark(t, "-r", file, "-q", "-z", "rtp,streams")
		streams := rtpStream.FindAllStringSubmatch(list, -1)
		if len(streams) != 2 {
			t.Errorf("%s: %d streams in\n%s", codecs, len(streams), list)
		}
		for _, s := range streams {
			if n, _ := strconv.Atoi(s[6]); s[5] != want || n < 150 || s[7] != "0" {
				t.Errorf("%s: %s", codecs, s[0])
			}
		}
	}
	log, wire := calledBy(t, "use phone alice comfort-noise=on\n")
	file := captureFileOf(t, log, wire)
	noWarning(t, file)
	if got := tshark(t, "-r", file, "-q", "-z", "rtp,streams"); !strings.Contains(got, "CN") {
		t.Errorf("tshark finds no comfort noise in\n%s", got)
	}
}

// TestTsharkReadsClear checks that tshark finds the audio in packets that are written as they
// were opened.
func TestTsharkReadsClear(t *testing.T) {
	need(t, "tshark", "tshark")
	log, wire := clearCall(t, "sdes")
	file := captureFileOf(t, log, wire)
	list := tshark(t, "-o", "sdp.establish_conversation:FALSE", "--enable-heuristic", "rtp_udp", "-r", file, "-Y", "rtp", "-T", "fields", "-e", "rtp.payload")
	payloads := strings.Fields(list)
	if len(payloads) < 600 {
		t.Fatalf("%d payloads", len(payloads))
	}
	for _, p := range payloads {
		if len(p) != 2*160 {
			t.Errorf("a payload of %d octets", len(p)/2)
		}
	}
}
