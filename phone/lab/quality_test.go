package lab

import (
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

const reportBody = "VQSessionReport: CallTerm\r\nCallID: abc\r\nLocalID: <sip:carol@lab.test>\r\nRemoteID: <sip:bob@lab.test>\r\nOrigID: <sip:carol@lab.test>\r\n" +
	"LocalAddr: IP=192.0.2.1 PORT=4000 SSRC=0x1\r\nRemoteAddr: IP=192.0.2.2 PORT=5000 SSRC=0x2\r\nLocalGroup: lab.test\r\nRemoteGroup: lab.test\r\n" +
	"LocalMetrics:\r\nTimestamps: START=2026-01-01T00:00:00Z STOP=2026-01-01T00:00:08Z\r\nPacketLoss: NLR=1.56\r\nQualityEst: MOSLQ=4.3\r\n"

// TestQualityReports: the lab collects reports of voice quality at any of its addresses, and
// says what is wrong with others.
func TestQualityReports(t *testing.T) {
	b := newBench(t, nil)
	carol := b.wire()
	carol.register("carol", "secret", "Contact: <sip:carol@10.7.7.7:1234>")
	carol.from = carolTo
	for _, c := range []struct {
		name, body string
		status     int
		note       string // "": nothing new is noted
		more       []string
	}{
		{"a report", reportBody, 200, "of call abc: NLR=1.56 MOSLQ=4.3", nil},
		{"with faults", strings.Replace(reportBody, "4.3", "43", 1), 200, "of call abc: NLR=1.56; but the MOSLQ of its QualityEst is not as RFC 6035 §4.6.1 has it", nil},
		{"none", "<presence/>", 400, `a report of voice quality: "<presence/>" is no kind of report`, nil},
		{"too long", reportBody + strings.Repeat("X: 1\r\n", 2000), 413, "", nil},
		{"another body", reportBody, 415, "", []string{"Content-Type: text/plain"}},
		{"a change of one", reportBody, 412, "", []string{"SIP-If-Match: a"}},
		{"too brief", reportBody, 423, "", []string{"Expires: 1"}},
		{"an extension", reportBody, 420, "", []string{"Require: future"}},
	} {
		more := append([]string{"Event: vq-rtcpxr"}, c.more...)
		if !strings.Contains(strings.Join(more, " "), "Content-Type") {
			more = append(more, "Content-Type: application/vq-rtcpxr")
		}
		before := noted(b)
		res := carol.withBody(c.body, "PUBLISH", "sip:collector@lab.test", "<sip:collector@lab.test>", more...)
		if res.StatusCode == 407 {
			more = append(more, credentialsFor(t, res, "PUBLISH", "sip:collector@lab.test", "carol", "secret"))
			res = carol.withBody(c.body, "PUBLISH", "sip:collector@lab.test", "<sip:collector@lab.test>", more...)
		}
		if res.StatusCode != c.status || (c.status == 200) != (text(res, "SIP-ETag") != "") {
			t.Errorf("%s: %s", c.name, res)
		}
		if got := noted(b)[len(before):]; len(got) > 1 || (len(got) == 1) != (c.note != "") || len(got) == 1 && got[0] != c.note {
			t.Errorf("%s: noted is %q, want %q", c.name, got, c.note)
		}
	}
	guest := b.wire()
	if res := guest.withBody(reportBody, "PUBLISH", "sip:collector@lab.test", "<sip:collector@lab.test>", "Event: vq-rtcpxr", "Content-Type: application/vq-rtcpxr"); res.StatusCode == 200 {
		t.Errorf("a guest's report: %s", res)
	}
}

// noted is what the lab has noted of reports.
func noted(b *bench) (list []string) {
	for _, r := range b.log.After(0) {
		if s, ok := r.Event.(event.Server); ok && (s.What == "quality report" || s.What == "bad message") {
			list = append(list, s.Detail)
		}
	}
	return list
}
