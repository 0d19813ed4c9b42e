//go:build hostile

package main

import (
	"bytes"
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

const (
	pushToken = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	pushTopic = "org.example.sleeptalk.voip"
)

// block is the header fields of a push, and what else is to be in it.
func block(more ...hpack.HeaderField) []byte {
	var b bytes.Buffer
	e := hpack.NewEncoder(&b)
	for _, f := range append([]hpack.HeaderField{
		{Name: ":method", Value: "POST"},
		{Name: ":scheme", Value: "https"},
		{Name: ":authority", Value: "push.test"},
		{Name: ":path", Value: "/3/device/" + pushToken},
		{Name: "apns-topic", Value: pushTopic},
	}, more...) {
		e.WriteField(f)
	}
	return b.Bytes()
}

// floodsOfHTTP2 are what a client does to a push service on one connection. Each
// ends when the service has had enough, or it has done it all.
var floodsOfHTTP2 = map[string]func(f *http2.Framer) error{
	"rapid reset": func(f *http2.Framer) error {
		for id := uint32(1); id < 40_000; id += 2 {
			f.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: block(), EndHeaders: true})
			if err := f.WriteRSTStream(id, http2.ErrCodeCancel); err != nil {
				return err
			}
		}
		return nil
	},
	"continuation without an end": func(f *http2.Framer) error {
		f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block()})
		more := block(hpack.HeaderField{Name: "x", Value: strings.Repeat("y", 1000)})
		for range 20_000 {
			if err := f.WriteContinuation(1, false, more); err != nil {
				return err
			}
		}
		return nil
	},
	"pings": func(f *http2.Framer) error {
		for range 50_000 {
			if err := f.WritePing(false, [8]byte{}); err != nil {
				return err
			}
		}
		return nil
	},
	"settings": func(f *http2.Framer) error {
		for range 50_000 {
			if err := f.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1}); err != nil {
				return err
			}
		}
		return nil
	},
	"streams without an end": func(f *http2.Framer) error {
		for id := uint32(1); id < 20_000; id += 2 {
			if err := f.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: block(), EndHeaders: true}); err != nil {
				return err
			}
		}
		return nil
	},
	"a bomb of header fields": func(f *http2.Framer) error {
		var b bytes.Buffer
		e := hpack.NewEncoder(&b)
		for range 20_000 { // after the first each is one byte
			e.WriteField(hpack.HeaderField{Name: "x", Value: strings.Repeat("y", 3000)})
		}
		for id := uint32(1); id < 200; id += 2 {
			all := append(block(), b.Bytes()...)
			f.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: all[:16_000], EndHeaders: false})
			if err := f.WriteContinuation(id, true, all[16_000:min(len(all), 32_000)]); err != nil {
				return err
			}
		}
		return nil
	},
	"windows of 2^31": func(f *http2.Framer) error {
		for range 1000 {
			if err := f.WriteWindowUpdate(0, 1<<31-1); err != nil {
				return err
			}
		}
		return nil
	},
	"data of nothing": func(f *http2.Framer) error {
		f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block(), EndHeaders: true})
		for range 25_000 {
			if err := f.WriteData(1, false, nil); err != nil {
				return err
			}
		}
		return nil
	},
	"frames of no kind": func(f *http2.Framer) error {
		for range 20_000 {
			if err := f.WriteRawFrame(0xee, 0xff, 1, make([]byte, 1000)); err != nil {
				return err
			}
		}
		return nil
	},
}

// TestHostileHTTP2 floods a push service, by four connections each time. It
// refuses a push all the while as it should: no device has that token.
func TestHostileHTTP2(t *testing.T) {
	t.Parallel()
	service := attacked(t, "push", "serve", "--listen", "127.0.0.1:0", "--json")
	addr := service.said("push: APNs on https://")
	for name, flood := range floodsOfHTTP2 {
		for range 4 {
			c, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
			if err != nil {
				t.Fatal(name, ": ", err)
			}
			go io.Copy(io.Discard, c)
			io.WriteString(c, http2.ClientPreface)
			f := http2.NewFramer(c, nil)
			f.AllowIllegalWrites = true
			f.WriteSettings()
			flood(f) // whether the service bears it or hangs up is its choice
			c.Close()
		}
		if code, said := sendsPush(addr); code != 1 || !strings.Contains(said, "400 BadDeviceToken") {
			t.Errorf("a push after %s: exit code %d\n%s", name, code, said)
		}
	}
	service.within(256) // a thousand streams on each of four connections, and as many pushes to write about
	if code := service.interrupted(); code != 130 {
		t.Errorf("exit code %d", code)
	}
}

// sendsPush sends a push by the command.
func sendsPush(addr string) (code int, said string) {
	cmd := exec.Command("sleeptalk", "push", "send", "--to", "https://"+addr, "--token", pushToken, "--topic", pushTopic, "name=Bob")
	out, _ := cmd.CombinedOutput()
	return cmd.ProcessState.ExitCode(), string(out)
}

// pushLies are what a push service answers to whatever it is asked.
var pushLies = map[string]http.HandlerFunc{
	"no JSON": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "{]}\n") },
	"other JSON": func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `{"token":1,"steps":{"a":[[[[]]]]}}`+"\n")
	},
	"nested JSON": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.Repeat(`{"a":[`, 100_000)) },
	"nothing":     func(http.ResponseWriter, *http.Request) {},
	"status 999":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(999) },
	"itself": func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.String(), http.StatusTemporaryRedirect)
	},
	"a broken line":  func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	"lines for ever": func(w http.ResponseWriter, r *http.Request) { endlessly(w, r, "{}\n") },
	"a line for ever": func(w http.ResponseWriter, r *http.Request) {
		endlessly(w, r, strings.Repeat("x", 1000))
	},
	"a header of 1 MB": func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("y", 1<<20)) },
}

// endlessly writes something over and over, up to 64 MB of it.
func endlessly(w http.ResponseWriter, r *http.Request, what string) {
	for n := 0; n < 64<<20 && r.Context().Err() == nil; n += len(what) {
		if _, err := io.WriteString(w, what); err != nil {
			return
		}
	}
}

// TestHostileLyingPush gives a phone such a push service, and one that sends a
// push. The phone says what is wrong, asks a bounded number of times, and is
// called as ever. To the command a 200 of APNs is a 200: it has no body to lie in.
func TestHostileLyingPush(t *testing.T) {
	t.Parallel()
	for name, lie := range pushLies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int64
			service := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				lie(w, r)
			}))
			service.EnableHTTP2 = true
			service.Config.ErrorLog = log.New(io.Discard, "", 0)
			service.StartTLS()
			defer service.Close()
			if code, said := sendsPush(service.Listener.Addr().String()); code == 70 || len(said) > 2000 {
				t.Errorf("push send: exit code %d, %d bytes: %.300s", code, len(said), said)
			}
			s := newSIPServer(t, nil)
			phone := attackedPhone(t, s.at("tcp"), "--auto", "busy", "--device", "ios-pushkit", "--strategy", "push", "--push-service", service.URL)
			phone.registered()
			phone.say("wait 2s", "unregister", "register")
			phone.registered()
			s.rings()
			if n := asked.Load(); n > 20 {
				t.Errorf("the service was asked %d times", n)
			}
			phone.within(64)
			if code := phone.quit(); code != 0 {
				t.Errorf("exit code %d", code)
			}
		})
	}
}
