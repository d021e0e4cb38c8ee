package camera_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/camera"
	"github.com/kaopass/kaopass/handlers/camera/virtual"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/matcher"
)

// script is three good frames, a turn to the left, done.
func script(frame int, _ image.Image) (kaopass.Progress, error) {
	switch {
	case frame < 3:
		return kaopass.Progress{Hint: kaopass.HintHold, Step: 1, Steps: 2, Share: float64(frame) / 6}, nil
	case frame < 6:
		return kaopass.Progress{Hint: kaopass.HintTurnLeft, Step: 2, Steps: 2, Share: float64(frame) / 6}, nil
	}
	return kaopass.Progress{Hint: kaopass.HintDone, Step: 2, Steps: 2, Share: 1, Done: true}, nil
}

func forever(int, image.Image) (kaopass.Progress, error) {
	return kaopass.Progress{Hint: kaopass.HintCloser, Step: 1, Steps: 2}, nil
}

// stage is a server with a camera, and everybody who was kept.
type stage struct {
	*camera.Camera
	url    string
	kept   atomic.Int32
	photos atomic.Int32 // requests that brought one

	mu    sync.Mutex
	ended []kaopass.Reason // that the host heard of
}

type options struct {
	camera.Config
	idle time.Duration
	say  func(int, image.Image) (kaopass.Progress, error)
	keep func(n int32) (kaopass.Reason, error)
	may  func() (kaopass.Reason, error)
}

func open(t *testing.T, o options) *stage {
	t.Helper()
	if o.say == nil {
		o.say = script
	}
	o.Log, o.Loopback = slog.New(slog.DiscardHandler), true
	k, err := camera.NewScripted(o.Config, o.idle, o.say)
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{Camera: k}
	app := fiber.New(fiber.Config{DisableStartupMessage: true, Immutable: true, ErrorHandler: respond.Error, BodyLimit: 12 << 20})
	app.Post("/capture/still", func(c *fiber.Ctx) error {
		s.photos.Add(1)
		return c.Next()
	})
	k.Mount(app.Group("/capture"), camera.Host{
		Who: func(c *fiber.Ctx) (string, error) {
			if who := c.Get("Who", c.Cookies("who")); who != "" {
				return who, nil
			}
			return "", respond.Unauthorised
		},
		Finish: func(_ context.Context, subject string, template kaopass.Template) (kaopass.Reason, error) {
			n := s.kept.Add(1)
			if subject == "" || len(template.Frames) != 1 {
				t.Errorf("kept %q, %d frames", subject, len(template.Frames))
			}
			if o.keep != nil {
				return o.keep(n)
			}
			return "", nil
		},
		May: func(context.Context, string) (kaopass.CaptureLeave, error) {
			if o.may == nil {
				return kaopass.CaptureLeave{}, nil
			}
			why, err := o.may()
			return kaopass.CaptureLeave{Reason: why}, err
		},
		Ended: func(_ context.Context, subject string, why kaopass.Reason) error {
			s.mu.Lock()
			s.ended = append(s.ended, why)
			s.mu.Unlock()
			return nil
		},
	})
	pages(app)
	s.url = serve(t, app) + "/capture"
	t.Cleanup(func() {
		if err := k.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func serve(t *testing.T, app *fiber.App) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = app.Listener(l) }()
	t.Cleanup(func() { _ = app.ShutdownWithTimeout(time.Second) })
	return "http://" + l.Addr().String()
}

// as is a client who says who they are.
type as string

func (who as) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("Who", string(who))
	return http.DefaultTransport.RoundTrip(r)
}

// someone is a person of plain colours: the script does not look.
func someone(t *testing.T) virtual.Person {
	t.Helper()
	shade := func(c uint8) [][]byte {
		img := image.NewGray(image.Rect(0, 0, 320, 240))
		for i := range img.Pix {
			img.Pix[i] = c + uint8(i%31)
		}
		f, err := virtual.KeyFrame(img)
		if err != nil {
			t.Fatal(err)
		}
		return [][]byte{f}
	}
	return virtual.Person{Front: shade(40), Left: shade(180), Right: shade(120)}
}

func (s *stage) visitor(t *testing.T, who string) virtual.Visitor {
	return virtual.Visitor{Person: someone(t), HTTP: &http.Client{Transport: as(who)}, Base: s.url}
}

func (s *stage) send(t *testing.T, who, method, path, media string, body []byte) (int, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.url+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", media)
	res, err := as(who).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, text
}

func TestACaptureOverWebRTC(t *testing.T) {
	for name, tcp := range map[string]bool{"udp": false, "tcp": true} {
		t.Run(name, func(t *testing.T) {
			var turned atomic.Bool
			s := open(t, options{say: func(n int, img image.Image) (kaopass.Progress, error) {
				if bright, _, _, _ := color.GrayModel.Convert(img.At(100, 100)).RGBA(); bright>>8 > 150 {
					turned.Store(true)
				} else if n >= 6 && !turned.Load() {
					n = 5 // until the person is seen to turn
				}
				return script(n, img)
			}})
			v := s.visitor(t, "vis_1")
			v.TCP = tcp
			var hints []kaopass.Hint
			v.Saw = func(p camera.Progress) { hints = append(hints, p.Hint) }
			last, err := v.Enrol(t.Context())
			if err != nil || !last.Done || last.Share != 1 || last.Session == "" {
				t.Fatalf("last = %+v, err = %v", last, err)
			}
			if s.kept.Load() != 1 || !turned.Load() {
				t.Errorf("kept %d times, turned %v", s.kept.Load(), turned.Load())
			}
			if len(hints) < 4 || hints[len(hints)-1] != kaopass.HintDone {
				t.Errorf("hints = %v", hints)
			}
			status, body := s.send(t, "vis_1", "GET", "/session/"+last.Session, "", nil)
			if status != 200 || !strings.Contains(string(body), `"done":true`) {
				t.Errorf("afterwards: %d %s", status, body)
			}
		})
	}
}

func TestACaptureByStills(t *testing.T) {
	s := open(t, options{})
	last, err := s.visitor(t, "vis_1").EnrolByStills(t.Context())
	if err != nil || !last.Done || s.kept.Load() != 1 {
		t.Fatalf("last = %+v, kept %d, err = %v", last, s.kept.Load(), err)
	}
	status, _ := s.send(t, "vis_1", "POST", "/still?session="+last.Session, "image/jpeg", photo(t))
	if status != 409 {
		t.Errorf("a still for a capture that is over: %d", status)
	}
}

// TestStillsGoOnWhereVideoStopped is the page's fallback: the same session, the same progress.
func TestStillsGoOnWhereVideoStopped(t *testing.T) {
	s := open(t, options{})
	ctx, hangUp := context.WithCancel(t.Context())
	v := s.visitor(t, "vis_1")
	v.Saw = func(p camera.Progress) {
		if p.Step == 2 {
			hangUp()
		}
	}
	before, err := v.Enrol(ctx)
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	status, body := s.send(t, "vis_1", "POST", "/still?session="+before.Session, "image/jpeg", photo(t))
	var p camera.Progress
	if err := json.Unmarshal(body, &p); err != nil || status != 200 {
		t.Fatal(status, string(body), err)
	}
	if p.Session != before.Session || p.Step != 2 {
		t.Errorf("went on at %+v", p)
	}
}

func TestBusyIsOneMoment(t *testing.T) {
	s := open(t, options{say: func(frame int, img image.Image) (kaopass.Progress, error) {
		if frame == 2 {
			return kaopass.Progress{}, matcher.ErrBusy
		}
		return script(frame, img)
	}})
	var hints []kaopass.Hint
	v := s.visitor(t, "vis_1")
	v.Saw = func(p camera.Progress) { hints = append(hints, p.Hint) }
	if last, err := v.EnrolByStills(t.Context()); err != nil || !last.Done {
		t.Fatal(last, err)
	}
	if hints[1] != kaopass.HintWait {
		t.Errorf("hints = %v", hints)
	}
}

func TestHowACaptureEnds(t *testing.T) {
	broken := errors.New("the database is away")
	cases := map[string]struct {
		options
		ended kaopass.Reason
		fault bool
		done  bool
		kept  int32
	}{
		"given up": {options: options{say: func(int, image.Image) (kaopass.Progress, error) {
			return kaopass.Progress{Ended: kaopass.ChallengeMissed}, nil
		}}, ended: kaopass.ChallengeMissed},
		"consent withdrawn meanwhile": {options: options{keep: func(int32) (kaopass.Reason, error) { return kaopass.ConsentWithdrawn, nil }},
			ended: kaopass.ConsentWithdrawn, kept: 1},
		"kept at the second try": {options: options{keep: func(n int32) (kaopass.Reason, error) {
			if n == 1 {
				return "", broken
			}
			return "", nil
		}}, done: true, kept: 2},
		"never kept":       {options: options{keep: func(int32) (kaopass.Reason, error) { return "", broken }}, fault: true, kept: camera.FinishTries},
		"models that fail": {options: options{say: func(int, image.Image) (kaopass.Progress, error) { return kaopass.Progress{}, broken }}, fault: true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, c.options)
			last, err := s.visitor(t, "vis_1").Enrol(t.Context())
			if err != nil || last.Ended != c.ended || last.Fault != c.fault || last.Done != c.done || s.kept.Load() != c.kept {
				t.Errorf("last = %+v, kept %d, err = %v", last, s.kept.Load(), err)
			}
		})
	}
}

// A person with too many tries is told so as of any capture that ends, and no frame of theirs is looked at; the host
// hears of captures that gave up, once each, and not of those that it refused itself.
func TestACaptureThatMayNotBegin(t *testing.T) {
	tries := 0
	s := open(t, options{say: func(frame int, _ image.Image) (kaopass.Progress, error) {
		return kaopass.Progress{Hint: kaopass.HintReal, Step: 1, Steps: 2, Ended: kaopass.NotLive}, nil
	}, may: func() (kaopass.Reason, error) {
		if tries++; tries > 2 {
			return kaopass.TooManyTries, nil
		}
		return "", nil
	}})
	for _, want := range []kaopass.Reason{kaopass.NotLive, kaopass.NotLive, kaopass.TooManyTries} {
		if last, err := s.visitor(t, "vis_1").EnrolByStills(t.Context()); err != nil || last.Ended != want {
			t.Errorf("%+v, %v; want %s", last, err, want)
		}
	}
	wait(t, "the end", func() bool { return s.Live() == 0 })
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Equal(s.ended, []kaopass.Reason{kaopass.NotLive, kaopass.NotLive}) {
		t.Errorf("the host heard %v", s.ended)
	}
	refusing := open(t, options{may: func() (kaopass.Reason, error) { return "", errors.New("the database is away") }})
	if status, _ := refusing.send(t, "vis_1", "POST", "/still", "image/jpeg", photo(t)); status != 500 {
		t.Errorf("a host that fails: %d", status)
	}
}

func TestOnePersonOneSession(t *testing.T) {
	s := open(t, options{say: forever})
	first := s.begin(t, "vis_1")
	second := s.begin(t, "vis_1")
	if first == second || s.Live() != 1 {
		t.Errorf("%d sessions of one person", s.Live())
	}
	if status, _ := s.send(t, "vis_2", "GET", "/session/"+second, "", nil); status != 404 {
		t.Errorf("somebody else's session: %d", status)
	}
	if status, _ := s.send(t, "vis_2", "DELETE", "/session/"+second, "", nil); status != 404 || s.Live() != 1 {
		t.Errorf("somebody else ended it: %d", status)
	}
	if status, _ := s.send(t, "vis_1", "DELETE", "/session/"+second, "", nil); status != 200 {
		t.Errorf("their own: %d", status)
	}
	wait(t, "the end", func() bool { return s.Live() == 0 })
}

// Whoever is signed out everywhere has no capture that goes on and keeps a face.
func TestACaptureEndsWithItsPersonsSessions(t *testing.T) {
	s := open(t, options{})
	s.begin(t, "vis_1")
	s.begin(t, "vis_2")
	s.End("vis_nobody")
	s.End("vis_1")
	wait(t, "the end", func() bool { return s.Live() == 1 })
	if s.kept.Load() != 0 {
		t.Error("a face was kept")
	}
}

func TestSessionsHaveALimit(t *testing.T) {
	s := open(t, options{say: forever, Config: camera.Config{SessionsMax: 2}})
	s.begin(t, "vis_1")
	s.begin(t, "vis_2")
	status, body := s.send(t, "vis_3", "POST", "/still", "image/jpeg", photo(t))
	if status != 503 || !strings.Contains(string(body), `"code":"busy"`) || !strings.Contains(string(body), `"retryable":true`) {
		t.Errorf("the third: %d %s", status, body)
	}
	s.begin(t, "vis_2") // begins anew in the own place
}

func TestAPersonCannotBeginForEver(t *testing.T) {
	s := open(t, options{say: forever})
	for range camera.BeginsPerMinute {
		id := s.begin(t, "vis_1")
		s.send(t, "vis_1", "DELETE", "/session/"+id, "", nil)
	}
	if status, _ := s.send(t, "vis_1", "POST", "/still", "image/jpeg", photo(t)); status != 429 {
		t.Errorf("one more: %d", status)
	}
	s.begin(t, "vis_2")
}

func TestWhatIsRefused(t *testing.T) {
	s := open(t, options{say: forever})
	offer := "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 102\r\na=rtpmap:102 H264/90000\r\n"
	cases := map[string]struct {
		who, path, media string
		body             []byte
		status           int
		code             string
	}{
		"nobody":             {"", "/offer", "application/sdp", []byte(offer), 401, "unauthorised"},
		"an offer as JSON":   {"vis_1", "/offer", "application/json", []byte(offer), 400, "offer_unreadable"},
		"an offer of H.264":  {"vis_1", "/offer", "application/sdp", []byte(offer), 400, "offer_unreadable"},
		"noise":              {"vis_1", "/offer", "application/sdp", []byte("m=video VP8/90000\nm=video"), 400, "offer_unreadable"},
		"a novel":            {"vis_1", "/offer", "application/sdp", make([]byte, camera.OfferMax+1), 413, "request_too_large"},
		"a dead session":     {"vis_1", "/offer?session=abc", "application/sdp", []byte(offer), 409, "capture_over"},
		"a film":             {"vis_1", "/still", "video/mp4", []byte("x"), 415, "image_type"},
		"a very large photo": {"vis_1", "/still", "image/jpeg", make([]byte, camera.StillMax+1), 413, "image_too_large"},
	}
	for name, c := range cases {
		if status, body := s.send(t, c.who, "POST", c.path, c.media, c.body); status != c.status || !strings.Contains(string(body), c.code) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	wait(t, "the end of what came to nothing", func() bool { return s.Live() == 0 })
}

func TestASilentSessionEnds(t *testing.T) {
	s := open(t, options{say: forever, idle: 200 * time.Millisecond})
	id := s.begin(t, "vis_1")
	wait(t, "the end of a silent session", func() bool { return s.Live() == 0 })
	if status, _ := s.send(t, "vis_1", "POST", "/still?session="+id, "image/jpeg", photo(t)); status != 409 {
		t.Errorf("a still for it: %d", status)
	}
}

// TestNothingIsLeft counts goroutines: after captures that ended in every way and a Close, there are as many as before.
func TestNothingIsLeft(t *testing.T) {
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	before := runtime.NumGoroutine()
	t.Run("captures", func(t *testing.T) {
		s := open(t, options{idle: time.Second})
		if _, err := s.visitor(t, "vis_1").Enrol(t.Context()); err != nil {
			t.Error(err)
		}
		ctx, hangUp := context.WithCancel(t.Context())
		v := s.visitor(t, "vis_2")
		v.Saw = func(camera.Progress) { hangUp() }
		if _, err := v.Enrol(ctx); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		s.begin(t, "vis_3") // and goes on until Close
	})
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	wait(t, "every goroutine's end", func() bool { return runtime.NumGoroutine() <= before })
}

// begin starts a session by an offer and answers its id.
func (s *stage) begin(t *testing.T, who string) string {
	t.Helper()
	before := s.LiveID(who)
	status, body := s.send(t, who, "POST", "/offer", "application/sdp", []byte(sdp(t)))
	if status != 201 || !bytes.Contains(body, []byte("a=candidate")) {
		t.Fatalf("begin: %d %s", status, body)
	}
	id := s.LiveID(who)
	if id == before {
		t.Fatal("no new session")
	}
	return id
}

func wait(t *testing.T, what string, done func() bool) {
	t.Helper()
	for range 100 {
		if done() {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	buf := make([]byte, 1<<20)
	t.Fatalf("waited 10 s for %s\n%s", what, buf[:runtime.Stack(buf, true)])
}

func photo(t *testing.T) []byte {
	t.Helper()
	b, err := virtual.JPEG(someone(t).Front[0])
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// sdp is an offer as a browser writes it, of somebody who cannot be reached.
func sdp(t *testing.T) string {
	t.Helper()
	return strings.ReplaceAll(`v=0
o=- 4611731400430051336 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
m=video 9 UDP/TLS/RTP/SAVPF 96
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=ice-ufrag:abcd
a=ice-pwd:abcdefghijklmnopqrstuvwx
a=fingerprint:sha-256 D2:B9:31:8F:DF:24:D8:0E:ED:D2:EF:25:9E:AF:6F:B8:34:AE:53:9C:E6:F3:8F:F2:64:15:FA:E8:7F:53:2D:38
a=setup:actpass
a=mid:0
a=sendonly
a=rtcp-mux
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 nack pli
a=ssrc:1 cname:x
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
a=ice-ufrag:abcd
a=ice-pwd:abcdefghijklmnopqrstuvwx
a=fingerprint:sha-256 D2:B9:31:8F:DF:24:D8:0E:ED:D2:EF:25:9E:AF:6F:B8:34:AE:53:9C:E6:F3:8F:F2:64:15:FA:E8:7F:53:2D:38
a=setup:actpass
a=mid:1
a=sctp-port:5000
`, "\n", "\r\n")
}
