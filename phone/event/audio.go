package event

import (
	"fmt"
	"time"
)

// Audio is what a stretch of a call's audio was like, in cells of equal length, oldest
// first; there is one about every second. A list is as long as the stretch, or left out
// where it would have nothing but zeros.
type Audio struct {
	Call int    `json:"call"`
	Cell Millis `json:"cell_ms"`          // the length of a cell
	Ago  Millis `json:"ago_ms,omitempty"` // how long before this record the last cell ended
	// How loud the microphone and the ear were, in dBFS: 0 is full scale, -96 is silence.
	// What is made up in place of packets is not heard.
	Mic []int `json:"mic_db,omitempty"`
	Ear []int `json:"ear_db,omitempty"`
	// Packets of RTP of ours: those sent, and those that this computer has refused to send.
	Sent   []int `json:"sent,omitempty"`
	Unsent []int `json:"unsent,omitempty"`
	// Packets of the far end: how many had to come by the clock, how many came, how many
	// of those too late to be played, and how many were found to be missing by their
	// sequence numbers.
	Due  []int `json:"due,omitempty"`
	Came []int `json:"came,omitempty"`
	Late []int `json:"late,omitempty"`
	Lost []int `json:"lost,omitempty"`
	// Former says that an older version wrote it, which told only how loud the whole phone
	// was: of what any call sounded like it says nothing.
	Former bool `json:"former,omitempty"`
}

// formerAudio is the kind of event that an Audio has taken the place of. It keeps its place, for
// other events name records by their numbers.
const formerAudio = "levels"

// An AudioCell is one cell of an [Audio].
type AudioCell struct {
	Mic, Ear              int8 // dBFS
	Sent, Unsent          uint16
	Due, Came, Late, Lost uint16
}

// AudioSilence is the level of silence in an [AudioCell], in dBFS.
const AudioSilence = -96

// maxAudioCells bounds the cells of an event (our own number): a session that is not called
// for two seconds begins anew, and a cell is a fifth of a second.
const maxAudioCells = 50

// NewAudio makes an event of cells.
func NewAudio(call int, length, ago time.Duration, cells []AudioCell) Audio {
	e := Audio{Call: call, Cell: Millis(length), Ago: Millis(ago)}
	cells = cells[max(0, len(cells)-maxAudioCells):]
	for i, c := range cells {
		e.Mic, e.Ear = append(e.Mic, int(c.Mic)), append(e.Ear, int(c.Ear))
		for _, p := range [...]struct {
			to *[]int
			n  uint16
		}{{&e.Sent, c.Sent}, {&e.Unsent, c.Unsent}, {&e.Due, c.Due}, {&e.Came, c.Came}, {&e.Late, c.Late}, {&e.Lost, c.Lost}} {
			if *p.to == nil && p.n != 0 {
				*p.to = make([]int, i, len(cells))
			}
			if *p.to != nil {
				*p.to = append(*p.to, int(p.n))
			}
		}
	}
	return e
}

// Cells are the cells, oldest first. What an event of somebody else's has too many of, or
// what no phone counts, is cut off.
func (e Audio) Cells() []AudioCell {
	n := min(maxAudioCells, max(len(e.Mic), len(e.Ear)))
	cells := make([]AudioCell, n)
	for i := range cells {
		level := func(list []int) int8 {
			if i >= len(list) {
				return AudioSilence
			}
			return int8(max(AudioSilence, min(0, list[i])))
		}
		count := func(list []int) uint16 {
			if i >= len(list) {
				return 0
			}
			return uint16(max(0, min(1<<16-1, list[i])))
		}
		cells[i] = AudioCell{
			Mic: level(e.Mic), Ear: level(e.Ear), Sent: count(e.Sent), Unsent: count(e.Unsent),
			Due: count(e.Due), Came: count(e.Came), Late: count(e.Late), Lost: count(e.Lost),
		}
	}
	return cells
}

// Length is the length of a cell: a moment at least, whatever an event of somebody else's says.
func (e Audio) Length() time.Duration { return max(time.Millisecond, e.Cell.D()) }

// Begins is when cell i of n begins, in a record at a device time.
func (e Audio) Begins(at time.Duration, i, n int) time.Duration {
	return at - max(0, e.Ago.D()) - time.Duration(n-i)*e.Length()
}

func (e Audio) Text() (string, string) {
	mic, ear := AudioSilence, AudioSilence
	var came, late, lost uint64
	for _, c := range e.Cells() {
		mic, ear = max(mic, int(c.Mic)), max(ear, int(c.Ear))
		came, late, lost = came+uint64(c.Came), late+uint64(c.Late), lost+uint64(c.Lost)
	}
	return "audio", join(", ", fmt.Sprintf("mic %d dB, ear %d dB", mic, ear), fmt.Sprintf("%d packets came", came),
		unless(late == 0, "%d late", late), unless(lost == 0, "%d lost", lost))
}
