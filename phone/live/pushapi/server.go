package pushapi

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/push/apns"
	"github.com/sleeptalk/sleeptalk/phone/push/fcm"
	"github.com/sleeptalk/sleeptalk/phone/push/webpush"
	"github.com/sleeptalk/sleeptalk/phone/secure"
)

const (
	maxHeaderBytes = 16 << 10
	maxFields      = 64
	// maxStreams is what APNs allows on one connection.
	maxStreams = 1000
	// bodyWait is how long a request may take to arrive.
	bodyWait = 10 * time.Second
	// pingAfter is how long a connection may be silent before the server
	// pings it, and pingWait how long the answer may take.
	pingAfter, pingWait = 30 * time.Second, 15 * time.Second
	// farewell is how long requests under way may take when the server
	// ends.
	farewell = 2 * time.Second
)

// Config configures a [Server]. Zero fields have defaults.
type Config struct {
	// Pushes takes what the APIs accept.
	Pushes *live.PushService
	APNs   apns.Config
	FCM    fcm.Config
	// Rand makes the names of pushes.
	Rand *rand.Rand
	// Certificate is the server's; nil makes a self-signed one.
	Certificate *tls.Certificate
	// BodyWait is how long a request may take to arrive; 10 s.
	BodyWait time.Duration
	// Happened gets the event of each push, under the name of an API or a
	// device. It may be called from any goroutine.
	Happened func(r event.Record)
}

// A Server is the push service on a network.
type Server struct {
	cfg     Config
	apis    []mounted
	http    *http.Server
	born    time.Time
	closing atomic.Bool
	over    chan struct{} // closed when the devices are to be disconnected

	mu    sync.Mutex
	doors map[string]*door // by the device's id
}

// New returns a server that listens nowhere yet.
func New(cfg Config) *Server {
	if cfg.Rand == nil {
		cfg.Rand = rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	}
	if cfg.BodyWait == 0 {
		cfg.BodyWait = bodyWait
	}
	cfg.APNs.Rand, cfg.FCM.Rand = cfg.Rand, cfg.Rand
	s := &Server{cfg: cfg, born: time.Now(), over: make(chan struct{}), doors: map[string]*door{}}
	s.apis = []mounted{
		{fcm.Prefix, "fcm", fcm.New(cfg.FCM), fcm.MaxBody, false},
		{push.WebPath, push.WebPush, webpush.New(cfg.Rand), webpush.MaxBody, false},
		{"/", "apns", apns.New(cfg.APNs), push.MaxPayload, true}, // APNs answers every other path with BadPath
	}
	s.http = &http.Server{
		Handler: http.HandlerFunc(s.serve), MaxHeaderBytes: maxHeaderBytes, ReadHeaderTimeout: bodyWait,
		HTTP2:    &http.HTTP2Config{MaxConcurrentStreams: maxStreams, SendPingTimeout: pingAfter, PingTimeout: pingWait},
		ErrorLog: log.New(io.Discard, "", 0), // a client that disconnects is not worth a log line
	}
	return s
}

// Serve serves a listener until ctx is done. Its error says why it could not.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	cert := s.cfg.Certificate
	if cert == nil {
		host, _, err := net.SplitHostPort(l.Addr().String())
		if err != nil {
			return err
		}
		if cert, err = secure.SelfMade(time.Now(), host); err != nil {
			return err
		}
	}
	// A provider may show a certificate; package apns verifies it.
	s.http.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*cert}, ClientAuth: tls.RequestClientCert, MinVersion: tls.VersionTLS12}
	ended := make(chan error, 1)
	go func() {
		ended <- live.Guard("push service", func() error { return s.http.ServeTLS(l, "", "") })
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	s.shut()
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Close makes the server refuse each request from now on, because it is about
// to end.
func (s *Server) Close() { s.closing.Store(true) }

// shut disconnects the devices, sends GOAWAY, and waits for the requests under
// way.
func (s *Server) shut() {
	s.Close()
	close(s.over)
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		s.http.Close()
	}
}

// record passes an event to Happened.
func (s *Server) record(who string, e event.Event) event.Record {
	now := time.Now()
	r := event.Record{Wall: now, Device: now.Sub(s.born), Phone: who, Event: e}
	if s.cfg.Happened != nil {
		s.cfg.Happened(r)
	}
	return r
}
