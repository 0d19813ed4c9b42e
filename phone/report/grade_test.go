package report

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// graded is the card of a real phone.
func graded() (*play.Result, *event.Log) {
	log := new(event.Log)
	for i, e := range []event.Event{
		event.Start{AOR: "sip:alice@lab.test", Server: "127.0.0.1:5070"},
		event.Socket{Name: "control", Phase: "open"},
		event.Message{Out: true, Method: "REGISTER", URI: "sip:lab.test", CallID: "1", CSeq: 1, Raw: "REGISTER sip:lab.test SIP/2.0\r\n\r\n"},
	} {
		log.Append(event.Record{Device: time.Duration(i) * time.Second, Phone: "alice", Event: e})
	}
	r := &play.Result{File: "grade", Phone: "sip:alice@lab.test", Real: true, Wall: 3 * time.Second, Device: 3 * time.Second, Cases: []play.CaseResult{
		{
			Name: "instance: It names its device", Line: 1, Verdict: play.Failed, Tries: 1, FirstSeq: 1, LastSeq: 3,
			Failure: &play.Failure{Line: 1, Kind: "grade.instance", Wall: true, Message: "no +sip.instance", Again: "sleeptalk grade --only instance"},
		},
		{Name: "push: A push makes it register", Line: 2, Verdict: play.Skipped, Tries: 1, Why: "no push service is wired"},
	}}
	return r, log
}

// TestRealPhone checks the report of a graded phone: nothing in it says that
// the phone is emulated, and a check that could not be decided says why.
func TestRealPhone(t *testing.T) {
	r, log := graded()
	dir := t.TempDir()
	if err := Folder(Dir{Path: dir}, r, log, FolderOptions{Exit: 1}); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(dir, indexFile))
	if err != nil {
		t.Fatal(err)
	}
	var junit bytes.Buffer
	if err := JUnit(&junit, []*play.Result{r}, nil); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"a real phone, examined by the lab", "skipped: no push service is wired", "sleeptalk grade --only instance", "REGISTER sip:lab.test"} {
		if !bytes.Contains(page, []byte(want)) {
			t.Errorf("the page has no %q", want)
		}
	}
	if bytes.Contains(page, []byte("emulated")) {
		t.Error("the page says that something is emulated")
	}
	if want := `<skipped message="no push service is wired">`; !strings.Contains(junit.String(), want) {
		t.Errorf("no %s in\n%s", want, &junit)
	}
}
