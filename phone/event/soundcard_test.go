package event

import "testing"

// TestFoldSoundCard: of each direction the last step is known, and what has gone wrong is a
// problem.
func TestFoldSoundCard(t *testing.T) {
	var f Fold
	f.Apply(Record{Seq: 1, Phone: "alice", Event: Start{}})
	lost := SoundCard{Way: Speaker, Phase: SoundLost, Name: "Ear", System: "PulseAudio", Why: "it is gone", Rule: RuleSoundLost, Hint: "plug it in"}
	open := SoundCard{Way: Microphone, Phase: SoundOpen, Name: "Lips"}
	for i, e := range []Event{SoundCard{Way: Speaker, Phase: SoundOpen}, lost, open} {
		f.Apply(Record{Seq: uint64(i + 2), Phone: "alice", Event: e})
	}
	if f.Card.Speaker != lost || f.Card.Microphone != open || f.Card.Speaker.Works() || !f.Card.Microphone.Works() {
		t.Errorf("the card is %+v", f.Card)
	}
	if len(f.Problems) != 1 || f.Counts.Errors != 1 {
		t.Fatalf("%d problems, %d errors, want one", len(f.Problems), f.Counts.Errors)
	}
	if p := f.Problems[0]; p.What != "speaker lost" || p.Detail != `"Ear" of PulseAudio, it is gone` || p.Hint != "plug it in" {
		t.Errorf("the problem is %+v", p)
	}
	if FailureOf(lost) != RuleSoundLost || FailureOf(open) != "" {
		t.Error("who has failed?")
	}
}
