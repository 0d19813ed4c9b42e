package pushapi

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/push"
)

// A mounted API answers below a path.
type mounted struct {
	prefix, name string
	api          push.API
	maxBody      int
	http2        bool // it refuses older versions
}

// serve answers one request.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if n := len(r.Header); n > maxFields {
		http.Error(w, fmt.Sprintf("%d header fields; at most %d", n, maxFields), http.StatusRequestHeaderFieldsTooLarge)
		return
	}
	if strings.HasPrefix(r.URL.Path, DoorPath) {
		s.serveDoor(w, r)
		return
	}
	for _, m := range s.apis {
		if strings.HasPrefix(r.URL.Path, m.prefix) {
			s.serveAPI(w, r, m)
			return
		}
	}
}

// serveAPI carries a request to an API, and its answer back.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request, m mounted) {
	if m.http2 && r.ProtoMajor < 2 {
		http.Error(w, "APNs speaks HTTP/2 only", http.StatusHTTPVersionNotSupported)
		return
	}
	req, err := s.read(w, r, m.maxBody)
	if err != nil {
		return // the provider has gone
	}
	p, no, happened := s.cfg.Pushes.Submit(m.name, m.api, req)
	for _, e := range happened {
		s.record(m.name, e)
	}
	answer := m.api.Answer(p, no)
	for name, value := range answer.Header {
		w.Header().Set(name, value)
	}
	if answer.Last {
		w.Header().Set("Connection", "close") // in HTTP/2 a GOAWAY
	}
	w.WriteHeader(answer.Status)
	_, _ = w.Write(answer.Body) // the client may be gone
}

// read reads a request, up to one byte more than the API accepts.
func (s *Server) read(w http.ResponseWriter, r *http.Request, limit int) (push.Request, error) {
	req := push.Request{Method: r.Method, Host: r.Host, Path: r.URL.Path, Header: r.Header, Closing: s.closing.Load()}
	if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
		req.Certificate = r.TLS.PeerCertificates[0]
	}
	if err := http.NewResponseController(w).SetReadDeadline(time.Now().Add(s.cfg.BodyWait)); err != nil {
		return req, err
	}
	var err error
	req.Body, err = io.ReadAll(io.LimitReader(r.Body, int64(limit)+1))
	if errors.Is(err, os.ErrDeadlineExceeded) {
		req.Stalled, err = true, nil
	}
	return req, err
}
