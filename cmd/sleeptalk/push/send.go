package push

import (
	"context"
	cryptorand "crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/push/apns"
	"github.com/sleeptalk/sleeptalk/phone/push/fcm"
	"github.com/sleeptalk/sleeptalk/phone/push/webpush"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// sendOptions are the flags of one push.
type sendOptions struct {
	to, token      string
	kept           config.Source // where the token is
	fcm, web       bool
	p256dh, auth   string
	contact        string
	topic, project string
	kind, priority string
	id, collapse   string
	expires        time.Duration
	payload        string
	as             providerOptions
}

func sendCommand(p *cli.Program) *cobra.Command {
	o := new(sendOptions)
	cmd := &cobra.Command{
		Use: "send --to URL --token TOKEN [KEY=VALUE...]", Short: "Send one push to a provider API, and say what it answers",
		Long: `One push to the provider API of APNs, or with --fcm to that of FCM: of a
"sleeptalk push serve", or of any other. With --web the token is the address of a
subscription of Web Push; what is pushed is encrypted to --p256dh and --auth, and
signed with --key. It prints the status, the reason, and
the ID under which it was taken, and ends with 0 if it was taken and with 1 if it
was refused. What it carries is KEY=VALUE, or the JSON object of --payload.`,
		Example: `  sleeptalk push send --to https://127.0.0.1:8443 --token TOKEN --topic org.example.sleeptalk.voip name=Bob
  sleeptalk push send --to https://127.0.0.1:8443 --token TOKEN --fcm --project example name=Bob
  sleeptalk push send --web --token https://127.0.0.1:8443/push/NAME --p256dh KEY --auth SECRET --key vapid.pem name=Bob
  sleeptalk push send --to https://api.sandbox.push.apple.com --token TOKEN --topic com.example.app.voip \
    --key AuthKey_ABC.p8 --key-id ABC --team DEF`,
		RunE: func(cmd *cobra.Command, args []string) error { return send(cmd.Context(), p, o, args) },
	}
	f := cmd.Flags()
	f.StringVar(&o.to, "to", "", "the push service, https://HOST:PORT")
	f.StringVar(&o.token, "token", "", "the device's token; everybody on this machine can read it there")
	cli.SecretFlags(cmd, &o.kept, "token", "it")
	f.BoolVar(&o.fcm, "fcm", false, "use the API of FCM")
	f.BoolVar(&o.web, "web", false, "use Web Push: the token is the address of a subscription")
	f.StringVar(&o.p256dh, "p256dh", "", "the subscription's public key, in base64url, with --web")
	f.StringVar(&o.auth, "auth", "", "the subscription's secret, in base64url, with --web")
	f.StringVar(&o.contact, "contact", "", "whom the push service may write to (sub), mailto: or https:, with --web")
	f.StringVar(&o.topic, "topic", "", "the app (apns-topic)")
	f.StringVar(&o.project, "project", "", "the project, with --fcm")
	f.StringVar(&o.kind, "type", "", "apns-push-type, such as voip; that of the topic by default")
	f.StringVar(&o.priority, "priority", "high", "high (10) or normal (5)")
	f.StringVar(&o.id, "id", "", "apns-id, a UUID; the service makes one by default")
	f.StringVar(&o.collapse, "collapse-id", "", "take the place of one of this name that still waits")
	f.DurationVar(&o.expires, "expires", 0, "for how long it is kept for a device that cannot be reached; 0 tries once")
	f.StringVar(&o.payload, "payload", "", "what it carries, as JSON")
	o.as.flags(cmd, "")
	return cmd
}

func send(ctx context.Context, p *cli.Program, o *sendOptions, args []string) error {
	if o.kept != (config.Source{}) {
		token, err := p.Fetch(ctx, o.kept)
		if err != nil {
			return err
		}
		o.token = token
		p.Hide(token)
	}
	r, err := o.request(args)
	if err != nil {
		return err
	}
	if o.web {
		o.to, o.as.web = "https://"+r.Host, true
	}
	client, err := o.as.client(p, o.to)
	if err != nil {
		return err
	}
	got, err := client.Send(ctx, r)
	switch {
	case err != nil && ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return cli.Cannot(err, "is it up? sleeptalk push serve")
	case got.Taken():
		_, err = fmt.Fprintf(p.Out, "%d taken %s\n", got.Status, got.ID)
		return err
	}
	if _, err := fmt.Fprintln(p.Out, strings.TrimSpace(fmt.Sprintf("%d %s %s", got.Status, got.Reason, got.ID))); err != nil {
		return err
	}
	if got.RetryAfter != "" {
		if _, err := fmt.Fprintf(p.Out, "retry after %s\n", event.Printable(got.RetryAfter)); err != nil {
			return err
		}
	}
	return cli.Fail(cli.ExitFailed, errors.New("the push was refused: "+push.Words(got.Status, got.Reason, got.Message)), "")
}

// request is the push as a request to its API.
func (o *sendOptions) request(args []string) (push.Request, error) {
	switch {
	case o.token == "" || o.to == "" && !o.web:
		return push.Request{}, cli.Usage("a push needs --to URL and --token TOKEN")
	case o.web && (o.fcm || o.to != ""):
		return push.Request{}, cli.Usage("--web goes with neither --fcm nor --to: the token says where to push")
	case !o.web && o.p256dh+o.auth+o.contact != "":
		return push.Request{}, cli.Usage("--p256dh, --auth and --contact go with --web")
	case o.fcm && o.project == "":
		return push.Request{}, cli.Usage("--fcm needs --project")
	case o.payload != "" && len(args) > 0:
		return push.Request{}, cli.Usage("--payload and KEY=VALUE do not go together")
	case o.priority != push.Priority(true) && o.priority != push.Priority(false):
		return push.Request{}, cli.Usage("--priority %s: it is high or normal", o.priority)
	}
	now := time.Now()
	carried, err := o.carried(args)
	if err != nil {
		return push.Request{}, err
	}
	sent := system.Push{Token: o.token, ID: o.id, High: o.priority == push.Priority(true), Collapse: o.collapse, Param: o.topic, Payload: carried}
	if o.expires > 0 {
		sent.Expires = now.Add(o.expires)
	}
	if o.web {
		return o.webRequest(now, sent)
	}
	if o.fcm {
		sent.Param = o.project
		return fcm.Write(now, sent), nil
	}
	kind := o.kind
	if kind == "" {
		kind = apns.KindOf(o.topic)
	}
	var body []byte
	if o.payload != "" {
		body = []byte(o.payload) // as it is, right or wrong
	}
	return apns.Write(sent, kind, body), nil
}

// webRequest is a push of Web Push: encrypted, if there are keys, and signed, if
// there is one for that.
func (o *sendOptions) webRequest(now time.Time, p system.Push) (push.Request, error) {
	text := []byte(o.payload)
	if o.payload == "" && len(p.Payload) > 0 {
		text, _ = json.Marshal(p.Payload) // cannot fail for strings
	}
	switch {
	case len(text) > 0 && o.p256dh == "":
		return push.Request{}, cli.Usage("what it carries is encrypted: name --p256dh and --auth, or carry nothing")
	case o.p256dh != "":
		var err error
		if p.Body, err = webpush.Encrypt(chance(), o.p256dh, o.auth, text); err != nil {
			return push.Request{}, cli.Usage("%v", err)
		}
	}
	if o.as.key != "" {
		key, err := readKey(o.as.key)
		if err != nil {
			return push.Request{}, err
		}
		p.Signer = &webpush.Signer{Key: key, Contact: o.contact}
	}
	r, err := webpush.Write(now, p)
	if err != nil {
		return r, cli.Usage("--token: %v", err)
	}
	return r, nil
}

// chance is for keys that nobody is to guess.
func chance() *rand.Rand {
	var seed [32]byte
	_, _ = cryptorand.Read(seed[:]) // never fails
	return rand.New(rand.NewChaCha8(seed))
}

// carried is what the push carries, as texts.
func (o *sendOptions) carried(args []string) (map[string]string, error) {
	if o.payload != "" && o.fcm {
		data, err := push.PayloadOf([]byte(o.payload))
		if err != nil {
			return nil, cli.Invalid(fmt.Errorf("--payload: %w", err), "")
		}
		return data, nil
	}
	carried := map[string]string{}
	for _, arg := range args {
		key, value, ok := strings.Cut(arg, "=")
		if !ok || key == "" {
			return nil, cli.Usage("%s: write it as KEY=VALUE, such as name=Bob", arg)
		}
		carried[key] = value
	}
	return carried, nil
}
