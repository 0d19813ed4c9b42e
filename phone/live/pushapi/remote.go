package pushapi

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/push/apns"
	"github.com/sleeptalk/sleeptalk/phone/push/fcm"
	"github.com/sleeptalk/sleeptalk/phone/push/webpush"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

const (
	// backoff is how long a device waits before it reconnects; it doubles
	// each time up to longestBackoff, until a stream has been open for that
	// long. Both are our own numbers.
	backoff, longestBackoff = time.Second, time.Minute
	// maxSending is how many pushes may be on their way to the service.
	maxSending = 256
)

// A Remote lets the hosts of this process use the push service of another: they
// wait for pushes at its device door, and push through its provider APIs.
type Remote struct {
	client *Client
	id     string // identifies this process in the ids of its devices

	mu      sync.Mutex
	leaves  map[*live.Host]func() // ends the stream of a host
	sending chan struct{}         // takes one for each push on its way
	backoff time.Duration
}

// NewRemote returns the push service that a client connects to. id
// distinguishes the devices of this process from those of others.
func NewRemote(c *Client, id string) *Remote {
	return &Remote{client: c, id: id, leaves: map[*live.Host]func(){}, sending: make(chan struct{}, maxSending), backoff: backoff}
}

// Carry executes a call of a host's machine.
func (r *Remote) Carry(now time.Time, h *live.Host, c system.Effect) []event.Event {
	switch c := c.(type) {
	case system.SendPush:
		p := c.Push
		if !p.Expires.IsZero() {
			p.Expires = time.Now().Add(p.Expires.Sub(now))
		}
		return r.send(h, p)
	case system.OpenPush:
		r.open(h, Device{Token: c.Token})
	case system.Subscribe:
		r.open(h, Device{Token: c.Name, Web: true, Key: c.Key})
	case system.ClosePush:
		r.Leave(h)
	}
	return nil
}

// Leave ends the stream of a host.
func (r *Remote) Leave(h *live.Host) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if leave := r.leaves[h]; leave != nil {
		leave()
		delete(r.leaves, h)
	}
}

// send pushes through the provider API that p names. The outcome is logged when
// the answer arrives.
func (r *Remote) send(h *live.Host, p system.Push) []event.Event {
	select {
	case r.sending <- struct{}{}:
	default:
		return []event.Event{push.Told(p, event.PushRefused, fmt.Sprintf("%d pushes are on their way to the push service", maxSending))}
	}
	go h.Guard("push", func() {
		defer func() { <-r.sending }()
		h.Pushed(push.Step{For: h.Name(), Event: r.answer(p)})
	})
	return nil
}

// answer sends a push and returns its outcome.
func (r *Remote) answer(p system.Push) event.Push {
	req, err := requestOf(p)
	var got Result
	if err == nil {
		got, err = r.client.Send(context.Background(), req)
	}
	switch {
	case err != nil:
		return push.Told(p, event.PushRefused, short(err).Error())
	case !got.Taken():
		return push.Told(p, event.PushRefused, push.Words(got.Status, got.Reason, got.Message))
	}
	p.ID = got.ID
	return push.Told(p, event.PushSent, "")
}

// requestOf returns the request for a push to the provider API of its service.
func requestOf(p system.Push) (push.Request, error) {
	switch p.Provider {
	case "fcm":
		return fcm.Write(time.Now(), p), nil
	case push.WebPush:
		return webpush.Write(time.Now(), p)
	}
	// With apns, pn-param is TEAMID.TOPIC (RFC 8599 §8.7).
	if _, topic, ok := strings.Cut(p.Param, "."); ok {
		p.Param = topic
	}
	if p.Background {
		p.Param = strings.TrimSuffix(p.Param, ".voip")
		return apns.Write(p, "background", nil), nil
	}
	return apns.Write(p, apns.KindOf(p.Param), nil), nil
}

// open makes a host hold a stream for a token, instead of any earlier one.
func (r *Remote) open(h *live.Host, as Device) {
	r.Leave(h)
	ctx, cancel := context.WithCancel(context.Background())
	r.mu.Lock()
	r.leaves[h] = cancel
	r.mu.Unlock()
	go h.Guard("push stream", func() { r.wait(ctx, h, as) })
}

// lasted reports whether a stream that began then has been open for so long that
// the service counts as one that was up.
func lasted(held bool, began, now time.Time) bool { return held && now.Sub(began) >= longestBackoff }

// wait holds a device's stream, and reconnects whenever it ends. It logs the
// first failure, and no further one until a stream has lasted.
func (r *Remote) wait(ctx context.Context, h *live.Host, as Device) {
	pause, said := r.backoff, false
	for {
		began := time.Now()
		held, err := r.hold(ctx, h, as)
		if ctx.Err() != nil {
			return
		}
		if lasted(held, began, time.Now()) {
			pause, said = r.backoff, false
		}
		if !said {
			said = true
			h.Pushed(push.Step{For: h.Name(), Event: event.Error{
				Op: "push service", Err: short(err).Error(), Hint: "is it up (sleeptalk push serve)? The device tries again until it is", Rule: event.RulePushServiceDown,
			}})
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		pause = min(2*pause, longestBackoff)
	}
}

// hold waits at the device door until the stream ends. held reports whether it
// had begun.
func (r *Remote) hold(ctx context.Context, h *live.Host, as Device) (held bool, err error) {
	stream, err := r.client.Wait(ctx, as, h.Name()+" "+r.id, h.Name())
	if err != nil {
		return false, err
	}
	defer stream.Close()
	for {
		st, err := stream.Next()
		if err != nil {
			return true, err
		}
		st.For = h.Name()
		h.Pushed(st)
	}
}

// A Stream receives the pushes of a device at the door.
type Stream struct {
	io.Closer
	lines *bufio.Scanner
}

// A Device is how a device asks to be reached: by a token, or with Web by a
// subscription of that name, which only the server with the public key Key may push
// to; "": any may.
type Device struct {
	Token string
	Web   bool
	Key   string
}

// Wait opens a stream for a device. The stream ends with ctx or [Stream.Close].
func (c *Client) Wait(ctx context.Context, as Device, id, name string) (*Stream, error) {
	query := url.Values{"id": {id}, "name": {name}}
	if as.Web {
		query.Set("web", "on")
		query.Set("key", as.Key)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.at(DoorPath+as.Token, query), nil)
	if err != nil {
		return nil, err
	}
	answer, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		defer answer.Body.Close()
		why, _ := io.ReadAll(io.LimitReader(answer.Body, 200)) // only for the error text
		return nil, fmt.Errorf("%s: %s", answer.Status, strings.TrimSpace(event.Printable(string(why))))
	}
	return newStream(answer.Body), nil
}

func newStream(body io.ReadCloser) *Stream {
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, maxAnswer)
	return &Stream{body, lines}
}

// Next returns the next push, or the outcome of one. The error is [io.EOF] when
// the service has ended the stream.
func (s *Stream) Next() (push.Step, error) {
	if !s.lines.Scan() {
		if err := s.lines.Err(); err != nil {
			return push.Step{}, err
		}
		return push.Step{}, io.EOF
	}
	r, err := event.ParseJSON(s.lines.Bytes())
	if err != nil {
		return push.Step{}, err
	}
	e, ok := r.Event.(event.Push)
	if !ok || e.Phase != event.PushDelivered {
		return push.Step{Event: r.Event}, nil
	}
	now := time.Now()
	body, err := base64.RawURLEncoding.DecodeString(e.Body)
	if err != nil {
		return push.Step{}, fmt.Errorf("a push whose body is not base64url: %w", err)
	}
	p := system.Push{Body: body, Token: e.Token, ID: e.ID, High: e.Priority == push.Priority(true), Background: e.Background, Sent: now.Add(-e.Age.D()), Payload: e.Payload}
	if e.TTL > 0 {
		p.Expires = now.Add(e.TTL.D())
	}
	return push.Step{Deliver: &p}, nil
}

// short returns an error without the request that it quotes.
func short(err error) error {
	if errors.Is(err, io.EOF) {
		return errors.New("the service has ended the stream")
	}
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}
