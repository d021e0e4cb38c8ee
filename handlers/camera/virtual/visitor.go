package virtual

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/camera"
)

// Visitor is a person in front of a capture page.
type Visitor struct {
	Person
	HTTP *http.Client               // carries the session's cookie
	Base string                     // where the capture is mounted, e.g. http://127.0.0.1:8080/capture
	TCP  bool                       // video over TCP, as where UDP is blocked
	Saw  func(step camera.Progress) // optional: every hint, from one goroutine
}

const (
	sendInterval = 50 * time.Millisecond  // between frames
	poseFrames   = 3                      // how many key frames show one picture before another of the same pose
	poseStills   = 2                      // the same of photos
	reaction     = 450 * time.Millisecond // from a hint until the head moves
	answerMax    = 64 << 10               // bytes of an answer
)

// Enrol sends video until the capture ends, and answers how.
func (v Visitor) Enrol(ctx context.Context) (camera.Progress, error) {
	ctx, cancel := context.WithTimeout(ctx, kaopass.CaptureMax+5*time.Second)
	defer cancel()
	call, err := v.dial(ctx)
	if err != nil {
		return camera.Progress{}, err
	}
	last, err := v.show(ctx, call)
	return last, errors.Join(err, call.pc.GracefulClose())
}

// call is one connection to a capture.
type call struct {
	pc        *webrtc.PeerConnection
	track     *webrtc.TrackLocalStaticSample
	hints     chan camera.Progress
	connected chan struct{}
	lost      chan struct{}
	wanted    atomic.Bool     // a key frame was asked for
	over      context.Context // of whoever reads the hints
}

func (v Visitor) dial(ctx context.Context) (*call, error) {
	pc, err := v.connection()
	if err != nil {
		return nil, err
	}
	c := &call{pc: pc, hints: make(chan camera.Progress), connected: make(chan struct{}), lost: make(chan struct{}), over: ctx}
	err = c.prepare()
	if err == nil {
		err = v.exchange(ctx, c)
	}
	if err != nil {
		return nil, errors.Join(err, pc.Close())
	}
	return c, nil
}

// connection makes a client of VP8 only, which finds a server on this machine too.
func (v Visitor) connection() (*webrtc.PeerConnection, error) {
	codecs, feedback := &webrtc.MediaEngine{}, &interceptor.Registry{}
	if err := codecs.RegisterCodec(webrtc.RTPCodecParameters{PayloadType: 96,
		RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90_000}},
		webrtc.RTPCodecTypeVideo); err != nil {
		return nil, err
	}
	if err := webrtc.ConfigureNack(codecs, feedback); err != nil {
		return nil, err
	}
	quiet := logging.NewDefaultLoggerFactory()
	quiet.DefaultLogLevel = logging.LogLevelDisabled
	s := webrtc.SettingEngine{LoggerFactory: quiet}
	s.SetIncludeLoopbackCandidate(true)
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	networks := []webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6}
	if v.TCP {
		networks = []webrtc.NetworkType{webrtc.NetworkTypeTCP4}
	}
	s.SetNetworkTypes(networks)
	return webrtc.NewAPI(webrtc.WithMediaEngine(codecs), webrtc.WithInterceptorRegistry(feedback),
		webrtc.WithSettingEngine(s)).NewPeerConnection(webrtc.Configuration{})
}

// prepare adds the video and the channel of hints.
func (c *call) prepare() error {
	var err error
	if c.track, err = webrtc.NewTrackLocalStaticSample(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8}, "face", "face"); err != nil {
		return err
	}
	sender, err := c.pc.AddTrack(c.track)
	if err != nil {
		return err
	}
	go c.heed(sender)
	channel, err := c.pc.CreateDataChannel("hints", nil)
	if err != nil {
		return err
	}
	channel.OnMessage(c.hear)
	var connected, lost atomic.Bool
	c.pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		switch s {
		case webrtc.PeerConnectionStateConnected:
			if !connected.Swap(true) {
				close(c.connected)
			}
		case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
			if !lost.Swap(true) {
				close(c.lost)
			}
		}
	})
	return nil
}

// heed notes when a key frame is asked for (PLI, RFC 4585, section 6.3.1), until the connection ends.
func (c *call) heed(sender *webrtc.RTPSender) {
	c.wanted.Store(true) // the first frame of a video is one
	for {
		packets, _, err := sender.ReadRTCP()
		if err != nil {
			return
		}
		for _, p := range packets {
			if _, asked := p.(*rtcp.PictureLossIndication); asked {
				c.wanted.Store(true)
			}
		}
	}
}

func (c *call) hear(m webrtc.DataChannelMessage) {
	var p camera.Progress
	if json.Unmarshal(m.Data, &p) != nil {
		return
	}
	select {
	case c.hints <- p:
	case <-c.over.Done():
	case <-c.lost:
	}
}

// exchange sends the offer and takes the answer.
func (v Visitor) exchange(ctx context.Context, c *call) error {
	offer, err := c.pc.CreateOffer(nil)
	if err != nil {
		return err
	}
	gathered := webrtc.GatheringCompletePromise(c.pc)
	if err := c.pc.SetLocalDescription(offer); err != nil {
		return err
	}
	<-gathered
	answer, err := v.post(ctx, "/offer", "application/sdp", []byte(c.pc.LocalDescription().SDP), http.StatusCreated)
	if err != nil {
		return err
	}
	return c.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: string(answer)})
}

// StatusError says that a request was not answered as it should be.
type StatusError struct {
	Path   string
	Status int
	Body   string // what the server said, a problem document
}

// Error names the request and the status.
func (e *StatusError) Error() string { return fmt.Sprintf("%s: %d %s", e.Path, e.Status, e.Body) }

func (v Visitor) post(ctx context.Context, path, media string, body []byte, want int) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, v.Base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", media)
	req.Header.Set("Origin", origin(req.URL))
	res, err := v.HTTP.Do(req)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(res.Body, answerMax))
	if err = errors.Join(err, res.Body.Close()); err != nil {
		return nil, err
	}
	if res.StatusCode != want {
		return nil, &StatusError{strings.SplitN(path, "?", 2)[0], res.StatusCode, string(text)}
	}
	return text, nil
}

func origin(u *url.URL) string { return u.Scheme + "://" + u.Host }

var errLost = errors.New("virtual: the connection was lost")

// show plays the pose that the newest hint asks for until the capture ends.
func (v Visitor) show(ctx context.Context, c *call) (last camera.Progress, err error) {
	tick := time.NewTicker(sendInterval)
	defer tick.Stop()
	head := head{person: v.Person}
	for {
		select {
		case last = <-c.hints:
			head.hear(last.Hint, time.Now())
			v.saw(last)
			if over(last) {
				return last, nil
			}
		case <-tick.C:
			frame := between()
			if c.wanted.Swap(false) {
				frame = head.show(time.Now(), poseFrames)
			}
			if err := c.track.WriteSample(media.Sample{Data: frame, Duration: sendInterval}); err != nil {
				return last, err
			}
		case <-c.lost:
			return last, errLost
		case <-ctx.Done():
			return last, ctx.Err()
		}
	}
}

// between is what a camera sends between key frames: here a frame whose tag says that it is none (RFC 6386, section 9.1),
// with nothing in it, since whoever looks at key frames only drops it unread.
func between() []byte { return []byte{1, 0, 0, 0} }

// EnrolByStills sends photos instead of video, as the page does where WebRTC cannot connect.
func (v Visitor) EnrolByStills(ctx context.Context) (last camera.Progress, err error) {
	ctx, cancel := context.WithTimeout(ctx, kaopass.CaptureMax+5*time.Second)
	defer cancel()
	head := head{person: v.Person}
	for !over(last) {
		photo, err := JPEG(head.show(time.Now(), poseStills))
		if err != nil {
			return last, err
		}
		path := "/still"
		if last.Session != "" {
			path += "?session=" + url.QueryEscape(last.Session)
		}
		answer, err := v.post(ctx, path, "image/jpeg", photo, http.StatusOK)
		if err != nil {
			return last, err
		}
		if err := json.Unmarshal(answer, &last); err != nil {
			return last, err
		}
		head.hear(last.Hint, time.Now())
		v.saw(last)
		select {
		case <-time.After(4 * sendInterval):
		case <-ctx.Done():
			return last, ctx.Err()
		}
	}
	return last, nil
}

func (v Visitor) saw(p camera.Progress) {
	if v.Saw != nil {
		v.Saw(p)
	}
}

func over(p camera.Progress) bool { return p.Done || p.Ended != "" || p.Fault }
