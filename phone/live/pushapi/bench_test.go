package pushapi

import (
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/push/apns"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// BenchmarkPush sends pushes over one connection, 32 at a time: through the
// APNs API, with provider tokens and without, and to a handler that only reads
// the body. The difference is the cost of the judgement and the service.
func BenchmarkPush(b *testing.B) {
	s, k := key(b)
	jot, err := s.Token(time.Now())
	if err != nil {
		b.Fatal(err)
	}
	authorized := http.Header{"Authorization": {"bearer " + jot}}
	for _, bench := range []struct {
		name    string
		handler http.Handler
		header  http.Header
	}{
		{"bare", http.HandlerFunc(bare), nil},
		{"anybody", apiOf(b, apns.Config{}), nil},
		{"token", apiOf(b, apns.Config{Key: k}), authorized},
	} {
		b.Run(bench.name, func(b *testing.B) { pushes(b, bench.handler, bench.header) })
	}
}

func bare(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	w.WriteHeader(http.StatusOK)
}

// apiOf returns the handler of a server with one device that gets its pushes
// almost at once.
func apiOf(b *testing.B, cfg apns.Config) http.Handler {
	service := live.NewPushService(rules(b, "delay=1ns..2ns"))
	service.Open("alice", tok("a"), gone{})
	return New(Config{Pushes: service, APNs: cfg}).http.Handler
}

func pushes(b *testing.B, handler http.Handler, header http.Header) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	s := New(Config{Pushes: live.NewPushService(push.Config{})})
	s.http.Handler = handler
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	c, err := NewClient(ClientConfig{URL: "https://" + l.Addr().String()})
	if err != nil {
		b.Fatal(err)
	}
	r := apns.Write(system.Push{Token: tok("a"), Param: topic, High: true, Payload: map[string]string{"name": "Bob", "call-id": "x@y"}}, "voip", nil)
	for name, values := range header {
		r.Header[name] = values
	}
	if got, err := c.Send(ctx, r); err != nil || got.Status != http.StatusOK {
		b.Fatalf("%+v, %v", got, err)
	}
	b.SetParallelism(16)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if got, err := c.Send(ctx, r); err != nil || got.Status != http.StatusOK && got.Reason != string(push.TooManyRequests) {
				b.Errorf("%+v, %v", got, err)
			}
		}
	})
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pushes/s")
	c.http.CloseIdleConnections()
	cancel()
	if err := <-ended; err != nil {
		b.Error(err)
	}
}
