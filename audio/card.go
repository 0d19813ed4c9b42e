//go:build cgo

package audio

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/gen2brain/malgo"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
)

// ErrNoAudio says that there is no sound card to use.
var ErrNoAudio = errors.New("no sound card")

// A Card is an open sound card. Its methods are safe for concurrent use.
type Card struct {
	config   Config
	session  *session
	devices  []*malgo.Device
	names    [2]string // of the microphone and of the speaker
	captured *ring
	playout  *playout

	beats   [2]heartbeat
	watched chan struct{} // closed when watch has ended
	gone    atomic.Bool   // it is lost

	wake  chan struct{} // signals that a ring has changed
	lost  chan error    // why a device is lost
	done  chan struct{}
	close sync.Once
}

// Open opens and starts the sound card. It fails with [ErrNoAudio] if the
// machine has none, or if the sound system does not answer.
func Open(config Config) (*Card, error) { return new(Opener).Open(config) }

// An Opener opens the sound card again and again. A sound system that does not
// answer is asked no more until it does: each question would keep a thread. Its zero
// value is ready, and safe for concurrent use.
type Opener struct{ waits atomic.Int32 }

// maxWaits is one question for each direction.
const maxWaits = 2

// Open is [Open].
func (o *Opener) Open(config Config) (*Card, error) {
	return o.ask(openWithin, func() (*Card, error) { return open(config) })
}

// ask returns what f returns within d. A card that comes later is closed.
func (o *Opener) ask(d time.Duration, f func() (*Card, error)) (*Card, error) {
	if o.waits.Add(1) > maxWaits {
		o.waits.Add(-1)
		return nil, errMute
	}
	return within(d, func() (*Card, error) {
		defer o.waits.Add(-1)
		return f()
	}, func(c *Card) { c.Close() })
}

func open(config Config) (*Card, error) {
	s, err := openSession(config.System, config.Capture, config.Playout)
	if err != nil {
		return nil, err
	}
	if config.Guard == nil {
		config.Guard = func(f func()) { f() }
	}
	if config.Rate == 0 {
		config.Rate = pcm.Rate
	}
	c := &Card{
		config: config, session: s, captured: newRing(config.Rate), playout: newPlayout(config.Rate), watched: make(chan struct{}),
		wake: make(chan struct{}, 1), lost: make(chan error, 1), done: make(chan struct{}),
	}
	err = c.start()
	go c.watch(time.NewTicker(watchEvery))
	if err != nil {
		c.Close()
		return nil, err
	}
	go config.Guard(c.pump)
	return c, nil
}

// start opens and starts the devices that are wanted.
func (c *Card) start() error {
	if c.config.Capture {
		name, err := c.open(malgo.Capture, microphone, c.config.CaptureDevice, func(_, in []byte, _ uint32) {
			c.captured.put(samplesOf(in))
			c.beats[0].count.Add(1)
			c.notify()
		})
		if err != nil {
			return err
		}
		c.names[0] = name
	}
	if c.config.Playout {
		name, err := c.open(malgo.Playback, speaker, c.config.PlayoutDevice, func(out, _ []byte, _ uint32) {
			c.playout.fill(samplesOf(out))
			c.beats[1].count.Add(1)
			c.notify()
		})
		if err != nil {
			return err
		}
		c.names[1] = name
	}
	return nil
}

// open opens and starts one device and returns its name.
func (c *Card) open(kind malgo.DeviceType, what, name string, data malgo.DataProc) (string, error) {
	config := malgo.DefaultDeviceConfig(kind)
	config.SampleRate = uint32(c.config.Rate)
	period, room := c.session.buffers(kind)
	config.PeriodSizeInFrames, config.Periods = uint32(pcm.Samples(period, c.config.Rate)), room
	config.NoFixedSizedCallback = 1       // the rings take any: nothing need wait until a period is full
	config.Resampling.Linear.LpfOrder = 8 // the steepest there is, for cards that have not this rate
	config.Pulse = malgo.PulseDeviceConfig{StreamNameCapture: "call", StreamNamePlayback: "call"}
	side := &config.Capture
	if kind == malgo.Playback {
		side = &config.Playback
	}
	side.Format, side.Channels = malgo.FormatS16, 1

	infos, err := c.session.infos(kind)
	if err != nil {
		return "", fmt.Errorf("list %ss: %w", what, err)
	}
	devices := devicesOf(infos)
	at, err := choose(what, name, devices)
	if err != nil {
		return "", err
	}
	if at >= 0 {
		// miniaudio copies the ID while it opens the device.
		var pin runtime.Pinner
		defer pin.Unpin()
		pin.Pin(&infos[at].ID)
		side.DeviceID = unsafe.Pointer(&infos[at].ID)
	}
	name = nameOf(at, devices)
	device, err := malgo.InitDevice(c.session.Context, config, malgo.DeviceCallbacks{
		Data: data,
		Stop: func() { c.loses(fmt.Errorf("the %s %q has stopped", what, name)) },
	})
	if err != nil {
		return "", fmt.Errorf("open %s %q: %w", what, name, err)
	}
	c.devices = append(c.devices, device)
	if err := device.Start(); err != nil {
		return "", fmt.Errorf("start %s %q: %w", what, name, err)
	}
	return name, nil
}

// unnamed is the name of a default device that the sound system does not name.
const unnamed = "default"

// nameOf returns the name of the chosen device.
func nameOf(at int, devices []Device) string {
	if at >= 0 {
		return devices[at].Name
	}
	for _, d := range devices {
		if d.Default {
			return d.Name
		}
	}
	return unnamed
}

// samplesOf converts the bytes of an audio thread, which are in the machine's
// byte order, to samples.
func samplesOf(b []byte) []int16 {
	return unsafe.Slice((*int16)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/2)
}

// notify wakes the pump. It is called on an audio thread.
func (c *Card) notify() {
	select {
	case c.wake <- struct{}{}:
	default: // it is awake
	}
}

// loses notes why a device is lost, if it is the first. It may be called on an
// audio thread.
func (c *Card) loses(why error) {
	select {
	case c.lost <- why:
	default:
	}
}

// pump makes the callbacks until the card is closed or lost.
func (c *Card) pump() {
	check := time.NewTicker(checkEvery)
	defer check.Stop()
	for {
		select {
		case <-c.done:
			return
		case why := <-c.lost:
			c.tellLost(why)
			return
		case <-check.C:
			if err := c.checkBeats(); err != nil {
				c.tellLost(err)
				return
			}
		case <-c.wake:
			c.deliver()
			c.demand()
		}
	}
}

func (c *Card) tellLost(err error) {
	c.gone.Store(true)
	if c.config.OnLost != nil && !c.closed() {
		c.config.OnLost(err)
	}
}

// A heartbeat counts how often a device has transferred sound. miniaudio does
// not notice a PulseAudio server that has died: its thread just waits for ever.
type heartbeat struct {
	count  atomic.Uint64 // counted by the audio thread
	seen   uint64        // by the pump, at its last check
	missed int           // checks since the count last grew
}

// A device that has transferred no sound for a second is lost. It has four to
// begin, as it has not before so many transfers: an idle null sink takes what fills
// its buffer, and goes on two seconds later.
const (
	beatsToBegin  = 25
	checkEvery    = 250 * time.Millisecond
	checksToStall = 4
	checksToBegin = 16
)

// checkBeats finds a device that no longer transfers sound.
func (c *Card) checkBeats() error {
	for i, what := range []string{microphone, speaker} {
		if c.names[i] == "" {
			continue
		}
		if stalled := c.beats[i].check(); stalled > 0 {
			return fmt.Errorf("the %s %q has transferred no sound for %s", what, c.names[i], stalled)
		}
	}
	return nil
}

// check returns for how long a device has transferred no sound, if it is too long. It
// counts its own calls, not the time: this process may have stood still.
func (b *heartbeat) check() time.Duration {
	if n := b.count.Load(); n != b.seen {
		b.seen, b.missed = n, 0
		return 0
	}
	b.missed++
	if b.missed >= checksToBegin || b.seen >= beatsToBegin && b.missed >= checksToStall {
		return time.Duration(b.missed) * checkEvery
	}
	return 0
}

func (c *Card) closed() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// deliver passes on the complete frames.
func (c *Card) deliver() {
	for n := pcm.Frame(c.config.Rate); c.captured.level() >= n && !c.closed(); {
		frame := make([]int16, n)
		c.captured.take(frame)
		if c.config.OnCapture != nil {
			c.config.OnCapture(frame)
		}
	}
}

// demand asks for sound to play.
func (c *Card) demand() {
	if !c.config.Playout || c.config.OnPlayout == nil || c.closed() {
		return
	}
	if n := c.playout.wants(); n > 0 {
		c.config.OnPlayout(n)
	}
}

// Play hands sound to the speaker. Samples beyond the ring's size are dropped:
// only a program that plays unasked sends so many.
func (c *Card) Play(samples []int16) { c.playout.play(samples) }

// Names returns the names of the open microphone and speaker, "" for one that
// is not open.
func (c *Card) Names() (capture, playout string) { return c.names[0], c.names[1] }

// System returns the name of the sound system that the card is part of.
func (c *Card) System() string { return c.session.name }

// errDeaf means that the sound system does not respond.
var errDeaf = errors.New("the sound system does not respond; its devices are abandoned")

// closeWithin is how long Close waits: a device stops within a few periods.
const closeWithin = 2 * time.Second

// Close stops the devices. It may be called from anywhere, and more than once;
// a callback that is under way when it returns is the last. It never hangs,
// although miniaudio would wait for ever for a server that has died; for a card
// that is lost it does not wait at all.
func (c *Card) Close() error {
	var err error
	c.close.Do(func() {
		close(c.done)
		released := make(chan error, 1)
		go func() { released <- c.release() }()
		if c.gone.Load() {
			return
		}
		select {
		case err = <-released:
		case <-time.After(closeWithin):
			err = errDeaf
		}
	})
	return err
}

func (c *Card) release() error {
	<-c.watched
	for _, d := range c.devices {
		d.Uninit()
	}
	return c.session.end()
}
