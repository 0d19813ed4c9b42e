package event

import (
	"bytes"
	"strings"
	"testing"
)

// TestFormerAudio: a recording of an older version, which told only how loud the whole phone was,
// loads. Its records keep their numbers, which others name, and it is known to be one.
func TestFormerAudio(t *testing.T) {
	const at = `"t":"2026-08-23T14:32:06.000000Z","d":1,"phone":"alice"`
	log, err := ReadJSON(strings.NewReader(`{"v":1,` + at + `,"ev":"ping","out":true}
{"v":1,` + at + `,"ev":"levels","mic_db":-12.5,"ear_db":-96}
{"v":1,` + at + `,"ev":"loss","phase":"likely","where":"link","moment":1,"cause":2}
`))
	if err != nil || log.Len() != 3 {
		t.Fatalf("%d records, %v", log.Len(), err)
	}
	var kinds []string
	var written []byte
	for r := range log.From(0) {
		kinds = append(kinds, r.Event.Kind())
		if written, err = AppendJSON(written, r); err != nil {
			t.Fatal(err)
		}
		written = append(written, '\n')
		if a, is := r.Event.(Audio); is && (!a.Former || len(a.Cells()) != 0) {
			t.Errorf("%+v", a)
		}
	}
	if got := strings.Join(kinds, " "); got != "ping audio loss" {
		t.Errorf("%s", got)
	}
	again, err := ReadJSON(bytes.NewReader(written))
	if err != nil || again.Len() != 3 {
		t.Fatalf("%v in\n%s", err, written)
	}
	for r := range again.Span(1, 2) {
		if a, is := r.Event.(Audio); !is || !a.Former {
			t.Errorf("written again it is %+v", r.Event)
		}
	}
}
