package pushapi

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/push/apns"
	"github.com/sleeptalk/sleeptalk/phone/push/fcm"
	"github.com/sleeptalk/sleeptalk/phone/push/webpush"
)

// requestWait is how long an answer of a provider API may take.
const requestWait = 30 * time.Second

// maxAnswer bounds what is read of one.
const maxAnswer = 64 << 10

// ClientConfig says which push service to use, and as which provider. Zero
// fields are not used.
type ClientConfig struct {
	// URL is the address of the service, such as "https://127.0.0.1:8443".
	// The certificate of a service on this machine is not verified: it may
	// be self-signed, and nobody can intercept the connection.
	URL string
	// Roots are authorities for the service's certificate, besides the
	// system's.
	Roots *x509.CertPool
	// Signer makes the provider tokens for APNs; Certificate is used
	// instead of a token. Bearer is the access token for FCM.
	Signer      *apns.Signer
	Certificate *tls.Certificate
	Bearer      string
}

// A Client sends to the provider APIs of a push service, or waits at it as a
// device.
type Client struct {
	cfg  ClientConfig
	base *url.URL
	http *http.Client
}

// NewClient returns a client. It fails if the URL is not valid.
func NewClient(cfg ClientConfig) (*Client, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return nil, fmt.Errorf("%s: the form is https://HOST:PORT", cfg.URL)
	}
	secure := &tls.Config{RootCAs: cfg.Roots, InsecureSkipVerify: isLoopback(u.Hostname()), MinVersion: tls.VersionTLS12}
	if cfg.Certificate != nil {
		secure.Certificates = []tls.Certificate{*cfg.Certificate}
	}
	transport := &http.Transport{
		TLSClientConfig: secure, ForceAttemptHTTP2: true, Proxy: http.ProxyFromEnvironment,
		HTTP2: &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingWait},
	}
	// No push service sends its clients elsewhere: what they carry is for it alone.
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{cfg: cfg, base: &url.URL{Scheme: u.Scheme, Host: u.Host}, http: &http.Client{Transport: transport, CheckRedirect: stay}}, nil
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback() || host == "localhost"
}

// A Result is the answer of a provider API.
type Result struct {
	Status int
	// ID identifies the push: its apns-id, or the name of the message.
	ID string
	// Reason says why it was refused, "" if it was accepted; Message is the
	// further text of Google's API, or of a push service of Web Push.
	Reason, Message string
	// RetryAfter is when one may try again, as the service says it; "": it does not.
	RetryAfter string
}

// Taken reports whether the push was accepted: 200, or with Web Push 201 (RFC 8030
// §5), and 202 if a receipt follows (§5.1).
func (r Result) Taken() bool { return r.Status >= 200 && r.Status < 300 }

// errElsewhere is a subscription of Web Push at another push service: a server that
// was told to push to one place sends nothing to whoever a phone names.
var errElsewhere = errors.New("the subscription is at another push service")

// Send sends a request to a provider API. It fails if there is no answer.
func (c *Client) Send(ctx context.Context, r push.Request) (Result, error) {
	ctx, cancel := context.WithTimeout(ctx, requestWait)
	defer cancel()
	at, err := c.reach(r)
	if err != nil {
		return Result{}, err
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, at, bytes.NewReader(r.Body))
	if err != nil {
		return Result{}, err
	}
	for name, values := range r.Header {
		req.Header[name] = values
	}
	if err := c.authorize(req, r); err != nil {
		return Result{}, err
	}
	answer, err := c.http.Do(req)
	if err != nil {
		return Result{}, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return Result{}, err
	}
	return resultOf(r, answer, body), nil
}

func resultOf(r push.Request, answer *http.Response, body []byte) Result {
	result := Result{Status: answer.StatusCode, RetryAfter: answer.Header.Get("Retry-After")}
	switch {
	case toWeb(r):
		result.ID = webpush.ReadName(answer.Header.Get("Location"))
		if !result.Taken() {
			result.Reason = cmp.Or(push.WebWords(answer.StatusCode), http.StatusText(answer.StatusCode))
			result.Message = webpush.ReadAnswer(body)
		}
	case toFCM(r):
		result.ID = fcm.ReadName(body)
		result.Reason, result.Message = fcm.ReadAnswer(body)
	default:
		result.ID, result.Reason = answer.Header.Get("Apns-Id"), apns.ReadAnswer(body)
	}
	return result
}

// toWeb reports whether a request is one of Web Push, the only one that says for
// whom it is; toFCM whether it is one of FCM.
func toWeb(r push.Request) bool { return r.Host != "" }
func toFCM(r push.Request) bool { return strings.HasPrefix(r.Path, fcm.Prefix) }

// reach is where a request goes.
func (c *Client) reach(r push.Request) (string, error) {
	if !toWeb(r) {
		return c.at(r.Path, nil), nil
	}
	if r.Host != c.base.Host {
		return "", fmt.Errorf("%w, %s", errElsewhere, event.Printable(r.Host))
	}
	return c.base.String() + r.Path, nil // with its query, if it has one
}

// authorize adds the provider's credentials; those of Web Push are there already.
func (c *Client) authorize(req *http.Request, r push.Request) error {
	bearer := ""
	if toWeb(r) {
		return nil
	}
	if toFCM(r) {
		bearer = c.cfg.Bearer
	} else if c.cfg.Signer != nil {
		var err error
		if bearer, err = c.cfg.Signer.Token(time.Now()); err != nil {
			return fmt.Errorf("sign the provider token: %w", err)
		}
	}
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	return nil
}

func (c *Client) at(path string, query url.Values) string {
	u := *c.base
	u.Path, u.RawQuery = path, query.Encode()
	return u.String()
}
