package vq

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/golden"
)

func known(n int) event.Reading { return event.Reading{Value: n, Known: true} }

func ms(n int) event.Millis { return event.Millis(time.Duration(n) * time.Millisecond) }

var dialog = Dialog{
	CallID: "a84b4c76e66710@pc33.example.com", ToTag: "314159", FromTag: "1928301774",
	Local: "sip:alice@example.com", Remote: "sip:bob@example.net", Original: "sip:alice@example.com",
	LocalGroup: "example.com", RemoteGroup: "example.net",
}

func quality() control.Quality {
	start := time.Date(2013, 9, 18, 9, 0, 0, 0, time.UTC)
	return control.Quality{
		Start: start, Stop: start.Add(75 * time.Second),
		Local:       control.MediaEnd{Addr: netip.MustParseAddrPort("192.0.2.1:4000"), SSRC: 0x1a3b5c7d},
		Remote:      control.MediaEnd{Addr: netip.MustParseAddrPort("192.0.2.2:5000"), SSRC: 0x68abc},
		PayloadType: 0, Codec: "PCMU", Rate: 8000, PTime: 20 * time.Millisecond,
		Here: event.VoIPMetrics{
			LossPct: 4.6875, DiscardPct: 1.953125, BurstLossPct: 50, Burst: ms(1000), GapLossPct: 1.953125, Gap: ms(6000), Gmin: 16,
			RTT: ms(30), EndSystem: ms(60), R: known(80), MOSLQ: 4.2, MOSCQ: 4, Concealment: 3, Adaptive: 3, AdaptRate: 15, Nominal: ms(40), Maximum: ms(240), AbsMax: ms(400),
		},
		Jitter: 7 * time.Millisecond, FarJitter: 2 * time.Millisecond,
	}
}

func withFarEnd() control.Quality {
	q := quality()
	q.There = event.VoIPMetrics{Gmin: 16, Signal: known(-18), Noise: known(-50), Echo: known(55), R: known(0), ExtR: known(90), MOSLQ: 4.3, Concealment: 2}
	return q
}

// The productions of RFC 6035 §4.6.1 for what is written here, in the order of its ABNF.
const (
	aWord     = "[-A-Za-z0-9.!%*_+`'~()<>:\\\\\"/\\[\\]?{}]+"
	aCallID   = aWord + "(@" + aWord + ")?"
	anID      = `<sip:[^ >]+>`
	anAddress = `IP=[0-9a-f.:]+ PORT=\d+ SSRC=0x[0-9a-fA-F]{1,8}`
	aGroup    = `[-A-Za-z0-9. =]+`
	aTime     = `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`
	aShare    = `\d{1,3}(\.\d{1,2})?`
	aScore    = `\d(\.\d{1,3})?`
	aSet      = `Timestamps: START=` + aTime + ` STOP=` + aTime + `\r\n` +
		`(SessionDesc:( PT=\d{1,3})?( PD=` + aWord + `)?( SR=\d{1,6})?( PPS=\d{1,5})?( FD=\d{1,4})?( FO=\d{1,5})?( FPP=\d{1,2})?( FMTP="[^"]+")?( PLC=[0-3])?( SSUP=(on|off))?\r\n)?` +
		`(JitterBuffer:( JBA=[0-3])?( JBR=\d{1,2})?( JBN=\d{1,5})?( JBM=\d{1,5})?( JBX=\d{1,5})?\r\n)?` +
		`(PacketLoss:( NLR=` + aShare + `)?( JDR=` + aShare + `)?\r\n)?` +
		`(BurstGapLoss:( BLD=` + aShare + `)?( BD=\d{1,7})?( GLD=` + aShare + `)?( GD=\d{1,7})?( GMIN=\d{1,3})?\r\n)?` +
		`(Delay:( RTD=\d{1,5})?( ESD=\d{1,5})?( OWD=\d{1,5})?( SOWD=\d{1,5})?( IAJ=\d{1,5})?( MAJ=\d{1,5})?\r\n)?` +
		`(Signal:( SL=-?\d{1,2})?( NL=-?\d{1,2})?( RERL=\d{1,3})?\r\n)?` +
		`(QualityEst:( RLQ=\d{1,3})?( RCQ=\d{1,3})?( EXTRI=\d{1,3})?( EXTRO=\d{1,3})?( MOSLQ=` + aScore + `)?( MOSCQ=` + aScore + `)?( QoEEstAlg=` + aWord + `)?\r\n)?`
	aReport = `^VQSessionReport: CallTerm\r\n` +
		`CallID: ` + aCallID + `\r\nLocalID: ` + anID + `\r\nRemoteID: ` + anID + `\r\nOrigID: ` + anID + `\r\n` +
		`LocalAddr: ` + anAddress + `\r\nRemoteAddr: ` + anAddress + `\r\nLocalGroup: ` + aGroup + `\r\nRemoteGroup: ` + aGroup + `\r\n` +
		`LocalMetrics:\r\n` + aSet + `(RemoteMetrics:\r\n` + aSet + `)?` +
		`DialogID: ` + aCallID + `(;to-tag=` + aWord + `)?(;from-tag=` + aWord + `)?\r\n$`
)

func TestFinal(t *testing.T) {
	abnf := regexp.MustCompile(aReport)
	ipv6 := withFarEnd()
	ipv6.Local.Addr = netip.MustParseAddrPort("[2001:db8::1%eth0]:4000")
	ipv6.Codec, ipv6.Silence = "opus", true
	for name, q := range map[string]control.Quality{"local": quality(), "both": withFarEnd(), "ipv6": ipv6, "nothing": {Start: quality().Start, Stop: quality().Stop}} {
		body, err := Final(dialog, q)
		if err != nil || !abnf.Match(body) {
			t.Errorf("%s: %v, or not by the ABNF:\n%s", name, err, body)
		}
		golden.File(t, "testdata/"+name+".txt", string(body))
		r, err := Parse(body)
		if err != nil || len(r.Faults) > 0 || !r.Final || r.Info["CallID"] != dialog.CallID || (r.Remote != nil) != q.There.Known() {
			t.Errorf("%s is read as %+v, %v", name, r, err)
		}
	}
}

// What would break a line, or is none of its form, is not written.
func TestWhatCannotBeReported(t *testing.T) {
	for name, change := range map[string]func(d *Dialog){
		"CallID":     func(d *Dialog) { d.CallID = "a b" },
		"LocalID":    func(d *Dialog) { d.Local = "sip:a@b\r\nNLR=0" },
		"RemoteID":   func(d *Dialog) { d.Remote = "" },
		"OrigID":     func(d *Dialog) { d.Original = "sip:a b@c" },
		"LocalGroup": func(d *Dialog) { d.LocalGroup = `"` },
	} {
		d := dialog
		change(&d)
		if body, err := Final(d, quality()); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v\n%s", name, err, body)
		}
	}
	d := dialog
	d.ToTag, d.FromTag = "", "a b"
	if body, err := Final(d, quality()); err != nil || !strings.HasSuffix(string(body), "\r\nDialogID: "+d.CallID+"\r\n") {
		t.Errorf("without tags: %v\n%s", err, body)
	}
}

// example is the one of RFC 6035 §4.7.1, which is not by its own ABNF.
const example = `VQSessionReport: CallTerm
CallID: 6dg37f1890463
LocalID: Alice <sip:alice@example.org>
RemoteID: Bill <sip:bill@example.net>
OrigID: Alice <sip:alice@example.org>
LocalGroup: example-phone-55671
RemoteGroup: example-gateway-09871
LocalAddr: IP=10.10.1.100 PORT=5000 SSRC=1a3b5c7d
LocalMAC: 00:1f:5b:cc:21:0f
RemoteAddr:IP=11.1.1.150 PORT=5002 SSRC=0x2468abcd
RemoteMAC: 00:26:08:8e:95:02
LocalMetrics:
Timestamps:START=2004-10-10T18:23:43Z STOP=2004-10-01T18:26:02Z
SessionDesc:PT=18 PD=G729 SR=8000 FD=20 FO=20 FPP=2 PPS=50
            FMTP="annexb=no" PLC=3 SSUP=on
JitterBuffer:JBA=3 JBR=2 JBN=40 JBM=80 JBX=120
PacketLoss:NLR=5.0 JDR=2.0
BurstGapLoss:BLD=0 BD=0 GLD=2.0 GD=500 GMIN=16
Delay:RTD=200 ESD=140 SOWD=200 IAJ=2 MAJ=10
Signal:SL=-18 NL=-50 RERL=55
QualityEst:RLQ=88 RCQ=85 EXTRI=90 MOSLQ=4.2 MOSCQ=4.3
   QoEEstAlg=P.564
RemoteMetrics:
Timestamps:START=2004-10-10T18:23:43Z STOP=2004-10-01T18:26:02Z
PacketLoss:NLR=5.0 JDR=2.0
QualityEst:RLQ=90 RCQ=85 MOSLQ=4.3 MOSCQ=4.2 QoEEstAlg=P.564
DialogID:1890463548@alice.example.org;to-tag=8472761;
   from-tag=9123dh311
`

func TestParse(t *testing.T) {
	r, err := Parse([]byte(example))
	if err != nil || r.Kind != "VQSessionReport" || !r.Final || !slices.Equal(r.Faults, []string{"the SSRC of its LocalAddr is not as RFC 6035 §4.6.1 has it"}) {
		t.Errorf("%+v, %v", r, err)
	}
	if r.Local["NLR"] != "5.0" || r.Local["FMTP"] != `"annexb=no"` || r.Local["QoEEstAlg"] != "P.564" || r.Remote["MOSLQ"] != "4.3" || r.Info["DialogID"] != "1890463548@alice.example.org;to-tag=8472761; from-tag=9123dh311" {
		t.Errorf("%+v", r)
	}
	want := "of call 6dg37f1890463: NLR=5.0 JDR=2.0 BLD=0 RTD=200 RCQ=85 MOSLQ=4.2 MOSCQ=4.3; the far end: NLR=5.0 JDR=2.0 RCQ=85 MOSLQ=4.3 MOSCQ=4.2"
	if r.String() != want {
		t.Errorf("in short: %s", r)
	}
}

// line returns the example with a line in the place of the one that begins so.
func withLine(begins, line string) string {
	lines := strings.Split(example, "\n")
	i := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, begins) })
	lines[i] = line
	return strings.Join(lines, "\r\n")
}

func TestOddReports(t *testing.T) {
	const form = " is not as RFC 6035 §4.6.1 has it"
	for _, c := range []struct{ body, fault, err string }{
		{"", "", "a report has 1 to 128 lines, not 0"},
		{strings.Repeat("X: 1\n", 1000), "", "a report has 1 to 128 lines, not 129"},
		{"<?xml?>", "", `"<?xml?>" is no kind of report`},
		{"VQSessionReport\nCallID: 1", "", "it has no LocalMetrics"},
		{withLine("CallID", ""), "it has no CallID", ""},
		{withLine("CallID", "CallID: a b"), "its CallID is no Call-ID", ""},
		{withLine("LocalGroup", "PacketLoss: NLR=1"), "PacketLoss stands before the LocalMetrics", ""},
		{withLine("Timestamps", ""), "the LocalMetrics have no Timestamps", ""},
		{withLine("Timestamps", "Timestamps: START=0 STOP=0"), "the START of its Timestamps" + form, ""},
		{withLine("Timestamps", "Timestamps: START=2004-10-10T18:23:43+02:00 STOP=2004-10-10T18:23:43Z"), "the START of its Timestamps" + form, ""},
		{withLine("PacketLoss", "PacketLoss: NLR=1.234"), "the NLR of its PacketLoss" + form, ""},
		{withLine("PacketLoss", "PacketLoss: NLR=-1"), "the NLR of its PacketLoss" + form, ""},
		{withLine("BurstGapLoss", "BurstGapLoss: BD=12345678"), "the BD of its BurstGapLoss" + form, ""},
		{withLine("Signal", "Signal: SL=-128"), "the SL of its Signal" + form, ""},
		{withLine("QualityEst", "QualityEst: MOSLQ=42"), "the MOSLQ of its QualityEst" + form, ""},
		{withLine("SessionDesc", "SessionDesc: PLC=4"), "the PLC of its SessionDesc" + form, ""},
		{withLine("SessionDesc", `SessionDesc: FMTP="a`), "the FMTP of its SessionDesc" + form, ""},
		{withLine("Delay", "Delay: FUTURE=1 RTD=5"), "", ""},
		{withLine("Delay", "Future: x"), "", ""},
	} {
		r, err := Parse([]byte(c.body))
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%.60q: %v", c.body, err)
			}
			continue
		}
		if err != nil || c.fault != "" && !slices.Contains(r.Faults, c.fault) || c.fault == "" && len(r.Faults) != 1 { // the example has one
			t.Errorf("want %q: %v, %v", c.fault, r.Faults, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(example))
	f.Fuzz(func(t *testing.T, body []byte) {
		if r, err := Parse(body); err == nil && (r.Local == nil || len(r.Faults) > maxFaults) {
			t.Errorf("%+v", r)
		}
	})
}
