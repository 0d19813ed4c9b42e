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

// ClientConfig says whose provider API is used, and as whom. What is zero is
// not used.
type ClientConfig struct {
	// URL is where it is, such as "https://127.0.0.1:8443". The certificate
	// of a service on this machine is not looked at: it may be self-made,
	// and nobody is in between.
	URL string
	// Roots have signed the service's certificate, besides those that the
	// system knows.
	Roots *x509.CertPool
	// Signer makes the provider tokens for APNs; Certificate is shown
	// instead of one. Bearer is the access token for FCM.
	Signer      *apns.Signer
	Certificate *tls.Certificate
	Bearer      string
}

// A Client sends to the provider APIs of a push service, or is a device of it.
type Client struct {
	cfg  ClientConfig
	base *url.URL
	http *http.Client
}

// NewClient returns a client. Its error is that of the URL.
func NewClient(cfg ClientConfig) (*Client, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return nil, fmt.Errorf("%s: it is https://HOST:PORT", cfg.URL)
	}
	secure := &tls.Config{RootCAs: cfg.Roots, InsecureSkipVerify: isLoopback(u.Hostname()), MinVersion: tls.VersionTLS12}
	if cfg.Certificate != nil {
		secure.Certificates = []tls.Certificate{*cfg.Certificate}
	}
	transport := &http.Transport{
		TLSClientConfig: secure, ForceAttemptHTTP2: true, Proxy: http.ProxyFromEnvironment,
		HTTP2: &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingWait},
	}
	return &Client{cfg: cfg, base: &url.URL{Scheme: u.Scheme, Host: u.Host}, http: &http.Client{Transport: transport}}, nil
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback() || host == "localhost"
}

// A Result is what a provider API has answered.
type Result struct {
	Status int
	// ID is the push's: its apns-id, or the name of the message.
	ID string
	// Reason is why it was refused, "" if it was not; Message is what
	// Google's API says besides.
	Reason, Message string
}

// Send sends a request to a provider API. Its error is that there was no
// answer.
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

// authorize says who sends.
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
