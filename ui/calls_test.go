package ui

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// happens lets calls happen to the phone of a model.
func happens(m *model, p *puppet, calls ...event.Call) {
	for _, e := range calls {
		sees(m, p, e)
	}
}

// sees lets events happen to the phone of a model.
func sees(m *model, p *puppet, events ...event.Event) {
	at := m.clock.now
	for _, e := range events {
		if _, ok := e.(event.RTP); ok {
			at += time.Second // as they are counted
		}
		p.log.Append(event.Record{Device: at, Wall: m.clock.wall, Phone: m.history.fold.Phone, Event: e})
	}
	m.Update(logGrewMsg{log: p.log})
}

// second is a call that comes in beside the one of the recording.
func second(phase event.CallPhase) event.Call {
	return event.Call{ID: 3, Phase: phase, Peer: "sip:carol@pbx.example.test", Name: "Carol"}
}

// TestKeysActOnTheCallUnderTheBar: where there are several calls, a verb names the one
// under the bar; c moves that, and nothing else does.
func TestKeysActOnTheCallUnderTheBar(t *testing.T) {
	up := []event.Call{second(event.CallIncoming), second(event.CallAnswered), second(event.CallUp), {ID: 2, Phase: event.CallHeld, Peer: "sip:bob@pbx.example.test"}}
	waiting := []event.Call{second(event.CallIncoming), second(event.CallWaiting)}
	for _, c := range []struct {
		what       string
		calls      []event.Call
		keys, want string
	}{
		{"one call has no number", nil, "c o S", "hold"},
		{"the one that waits is answered", waiting, "a", "answer 3"},
		{"and the other is ended before", waiting, "A", "hang up 2|answer 3"},
		{"the bar goes with the user", waiting, "A e", "hang up 2|answer 3|decline 3"},
		{"no other is under the bar", waiting, "c A", ""},
		{"the one that was first is ended", waiting, "e", "hang up 2"},
		{"the one that is chosen is declined", waiting, "c e", "decline 3"},
		{"down chooses too", waiting, "down e", "decline 3"},
		{"and up goes back", waiting, "down up e", "hang up 2"},
		{"the one that rings is answered, wherever the bar is", waiting, "c c a", "answer 3"},
		{"the one under the bar is muted", up, "m", "mute 2"},
		{"the one on hold is resumed", up, "o", "resume 2"},
		{"the next is held", up, "c o", "hold 3"},
		{"back to the first", up, "c c o", "resume 2"},
		{"swap", up, "S", "swap 2"},
		{"no tones to one on hold", up, "t 1", ""},
		{"tones to the one that is talked to", up, "c t 1", "dtmf 1"},
		{"transfer", up, "T y", "attended transfer"},
		{"transfer to somebody", waiting, "T e v e enter", "transfer eve of 2"},
		{"transfer to nobody", waiting, "T enter", ""},
		{"of one call", nil, "T e v e enter", "transfer eve"},
		{"no transfer", up, "T n", ""},
	} {
		m, p := newTestModel(t, "call")
		happens(m, p, c.calls...)
		press(m, strings.Fields(c.keys)...)
		if got := strings.Join(p.said, "|"); got != c.want {
			t.Errorf("%s: said %q, want %q", c.what, got, c.want)
		}
	}
}

// TestTransferNamesTheTwo: the question names the newest call on hold and the newest that
// is up, as the verb takes them, whichever is shown; without either there is none.
func TestTransferNamesTheTwo(t *testing.T) {
	held := event.Call{ID: 2, Phase: event.CallHeld, Peer: "sip:bob@pbx.example.test"}
	up := []event.Call{second(event.CallIncoming), second(event.CallAnswered), second(event.CallUp), held}
	third := event.Call{ID: 4, Phase: event.CallIncoming, Peer: "sip:eve@pbx.example.test", Name: "Eve"}
	for _, c := range []struct {
		what       string
		calls      []event.Call
		keys, want string
	}{
		{"the one that is up is shown", up, "T", "Transfer Bob to Carol?"},
		{"the one on hold is shown", up, "c T", "Transfer Bob to Carol?"},
		{"one that rings is shown", append(up[:4:4], third), "c c T", "Transfer Bob to Carol?"},
		{"none is up", []event.Call{held, third}, "c T", ""},
	} {
		m, p := newTestModel(t, "call")
		happens(m, p, c.calls...)
		press(m, strings.Fields(c.keys)...)
		got := ansi.Strip(screen(m))
		if strings.Contains(got, "Transfer ") != (c.want != "") || !strings.Contains(got, c.want) {
			t.Errorf("%s:\n%s", c.what, got)
		}
	}
}

// TestTheBarStays: a call that ends under the bar keeps it, with its own numbers; until
// another is chosen, no key that would have acted on it acts on that.
func TestTheBarStays(t *testing.T) {
	m, p := newTestModel(t, "call")
	happens(m, p, second(event.CallIncoming), second(event.CallWaiting), event.Call{ID: 2, Phase: event.CallEnded, By: "peer"})
	got := ansi.Strip(screen(m))
	for _, want := range []string{"▌2 · over", "00:37 ended by peer", "tx 1 902", "3 ▒ ringing 00:00  Carol", "a answer Carol"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q on the screen:\n%s", want, got)
		}
	}
	press(m, "e")
	if got := lastLine(ansi.Strip(screen(m))); !strings.Contains(got, "the call with Bob is over; c chooses another") {
		t.Errorf("e says %q", got)
	}
	press(m, "m", "o", "t", "T", "A")
	if len(p.said) > 0 {
		t.Errorf("said %q", p.said)
	}
	press(m, "c")
	if got := ansi.Strip(screen(m)); strings.Contains(got, "tx 1 902") || strings.Contains(got, "−33 dB") || strings.Contains(got, "▌2") || strings.Contains(got, "✓ we hear Bob") {
		t.Errorf("the numbers of a call that is over stand under another one:\n%s", got)
	}
	press(m, "e")
	if got := strings.Join(p.said, "|"); got != "decline" {
		t.Errorf("said %q", got)
	}
}

// TestAQuestionIsAskedAnew: what was asked of other calls than there are by now is not done.
func TestAQuestionIsAskedAnew(t *testing.T) {
	held := event.Call{ID: 2, Phase: event.CallHeld, Peer: "sip:bob@pbx.example.test"}
	eve := event.Call{ID: 4, Phase: event.CallIncoming, Peer: "sip:eve@pbx.example.test", Name: "Eve"}
	eveUp := eve
	eveUp.Phase = event.CallUp
	carolHeld := second(event.CallHeld)
	for _, c := range []struct {
		keys      string
		meanwhile []event.Call
		want      string
		says      string
	}{
		{"T", nil, "attended transfer", ""},
		{"T", []event.Call{eve, eveUp, carolHeld}, "", "Transfer Carol to Eve?"},
		{"T", []event.Call{second(event.CallEnded)}, "", "it can no longer be"},
		{"q", []event.Call{second(event.CallEnded)}, "", "Quit? It ends the call with Bob."},
		{"q", []event.Call{second(event.CallEnded), {ID: 2, Phase: event.CallEnded}}, "quit", ""},
		{"K", []event.Call{eve}, "", "It ends Bob, Carol, Eve."},
	} {
		m, p := newTestModel(t, "call")
		happens(m, p, second(event.CallIncoming), second(event.CallAnswered), second(event.CallUp), held)
		press(m, c.keys)
		happens(m, p, c.meanwhile...)
		press(m, "y")
		if got := strings.Join(p.said, "|"); got != c.want || !strings.Contains(ansi.Strip(screen(m)), c.says) {
			t.Errorf("%s: said %q, want %q, and %q on the screen:\n%s", c.keys, got, c.want, c.says, ansi.Strip(screen(m)))
		}
	}
}

// TestTonesGoWhereTheySay: the card has what was sent, and not what was refused; when the call
// is over for which it was opened, nothing goes to another.
func TestTonesGoWhereTheySay(t *testing.T) {
	m, p := newTestModel(t, "call")
	press(m, "t", "1", "2")
	sees(m, p, event.DTMF{Out: true, Digit: "1"}, event.DTMF{Digit: "7"})
	if got := ansi.Strip(screen(m)); !strings.Contains(got, "tones to Bob") || !strings.Contains(got, "sent 1 ") {
		t.Errorf("the card:\n%s", got)
	}
	happens(m, p, event.Call{ID: 2, Phase: event.CallEnded}, second(event.CallIncoming), second(event.CallUp))
	press(m, "3")
	if got := strings.Join(p.said, "|"); got != "dtmf 1|dtmf 2" {
		t.Errorf("said %q", got)
	}
}

// TestPauseDoesNotHoldTheKeys: while the display stands still, keys act on the phone as it is
// now, which the line under the header names.
func TestPauseDoesNotHoldTheKeys(t *testing.T) {
	m, p := newTestModel(t, "registered")
	press(m, "p")
	happens(m, p, second(event.CallIncoming))
	got := ansi.Strip(screen(m))
	for _, want := range []string{"paused, 1 new", "◆ ringing 00:00 Carol", "a answer Carol  e decline Carol", "no call"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q on the screen:\n%s", want, got)
		}
	}
	press(m, "a")
	happens(m, p, second(event.CallUp))
	press(m, "m", "e", "p")
	if got := strings.Join(p.said, "|"); got != "answer|mute|hang up" {
		t.Errorf("said %q", got)
	}
	if got := ansi.Strip(screen(m)); strings.Contains(got, "paused") || !strings.Contains(got, "█ up") {
		t.Errorf("after the pause:\n%s", got)
	}
}

// TestCallsAreListed: the panel of the call has the others, too.
func TestCallsAreListed(t *testing.T) {
	m, p := newTestModel(t, "call")
	happens(m, p, second(event.CallIncoming), second(event.CallWaiting))
	if got := ansi.Strip(screen(m)); !strings.Contains(got, "3 ▒ waiting 00:00  Carol") || !strings.Contains(got, "5 calls ─") || !strings.Contains(got, "2 · 1 up · 1 waiting") {
		t.Errorf("the call that waits is not listed:\n%s", got)
	}
	press(m, "c")
	if got := ansi.Strip(screen(m)); !strings.Contains(got, "Carol <sip:carol@pbx.example.test>") || !strings.Contains(got, "2 █ up") {
		t.Errorf("the second call is not shown:\n%s", got)
	}
	m.display.w, m.display.h = 80, 24
	if got := ansi.Strip(screen(m)); !strings.Contains(got, "2 █ up") {
		t.Errorf("the first call is not listed in a small window:\n%s", got)
	}
}

// TestDeadAudioIsShown: a direction in which nothing gets through is not green, whatever was
// heard before; a call has its own numbers, and not those of the other.
func TestDeadAudioIsShown(t *testing.T) {
	has := func(m *model, want string, yes bool) {
		t.Helper()
		if got := ansi.Strip(screen(m)); strings.Contains(got, want) != yes {
			t.Errorf("%q is to be there: %t\n%s", want, yes, got)
		}
	}
	m, p := newTestModel(t, "call")
	has(m, "✓ we hear Bob", true)
	has(m, "✓ Bob hears us", true)
	has(m, "NO AUDIO", false)
	dead := event.RTP{Call: 2, Sent: 250, Received: 151, Lost: 99, LossPct: 39.6, DeadIn: event.Seconds(2 * time.Second), DeadOut: event.Seconds(3 * time.Second)}
	sees(m, p, event.Heard{What: "silence"}, dead)
	has(m, "NO AUDIO for 3.0 s", true)
	has(m, "NO AUDIO Bob", true)
	has(m, "╳ we hear nothing", true)
	has(m, "╳ Bob hears nothing", true)
	has(m, "✓", false)
	has(m, "MOS", false)
	sees(m, p, second(event.CallIncoming))
	press(m, "c")
	has(m, "we hear nothing", false)
	has(m, "99 (39.6", false)
}

func lostCard(way event.SoundWay) event.Event {
	return event.SoundCard{Way: way, Phase: event.SoundLost, Why: "PulseAudio no longer answers"}
}

// TestTicksAreTrue: in each state of a call, what its panel says of both directions.
func TestTicksAreTrue(t *testing.T) {
	call := func(phase event.CallPhase, by string) event.Event {
		return event.Call{ID: 2, Phase: phase, By: by, Peer: "sip:bob@pbx.example.test"}
	}
	more := func(e event.RTP) event.Event {
		if e.Call, e.FarOf = 2, cmp.Or(e.FarOf, e.Sent); e.FarOf == 1 {
			e.FarOf = 0
		}
		return e
	}
	// The recording has some hundreds each way.
	flows, stands := more(event.RTP{Sent: 9000, Received: 9000}), more(event.RTP{Sent: 9000, Received: 9000})
	in := more(event.RTP{Sent: 9000, Received: 9050})
	quiet := event.NewAudio(2, 200*time.Millisecond, 0, slices.Repeat([]event.AudioCell{{Mic: -96, Ear: -70, Sent: 10, Due: 10, Came: 10}}, 50))
	for name, c := range map[string]struct {
		events   []event.Event
		mic, ear string
	}{
		"both ways":           {[]event.Event{flows}, "✓ Bob hears us", "✓ we hear Bob"},
		"never reported":      {[]event.Event{more(event.RTP{Sent: 9000, Received: 9000, FarOf: 1})}, "sent, no report yet", "✓ we hear Bob"},
		"no longer reported":  {[]event.Event{more(event.RTP{Sent: 9000, Received: 9000, FarAge: event.Millis(20 * time.Second)})}, "no report for 20 s", "✓ we hear Bob"},
		"silence":             {[]event.Event{quiet, more(event.RTP{Sent: 9000, Received: 9000})}, "Bob gets silence", "silence comes"},
		"neither":             {[]event.Event{flows, stands}, "nothing is sent", "nothing comes"},
		"held by us":          {[]event.Event{flows, call(event.CallHeld, "us"), stands}, "on hold", "on hold"},
		"held by us just now": {[]event.Event{flows, call(event.CallHeld, "us")}, "on hold", "on hold"},
		"held by the peer":    {[]event.Event{flows, call(event.CallHeld, "peer"), stands}, "on hold", "on hold"},
		"music on hold":       {[]event.Event{flows, call(event.CallHeld, "peer"), stands, in}, "on hold", "✓ we hear Bob"},
		"held by both":        {[]event.Event{flows, call(event.CallHeld, "us"), call(event.CallHeld, "peer"), stands}, "on hold", "on hold"},
		"resumed":             {[]event.Event{call(event.CallHeld, "us"), call(event.CallResumed, "us"), flows}, "✓ Bob hears us", "✓ we hear Bob"},
		"muted":               {[]event.Event{call(event.CallMuted, ""), flows}, "muted", "✓ we hear Bob"},
		"muted, and not sent": {[]event.Event{call(event.CallMuted, ""), flows, stands}, "nothing is sent", "nothing comes"},
		"no microphone":       {[]event.Event{more(event.RTP{Received: 9000})}, "nothing is sent", "✓ we hear Bob"},
		"dead both ways":      {[]event.Event{more(event.RTP{Sent: 9000, Received: 9000, DeadIn: event.Seconds(time.Second), DeadOut: event.Seconds(time.Second)})}, "╳ Bob hears nothing", "╳ we hear nothing"},
		"no card":             {[]event.Event{flows, lostCard(event.Microphone), lostCard(event.Speaker)}, "no microphone", "no speaker"},
		"a card that is back": {[]event.Event{
			flows, lostCard(event.Microphone), lostCard(event.Speaker),
			event.SoundCard{Way: event.Microphone, Phase: event.SoundBack},
			event.SoundCard{Way: event.Speaker, Phase: event.SoundBack},
		}, "✓ Bob hears us", "✓ we hear Bob"},
		"a card that is not open yet": {[]event.Event{event.Start{AOR: "sip:alice@x", Mic: "device"}, flows}, "no microphone yet", "✓ we hear Bob"},
		"a card that is open":         {[]event.Event{event.Start{AOR: "sip:alice@x", Mic: "device:USB"}, flows, event.SoundCard{Way: event.Microphone, Phase: event.SoundOpen}}, "✓ Bob hears us", "✓ we hear Bob"},
		"a card that is off":          {[]event.Event{event.Start{AOR: "sip:alice@x", Mic: "device"}, flows, lostCard(event.Microphone), event.SoundCard{Way: event.Microphone, Phase: event.SoundOff}}, "✓ Bob hears us", "✓ we hear Bob"},
		"zeros":                       {[]event.Event{flows, event.SoundCard{Way: event.Microphone, Phase: event.SoundSilent}}, "only zeros", "✓ we hear Bob"},
		"refused":                     {[]event.Event{flows, more(event.RTP{Sent: 9001, Received: 9050, Unsent: 49})}, "refused by this com", "✓ we hear Bob"},
		"no longer refused":           {[]event.Event{more(event.RTP{Sent: 9000, Unsent: 49}), more(event.RTP{Sent: 9050, Received: 9050, Unsent: 49})}, "✓ Bob hears us", "✓ we hear Bob"},
		"the peer may be dead":        {[]event.Event{more(event.RTP{Sent: 9000, Received: 9000, UnknownIn: event.Seconds(20 * time.Second)})}, "✓ Bob hears us", "silent or dead, 20 s"},
		"a pause of the peer's":       {[]event.Event{flows, event.Heard{What: "silence"}, more(event.RTP{Sent: 9050, Received: 9000})}, "✓ Bob hears us", "nothing comes"},
	} {
		m, p := newTestModel(t, "call")
		m.clock.now += stripSpan // the strips are of what is seen now
		sees(m, p, c.events...)
		if why := strings.Contains(ansi.Strip(screen(m)), "no speaker: PulseAudio no longer answers"); why != (name == "no card") {
			t.Errorf("%s: why it has no card: %t", name, why)
		}
		for row, want := range map[string]string{"mic": c.mic, "ear": c.ear} {
			line := ""
			for l := range strings.Lines(ansi.Strip(screen(m))) {
				if _, of, ok := strings.Cut(l, "│ "+row+" "); ok { // the last one is in the panel of the call
					line = of
				}
			}
			if !strings.Contains(line, want) {
				t.Errorf("%s: %s is said to be %q, want %q", name, row, strings.TrimSpace(line), want)
			}
			if tick := strings.Contains(line, "✓"); tick != strings.HasPrefix(want, "✓") {
				t.Errorf("%s: %s has a tick: %q", name, row, line)
			}
		}
	}
}

// TestNothingWasCountedYet: a call without audio has none of its rows green.
func TestNothingWasCountedYet(t *testing.T) {
	m, p := newTestModel(t, "call")
	sees(m, p, event.Call{ID: 2, Phase: event.CallEnded, By: "us"}, second(event.CallIncoming))
	if got := ansi.Strip(screen(m)); strings.Count(got, "no media yet") < 2 || strings.Contains(got, "✓ ") {
		t.Errorf("of a call that rings:\n%s", got)
	}
}

// TestWhatTheFarEndHears: its MOS by RTCP XR stands beside its losses.
func TestWhatTheFarEndHears(t *testing.T) {
	m, p := newTestModel(t, "call")
	r := event.RTP{Call: 2, Received: 50, Sent: 50, FarOf: 50, FarLost: 1, FarLossPct: 2}
	sees(m, p, r)
	if got := ansi.Strip(screen(m)); strings.Contains(got, "MOS") {
		t.Errorf("without extended reports:\n%s", got)
	}
	r.FarXR = event.VoIPMetrics{Gmin: 16, MOSLQ: 4.1}
	sees(m, p, r)
	if got := ansi.Strip(screen(m)); !strings.Contains(got, "  MOS 4.1") {
		t.Errorf("with extended reports:\n%s", got)
	}
}
