package pushapi

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/push/webpush"
)

// DoorPath is the path at which devices wait for their pushes; the token
// follows it.
const DoorPath = "/sleeptalk/device/"

const (
	maxDevices = 10_000
	maxWaiting = 256 // steps for one device
	maxName    = 128 // of a device, and its id
	// writeWait is how long a write to a device may take.
	writeWait = 10 * time.Second
)

// A door is the connection to one device while it holds its stream.
type door struct {
	server   *Server
	id, name string
	lines    chan event.Record
	cut      chan struct{} // closed when the device is disconnected
	once     sync.Once
	seen     time.Time // when it last held a stream
	open     bool
}

// Pushed queues a step of the push service, which becomes a line. A device that
// does not read is disconnected, and its queued steps are lost.
func (d *door) Pushed(st push.Step) {
	e := st.Event
	if p := st.Deliver; p != nil {
		told := push.Told(*p, event.PushDelivered, "")
		told.Payload, told.Age = p.Payload, event.Millis(time.Since(p.Sent))
		told.Bytes, told.Body = len(p.Body), base64.RawURLEncoding.EncodeToString(p.Body)
		if !p.Expires.IsZero() {
			told.TTL = event.Millis(max(time.Until(p.Expires), time.Millisecond))
		}
		e = told
	}
	select {
	case d.lines <- d.server.record(d.name, e):
	default:
		d.server.record(d.name, event.Error{Op: "push service", Err: fmt.Sprintf("%s does not read: %d lines wait for it", d.name, maxWaiting), Hint: "its pushes so far are lost", Rule: event.RulePushLost})
		d.close()
	}
}

func (d *door) close() { d.once.Do(func() { close(d.cut) }) }

// serveDoor holds the stream of a device.
func (s *Server) serveDoor(w http.ResponseWriter, r *http.Request) {
	token := strings.TrimPrefix(r.URL.Path, DoorPath)
	d := &door{server: s, id: r.URL.Query().Get("id"), name: r.URL.Query().Get("name"), lines: make(chan event.Record, maxWaiting), cut: make(chan struct{})}
	d.id = cmp.Or(d.id, token)
	d.name = cmp.Or(d.name, d.id)
	err := push.CheckValue(token)
	web, key := r.URL.Query().Has("web"), r.URL.Query().Get("key")
	switch {
	case r.Method != http.MethodGet:
		http.Error(w, "it is GET", http.StatusMethodNotAllowed)
	case token == "" || err != nil:
		http.Error(w, fmt.Sprintf("%s<token>: not a valid device token: %v", DoorPath, err), http.StatusBadRequest)
	case len(d.id) > maxName || len(d.name) > maxName:
		http.Error(w, fmt.Sprintf("id and name have at most %d bytes", maxName), http.StatusBadRequest)
	case web && !fitsSubscription(token, key):
		http.Error(w, "with web, the token is the name of a subscription, and key is empty or a point on P-256 in base64url", http.StatusBadRequest)
	case s.closing.Load():
		http.Error(w, "the push service is about to end", http.StatusServiceUnavailable)
	case !s.enter(d):
		http.Error(w, fmt.Sprintf("%d devices are connected, which is the limit", maxDevices), http.StatusServiceUnavailable)
	default:
		if web {
			s.cfg.Pushes.Subscribe(d.device(), "https://"+r.Host, token, key, d)
		} else {
			s.cfg.Pushes.Open(d.device(), token, d)
		}
		s.record(d.name, event.Server{What: "reachable", Peer: r.RemoteAddr})
		d.stream(w, r)
		s.cfg.Pushes.Close(d.device(), d)
		s.leave(d)
		s.record(d.name, event.Server{What: "gone", Peer: r.RemoteAddr})
	}
}

// fitsSubscription reports whether a device may have a subscription of Web Push of
// that name, for the server with that key.
func fitsSubscription(name, key string) bool {
	_, err := webpush.ParsePublic(key)
	return len(name) <= maxName && !strings.Contains(name, "/") && (key == "" || err == nil)
}

// device returns the name of the device at the push service. It differs from
// the names of this process's hosts.
func (d *door) device() string { return "door " + d.id }

// enter adds a device, and ends an earlier stream of the same device.
func (s *Server) enter(d *door) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.doors[d.id]
	if before != nil {
		before.close()
	} else if len(s.doors) >= maxDevices && !s.forgetOne() {
		return false
	}
	d.open = true
	s.doors[d.id] = d
	return true
}

// forgetOne forgets the device that has been away for longest, if any is away.
func (s *Server) forgetOne() bool {
	var oldest *door
	for _, d := range s.doors {
		if !d.open && (oldest == nil || d.seen.Before(oldest.seen)) {
			oldest = d
		}
	}
	if oldest == nil {
		return false
	}
	delete(s.doors, oldest.id)
	s.cfg.Pushes.Forget(oldest.device())
	return true
}

// leave remembers when a device went away.
func (s *Server) leave(d *door) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d.open, d.seen = false, time.Now()
}

// writeLine writes a line at once, or fails after writeWait. The deadline is
// taken back: HTTP/2 resets the whole stream when one passes, even if nothing is
// being written.
func writeLine(w http.ResponseWriter, line []byte) error {
	control := http.NewResponseController(w)
	if err := control.SetWriteDeadline(time.Now().Add(writeWait)); err != nil {
		return err
	}
	if _, err := w.Write(line); err != nil {
		return err
	}
	if err := control.Flush(); err != nil {
		return err
	}
	return control.SetWriteDeadline(time.Time{})
}

// stream writes lines until either side ends it. The first write tells the
// device that it is reachable.
func (d *door) stream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/x-ndjson")
	var line []byte
	err := http.NewResponseController(w).Flush()
	for err == nil {
		select {
		case record := <-d.lines:
			if line, err = event.AppendJSON(line[:0], record); err != nil {
				return
			}
			err = writeLine(w, append(line, '\n'))
		case <-d.cut:
			return
		case <-d.server.over:
			return
		case <-r.Context().Done():
			return
		}
	}
}
