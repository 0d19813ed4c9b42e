package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/audio/pcm"
)

// A peer is a phone that others wrote, to measure beside this one.
type peer struct {
	program, pkg string // pkg: of Debian
}

var (
	baresipPeer = peer{"baresip", "baresip-core"}
	sippPeer    = peer{"sipp", "sip-tester"}
)

// missing says what to do about a peer that is not installed; "" if it is.
func (p peer) missing() string {
	if _, err := exec.LookPath(p.program); err != nil {
		return fmt.Sprintf("%s, which is not installed: apt-get install %s", p.program, p.pkg)
	}
	return ""
}

// baresipUser is the user name of baresip.
const baresipUser = "bob"

// baresipModules are the places where baresip's modules are: of Debian, of a
// build from source, of Homebrew on ARM.
var baresipModules = []string{"/usr/lib/baresip/modules", "/usr/local/lib/baresip/modules", "/opt/homebrew/lib/baresip/modules"}

// baresipConfig is baresip with as little of it as this phone has: TCP, one codec,
// files of its rate for a microphone and a loudspeaker, no sound for ringing.
// Its own source of tones, ausine, has 48 kHz only, and would have it resample.
const baresipConfig = `poll_method epoll
sip_listen 127.0.0.1:0
call_local_timeout 120
call_max_calls 4
ring_aufile none
audio_player @PLAYER@
audio_source @SOURCE@
audio_alert aufile,@DIR@/alert.wav
audio_buffer 20-160
ausrc_srate @RATE@
auplay_srate @RATE@
net_interface 127.0.0.1
module_path @MODULES@
module aufile.so
@MORE@module_tmp account.so
module_app menu.so
`

// A peerPhone is a peer that runs.
type peerPhone struct {
	*subject
	flow *flow
}

// baresipOptions are what one baresip has, and others have not.
type baresipOptions struct {
	user    string
	answer  string // its answermode: manual or auto
	codec   codec.Codec
	source  string // of its audio; "": a file with a tone
	player  string // "": a file
	modules []string
	config  string            // more of it
	account string            // more of its parameters
	env     []string          // more of its environment
	files   map[string]string // more of them, by name, in its directory, which is its home
}

// baresip starts baresip, which registers. answer is its answermode: manual or
// auto.
func (b *bench) baresip(ctx context.Context, answer string, c codec.Codec) (*peerPhone, error) {
	return b.baresipWith(ctx, baresipOptions{user: baresipUser, answer: answer, codec: c})
}

// baresipWith starts baresip, which registers.
func (b *bench) baresipWith(ctx context.Context, o baresipOptions) (*peerPhone, error) {
	s, err := newSubject(ctx, baresipPeer.program)
	if err != nil {
		return nil, err
	}
	p := &peerPhone{subject: s}
	if err := p.register(ctx, b, o); err != nil {
		p.kill()
		return nil, fmt.Errorf("baresip: %w: %s", err, lastLine(p.output.String()))
	}
	return p, nil
}

func (p *peerPhone) register(ctx context.Context, b *bench, o baresipOptions) (err error) {
	config, err := p.config(o)
	if err != nil {
		return err
	}
	account := fmt.Sprintf("<sip:%s@%s;transport=tcp>;auth_pass=none;regint=600;answermode=%s;audio_codecs=%s%s\n", o.user, b.server.addr(), o.answer, o.codec.Short(), o.account)
	if err := writeWAV(filepath.Join(p.dir, "tone.wav"), o.codec.SampleRate, toneSamples(o.codec.SampleRate)); err != nil {
		return err
	}
	files := map[string]string{"config": config, "accounts": account, "contacts": ""}
	maps.Copy(files, o.files)
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	p.cmd.Args = append(p.cmd.Args, "-f", p.dir)
	p.cmd.Env = append(append(os.Environ(), o.env...), "HOME="+p.dir)
	p.cmd.Stdout = &p.output
	if err := p.start(); err != nil {
		return err
	}
	p.flow, err = b.server.registered(ctx, o.user)
	return err
}

// config is the text of its configuration.
func (p *peerPhone) config(o baresipOptions) (string, error) {
	modules, err := firstDir(baresipModules)
	if err != nil {
		return "", err
	}
	more := o.config
	if o.codec.Name == codec.Opus.Name {
		more += opusConfig
	}
	for _, name := range append(baresipCodec(o.codec), o.modules...) {
		more += "module " + name + ".so\n"
	}
	return strings.NewReplacer(
		"@DIR@", p.dir, "@MODULES@", modules, "@RATE@", strconv.Itoa(o.codec.SampleRate), "@MORE@", more,
		"@SOURCE@", cmp.Or(o.source, "aufile,"+p.dir+"/tone.wav"), "@PLAYER@", cmp.Or(o.player, "aufile,"+p.dir+"/heard.wav"),
	).Replace(baresipConfig), nil
}

// opusConfig has baresip speak Opus as this phone does: one channel, at the bit rate of
// 48 kHz, with as much computing.
const opusConfig = "opus_stereo no\nopus_sprop_stereo no\nopus_application audio\nopus_bitrate 40000\nopus_complexity 5\n"

// baresipCodec is the module of a codec.
func baresipCodec(c codec.Codec) []string {
	switch c.Name {
	case codec.G722.Name:
		return []string{"g722"}
	case codec.Opus.Name:
		return []string{"opus"}
	}
	return []string{"g711"}
}

// toneSamples is more of a tone than any call lasts.
func toneSamples(rate int) []int16 {
	samples := make([]int16, rate*int((patience+callSettles+callLength)/time.Second))
	pcm.Tone(rate, 440, toneLevel).Read(samples)
	return samples
}

// toneLevel is the level of sleeptalk's own tone, in dBFS.
const toneLevel = -10

func firstDir(names []string) (string, error) {
	for _, name := range names {
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			return name, nil
		}
	}
	return "", fmt.Errorf("its modules are in none of %s: %w", strings.Join(names, ", "), fs.ErrNotExist)
}

// sipp starts SIPp's own callee, which rings and answers at once, and connects
// to it.
func (b *bench) sipp(ctx context.Context) (*peerPhone, error) {
	port, err := unusedPort()
	if err != nil {
		return nil, err
	}
	s, err := newSubject(ctx, sippPeer.program, "-sn", "uas", "-t", "t1", "-i", "127.0.0.1", "-p", strconv.Itoa(port), "-nostdin")
	if err != nil {
		return nil, err
	}
	p := &peerPhone{subject: s}
	if err = p.start(); err == nil {
		p.flow, err = b.server.connect(ctx, "service", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	}
	if err != nil {
		p.kill()
		return nil, fmt.Errorf("sipp: %w: %s", err, lastLine(p.output.String()))
	}
	return p, nil
}

// connect dials a phone that does not register, until it listens, and calls a user there.
func (s *server) connect(ctx context.Context, user, addr string) (*flow, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	retry := time.NewTicker(10 * time.Millisecond)
	defer retry.Stop()
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
		if err == nil {
			f := s.newFlow(conn)
			f.contact = "sip:" + user + "@" + addr + ";transport=tcp"
			go f.read()
			return f, nil
		}
		select {
		case <-retry.C:
		case <-ctx.Done():
			return nil, errors.Join(err, ctx.Err())
		}
	}
}

func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return text[strings.LastIndexByte(text, '\n')+1:]
}
