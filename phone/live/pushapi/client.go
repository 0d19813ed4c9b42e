package pushapi

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/push/apns"
	"github.com/sleeptalk/sleeptalk/phone/push/fcm"
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
	// further text of Google's API.
	Reason, Message string
}

// Send sends a request to a provider API. It fails if there is no answer.
func (c *Client) Send(ctx context.Context, r push.Request) (Result, error) {
	ctx, cancel := context.WithTimeout(ctx, requestWait)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, r.Method, c.at(r.Path, nil), bytes.NewReader(r.Body))
	if err != nil {
		return Result{}, err
	}
	for name, values := range r.Header {
		req.Header[name] = values
	}
	toFCM := strings.HasPrefix(r.Path, fcm.Prefix)
	if err := c.authorize(req, toFCM); err != nil {
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
	result := Result{Status: answer.StatusCode, ID: answer.Header.Get("Apns-Id")}
	if toFCM {
		result.ID = fcm.ReadName(body)
		result.Reason, result.Message = fcm.ReadAnswer(body)
	} else {
		result.Reason = apns.ReadAnswer(body)
	}
	return result, nil
}

// authorize adds the provider's credentials.
func (c *Client) authorize(req *http.Request, toFCM bool) error {
	bearer := ""
	if toFCM {
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
