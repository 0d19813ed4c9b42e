//go:build peers && cgo && linux

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/assets"
	"github.com/sleeptalk/sleeptalk/audio/audiotest"
	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/lab"
)

// TestCallThroughSoundCard is the whole phone with a sound card: what somebody
// says into the microphone arrives at a phone that others wrote, and what that
// says comes out of the loudspeaker.
//
//	Play ▶ Lips ▶ alice ▶ RTP ▶ baresip ▶ its recording
//	Record ◀ Ear ◀ alice ◀ RTP ◀ baresip, which speaks 1000 Hz
func TestCallThroughSoundCard(t *testing.T) {
	card := audiotest.Start(t)
	card.Play(pcm.Rate, pcm.Tone(pcm.Rate, 440, -10))
	port := freePort(t)
	kamailio(t, port)
	p := alice(t, port, "--mic", "device:"+audiotest.Microphone, "--speaker", "device:"+audiotest.Speaker)
	p.registered()
	bob := baresip(t, port)
	p.asleep()

	bob.do("dial", fmt.Sprintf("sip:alice@127.0.0.1:%d", port))
	expect(p, "a notification", func(e event.Notification) bool { return e.Phase == "posted" && e.Shown })
	p.say("answer from notification")
	p.call("up")
	audiotest.WantTone(t, pcm.Rate, 1000, card.Record(pcm.Rate))
	expect(p, "three seconds of audio", func(e event.RTP) bool { return e.Received > 150 && e.Sent > 150 })

	p.say("hang up")
	bob.expect("CALL_CLOSED")
	if code := p.quit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	hears(t, "baresip", bob.recording(), 440)
}

// withCard is alice's phone, registered at addr, with both devices of the sound card: of two
// flags the last counts.
func withCard(t *testing.T, addr string, flags ...string) *tester {
	t.Helper()
	devices := []string{"--mic", "device:" + audiotest.Microphone, "--speaker", "device:" + audiotest.Speaker}
	p := start(t, phoneOf("alice", addr, append(devices, flags...)...)...)
	p.registered()
	return p
}

// TestWidebandThroughSoundCard: a tone that no telephone carries goes into the microphone, in
// G.722 to the echo, and comes out of the loudspeaker.
func TestWidebandThroughSoundCard(t *testing.T) {
	card := audiotest.Start(t)
	card.Play(pcm.WideRate, pcm.Tone(pcm.WideRate, wideHz, -10))
	lab := start(t, "lab", "--json", "--listen", "127.0.0.1:0")
	addr := lab.listens("listening")
	p := withCard(t, addr, "--codecs", "pcmu,g722")
	p.say("call echo")
	p.call("up") // in PCMU, which comes first
	p.claim("expect codec pcmu")
	p.say("hang up")
	p.call("ended")
	p.quit()

	p = withCard(t, addr, "--codecs", "g722,pcmu")
	p.say("call echo")
	p.call("up")
	p.claim("expect codec g722")
	audiotest.WantTone(t, pcm.WideRate, wideHz, card.Record(pcm.WideRate))
	p.say("hang up")
	p.call("ended")
	p.quit()
}

// TestSpeechThroughSoundCard is the same call in the lab: bob says from what
// he hears that it is the tone, and the loudspeaker says bob's speech, not
// just a sound.
func TestSpeechThroughSoundCard(t *testing.T) {
	card := audiotest.Start(t)
	card.Play(pcm.Rate, pcm.Tone(pcm.Rate, 1000, -10))
	lab := start(t, "lab", "--json", "--listen", "127.0.0.1:0")
	addr := lab.listens("listening")
	p := withCard(t, addr)
	heard := card.Record(pcm.Rate)
	lab.say("bob calls alice")
	p.call("incoming")
	p.say("answer")
	expect(lab, "alice's tone", func(e event.Heard) bool { return e.What == "tone" && e.Hz > 980 && e.Hz < 1020 })
	wantSpeech(t, heard)
	p.say("hang up")
	if code := p.quit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

// TestSoundServerDiesInACall kills the sound server while somebody talks: the log says
// so of both directions, and the call goes on. When the server is there again, both are
// taken up again, in this call and in the next.
func TestSoundServerDiesInACall(t *testing.T) {
	card := audiotest.Start(t)
	card.Play(pcm.Rate, pcm.Tone(pcm.Rate, 1000, -10))
	addr := start(t, "lab", "--json", "--listen", "127.0.0.1:0").listens("listening")
	p := withCard(t, addr)
	p.say("call echo")
	p.call("up")
	expect(p, "audio", func(e event.RTP) bool { return e.Received > 50 && e.Sent > 50 })
	card.Kill()
	lost := map[event.SoundWay]bool{}
	for len(lost) < 2 {
		e := expect(p, "the loss of both directions", func(e event.SoundCard) bool { return e.Rule == event.RuleSoundLost })
		t.Log(e.Text())
		lost[e.Way] = true
	}
	before := expect(p, "audio of the network", func(e event.RTP) bool { return e.Received > 50 })
	expect(p, "more of it", func(e event.RTP) bool { return e.Received > before.Received+50 && e.Sent > before.Sent+50 })
	card.Restart()
	card.Play(pcm.Rate, pcm.Tone(pcm.Rate, 1000, -10))
	soundCard(p, event.SoundBack)
	audiotest.WantTone(t, pcm.Rate, 1000, card.Record(pcm.Rate)) // what the echo says
	p.say("hang up")
	if e := p.call("ended"); e.By != "us" {
		t.Errorf("the call ended by %s: %s", e.By, e.Reason)
	}
	p.say("call echo")
	soundCard(p, event.SoundOpen)
	audiotest.WantTone(t, pcm.Rate, 1000, card.Record(pcm.Rate))
	p.say("hang up")
	if code := p.quit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

// soundCard expects a step of both directions, with the names of the devices.
func soundCard(p *tester, phase event.SoundCardPhase) {
	p.t.Helper()
	names := map[string]bool{}
	for !names[audiotest.Speaker] || !names[audiotest.Microphone] {
		names[expect(p, "the sound card, "+string(phase), func(e event.SoundCard) bool { return e.Phase == phase }).Name] = true
	}
}

// TestHeadsetIsPulled takes the speaker away that a phone was told to use: it is said,
// nothing else plays, and what comes is played again when it is back.
func TestHeadsetIsPulled(t *testing.T) {
	card := audiotest.Start(t)
	card.Play(pcm.Rate, pcm.Tone(pcm.Rate, 1000, -10))
	addr := start(t, "lab", "--json", "--listen", "127.0.0.1:0").listens("listening")
	p := withCard(t, addr)
	p.say("call echo")
	soundCard(p, event.SoundOpen)
	card.Unplug()
	p.claim("expect sound-card lost of speaker with Ear within 5s")
	p.claim("expect error sound-lost within 1s")
	p.claim("expect no sound-card lost of microphone for 2s")
	p.claim("expect rtp received > 100 within 5s")
	card.Plug()
	p.claim("expect sound-card back of speaker with Ear within 10s")
	audiotest.WantTone(t, pcm.Rate, 1000, card.Record(pcm.Rate))
	p.say("hang up")
	if code := p.quit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

// TestDefaultMoves makes another speaker the default while a phone uses the one that was:
// it says so, and uses that.
func TestDefaultMoves(t *testing.T) {
	card := audiotest.Start(t)
	card.Default(true)
	card.Play(pcm.Rate, pcm.Tone(pcm.Rate, 1000, -10))
	addr := start(t, "lab", "--json", "--listen", "127.0.0.1:0").listens("listening")
	p := withCard(t, addr, "--speaker", "device")
	p.say("call ring")
	p.claim("expect sound-card open of speaker with Ear within 10s")
	card.Default(false)
	p.claim("expect sound-card moved of speaker with Mouth within 10s")
	p.claim("expect sound-card back of speaker with Mouth within 10s")
	card.Default(true)
	p.claim("expect sound-card back of speaker with Ear within 10s")
	p.say("hang up")
	if code := p.quit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

// TestTwoPhonesWithCards: two phones, each with a microphone and a speaker of its own,
// hear each other, and go on while the one is in the background and after: what the
// speaker of each plays is the other's speech and tone.
func TestTwoPhonesWithCards(t *testing.T) {
	card := audiotest.Start(t)
	second := card.Second()
	file, err := assets.Files.Open("sounds/en-hello.wav")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	speech, err := pcm.ReadWAV(file)
	if err != nil {
		t.Fatal(err)
	}
	card.Play(pcm.Rate, speech.Open(pcm.Rate, true))
	second.Play(pcm.Rate, pcm.Tone(pcm.Rate, 1000, -10))
	addr := start(t, "lab", "--json", "--listen", "127.0.0.1:0").listens("listening")
	alice := start(t, phoneOf("alice", addr, "--mic", "device:"+card.Microphone, "--speaker", "device:"+card.Speaker)...)
	carol := start(t, phoneOf("carol", addr, "--mic", "device:"+second.Microphone, "--speaker", "device:"+second.Speaker)...)
	alice.registered()
	carol.registered()
	alice.say("call carol")
	carol.call("incoming")
	carol.say("answer")
	alice.call("up")
	both := func() {
		t.Helper()
		audiotest.WantTone(t, pcm.Rate, 1000, card.Record(pcm.Rate))
		wantSpeech(t, second.Record(pcm.Rate))
	}
	both()
	alice.say("background")
	expect(alice, "the background", func(e event.State) bool { return e.To == event.InCall })
	both()
	alice.say("foreground")
	expect(alice, "the foreground", func(e event.State) bool { return e.To == event.Foreground })
	both()
	alice.say("hang up")
	for _, p := range []*tester{alice, carol} {
		if code := p.quit(); code != 0 {
			t.Errorf("exit code %d, want 0", code)
		}
	}
}

// TestDeadMicIsSaid: a microphone to which nobody plays is said within two seconds of a
// call, and when it gives sound.
func TestDeadMicIsSaid(t *testing.T) {
	card := audiotest.Start(t)
	addr := start(t, "lab", "--json", "--listen", "127.0.0.1:0").listens("listening")
	p := withCard(t, addr, "--speaker", "none")
	p.say("call echo")
	p.claim("expect sound-card open of microphone within 10s")
	p.claim("expect error dead-mic within 2s")
	card.Play(pcm.Rate, pcm.Tone(pcm.Rate, 1000, -10))
	p.claim("expect sound-card back of microphone within 10s")
	if code := p.quit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

// TestSoundLibrariesAreQuiet: what the library of PulseAudio complains of is not written
// on the screen.
func TestSoundLibrariesAreQuiet(t *testing.T) {
	audiotest.Start(t)
	nowhere := exec.Command("sleeptalk", "devices")
	nowhere.Env = append(os.Environ(), "HOME=/proc/nowhere", "XDG_RUNTIME_DIR=/proc/nowhere", "XDG_CONFIG_HOME=/proc/nowhere", "PULSE_SERVER=unix:/proc/nowhere")
	if said, err := nowhere.CombinedOutput(); err != nil || !strings.HasPrefix(string(said), "PulseAudio is not there\n") {
		t.Errorf("%v: %s", err, said)
	}
	here, err := exec.Command("sleeptalk", "devices").CombinedOutput()
	if err != nil || !strings.Contains(string(here), "  speaker     "+audiotest.Speaker) {
		t.Errorf("%v: %s", err, here)
	}
}

// TestDeviceByName checks the names of devices when the program starts, not in the
// first call.
func TestDeviceByName(t *testing.T) {
	audiotest.Start(t)
	cmd := exec.Command("sleeptalk", "phone", "--json", "--server", "127.0.0.1:1", "--user", "alice", "--speaker", "device:"+audiotest.Speaker, "--mic", "device:Lisp")
	said, err := cmd.CombinedOutput()
	if failed, ok := errors.AsType[*exec.ExitError](err); !ok || failed.ExitCode() != 4 {
		t.Errorf("%v, want exit code 4", err)
	}
	if !strings.Contains(string(said), "did you mean Lips?") {
		t.Errorf("it says %q", said)
	}
	names, err := exec.Command("sleeptalk", "__complete", "phone", "--speaker", "device:").Output()
	if err != nil || !strings.Contains(string(names), "device:"+audiotest.Speaker+"\n") {
		t.Errorf("completed by %q, %v", names, err)
	}
}

// wantSpeech reads frames until the ear hears the built-in sample.
func wantSpeech(t *testing.T, read func(frame []int16) error) {
	t.Helper()
	sample, err := lab.Hello()
	if err != nil {
		t.Fatal(err)
	}
	ear := pcm.NewEar(pcm.Rate, sample)
	frame := make([]int16, pcm.FrameSamples)
	for {
		if err := read(frame); err != nil {
			t.Fatalf("no speech: %v", err)
		}
		for _, h := range ear.Write(frame) {
			if h.What == "sample" {
				t.Logf("heard %s, alike %.2f", h.Name, h.Score)
				return
			}
		}
	}
}
