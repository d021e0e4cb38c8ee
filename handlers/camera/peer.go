package camera

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media/samplebuilder"
)

const (
	clockRate       = 90_000          // of video over RTP (RFC 7741, section 6.2.1)
	packetsLateMax  = 512             // packets that wait for one that is missing; a large key frame is 100
	iceDisconnected = 3 * time.Second // without a packet
	iceFailed       = 5 * time.Second // after that
	iceKeepalive    = time.Second
	lingerMax       = time.Second // for the last hint to reach the page before the peer is closed
	hintsLabel      = "hints"     // the data channel, opened by the page
)

// peer is one WebRTC connection: key frames come in, hints go out.
type peer struct {
	pc     *webrtc.PeerConnection
	frames chan<- frame
	gone   chan struct{} // closed when the connection failed or was closed
	goneBy sync.Once
	ssrc   atomic.Uint32 // of the video; 0 until it comes

	mu    sync.Mutex
	hints *webrtc.DataChannel // nil until it is open
	last  string              // the newest message, for a channel that opens late
}

func newPeer(pc *webrtc.PeerConnection, frames chan<- frame) *peer {
	p := &peer{pc: pc, frames: frames, gone: make(chan struct{})}
	pc.OnTrack(p.onTrack)
	pc.OnDataChannel(p.onChannel)
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateFailed || s == webrtc.PeerConnectionStateClosed {
			p.goneBy.Do(func() { close(p.gone) })
		}
	})
	return p
}

var errNoVideo = errors.New("camera: the offer has no VP8 video, or more than one")

// answer takes the offer and waits until our own addresses are known.
func (p *peer) answer(ctx context.Context, offer string) (string, error) {
	if !strings.Contains(offer, "VP8/90000") || strings.Count(offer, "\nm=video") != 1 || strings.Count(offer, "\nm=") > 2 {
		return "", errNoVideo
	}
	if err := p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}); err != nil {
		return "", err
	}
	answer, err := p.pc.CreateAnswer(nil)
	if err != nil {
		return "", err
	}
	gathered := webrtc.GatheringCompletePromise(p.pc)
	if err := p.pc.SetLocalDescription(answer); err != nil {
		return "", err
	}
	select {
	case <-gathered:
	case <-time.After(gatherMax): // with the addresses found so far
	case <-ctx.Done():
		return "", ctx.Err()
	}
	return p.pc.LocalDescription().SDP, nil
}

// onTrack reads the video until the peer ends. Its goroutine is the peer's own: it touches no session, only the channel.
func (p *peer) onTrack(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
	if track.Codec().MimeType != webrtc.MimeTypeVP8 || !p.ssrc.CompareAndSwap(0, uint32(track.SSRC())) {
		return
	}
	samples := samplebuilder.New(packetsLateMax, &codecs.VP8Packet{}, clockRate)
	for {
		packet, _, err := track.ReadRTP()
		if err != nil {
			return // the peer ended
		}
		samples.Push(packet)
		for s := samples.Pop(); s != nil; s = samples.Pop() {
			p.offer(s.Data)
		}
	}
}

// offer hands a key frame on if somebody is free to look at it now, and drops it otherwise.
func (p *peer) offer(data []byte) {
	if !isKeyFrame(data) {
		return
	}
	select {
	case p.frames <- frame{data: data}:
	default:
	}
}

// ask asks the browser for a key frame (PLI, RFC 4585, section 6.3.1). A lost request is followed by the next.
func (p *peer) ask() {
	if ssrc := p.ssrc.Load(); ssrc != 0 {
		_ = p.pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: ssrc}})
	}
}

func (p *peer) onChannel(d *webrtc.DataChannel) {
	if d.Label() != hintsLabel {
		return
	}
	d.OnOpen(func() {
		p.mu.Lock()
		p.hints = d
		last := p.last
		p.mu.Unlock()
		if last != "" {
			_ = d.SendText(last) // a page that misses a hint gets the next, or asks by GET
		}
	})
}

// tell sends a message to the page, now or when its channel opens.
func (p *peer) tell(message string) {
	p.mu.Lock()
	p.last = message
	d := p.hints
	p.mu.Unlock()
	if d != nil {
		_ = d.SendText(message)
	}
}

// linger waits until the page, having read the last message, has closed the connection.
func (p *peer) linger() {
	select {
	case <-p.gone:
	case <-time.After(lingerMax):
	}
}

// Close ends the connection and waits for its goroutines.
func (p *peer) Close() error { return p.pc.GracefulClose() }
