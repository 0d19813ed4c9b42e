package grade

import (
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip"
)

// FuzzJudges gives every judge an arbitrary message in the place of each that
// it looks for. It must reach some verdict.
func FuzzJudges(f *testing.F) {
	const head = "Via: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bKa\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 REGISTER\r\n"
	for _, more := range []string{
		"", "Contact: *\r\n", "Contact: <sip:a@b;pn-provider=apns;pn-prid=&>;+sip.instance=\"<urn:x:y>\";reg-id=0;expires=-1\r\nSupported: outbound,,\r\n",
		"Contact: <sip:a@b>;expires=99999999999\r\nFlow-Timer: -1\r\nAuthorization: Digest username=\"a\", nc=zz, qop=\"auth\r\n",
	} {
		f.Add([]byte("REGISTER sip:b SIP/2.0\r\n" + head + more + "\r\n"))
		f.Add([]byte("SIP/2.0 200 OK\r\n" + head + more + "\r\n"))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, ok := sip.ParseDatagram(raw).(sip.Message)
		if !ok {
			return
		}
		e, err := New(Config{User: "alice", Expires: time.Minute, FlowTimer: time.Minute, Patience: time.Second})
		if err != nil {
			t.Fatal(err)
		}
		for i, method := range []string{"REGISTER", "INVITE", "OPTIONS", unknownMethod, "CANCEL"} {
			for _, out := range []bool{true, false} {
				trace := sip.Trace(out, m.SIP, m.Raw, 1)
				trace.Method = method
				e.records = append(e.records, event.Record{Seq: uint64(len(e.records) + 1), Device: time.Duration(i), Phone: "alice", Event: trace})
			}
		}
		for _, c := range checks {
			v := e.view(0)
			if got := c.judge(v); got.verdict == "" {
				t.Errorf("%s has come to no verdict", c.ID)
			}
			c.script(v)
		}
	})
}
