package app

import (
	"reflect"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

func TestWithDefaults(t *testing.T) {
	want := Config{
		Strategy: VoIPSocket, KeepAlive: 600 * time.Second, KeepAliveAt: InBackground, KeepAliveHandler: ByTask, Mark: Marking{By: event.ByCFStream, When: MarkBeforeOpen}, StayAwakeBy: ByPing,
		Push: Pushing{
			Provider: "apns", Param: "EXAMPLE123.org.example.sleeptalk.voip",
			InviteWait: 15 * time.Second, AnswerWait: 10 * time.Second,
		},
	}
	if got := (Config{}).WithDefaults(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestWithDefaultsKeepsWhatIsSaid(t *testing.T) {
	said := Config{
		Strategy: Push, KeepAlive: time.Hour, KeepAliveAt: AtLaunch, KeepAliveHandler: InHandler, Mark: Marking{By: event.ByNSStream, When: MarkNever}, StayAwakeBy: ByOptions, WakeServer: "192.0.2.1:5070", Auto: Echo,
		Push: Pushing{
			Provider: "fcm", Param: "x", InviteWait: time.Second, AnswerWait: time.Minute, Report: ReportLate, Timer: true, EarlyAudio: true,
		},
	}
	if got := said.WithDefaults(); !reflect.DeepEqual(got, said) {
		t.Errorf("got %+v\nwant %+v", got, said)
	}
}
