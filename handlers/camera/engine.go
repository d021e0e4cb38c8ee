package camera

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/webrtc/v4"
)

// engine makes peers that share one UDP port and one TCP port, so that a firewall needs two rules.
type engine struct {
	api *webrtc.API
	udp ice.UDPMux
	tcp ice.TCPMux
}

func newEngine(cfg Config) (*engine, error) {
	udp, err := ice.NewMultiUDPMuxFromPort(cfg.UDPPort, ice.UDPMuxFromPortWithLoopback(),
		ice.UDPMuxFromPortWithIPFilter(cfg.listensOn), ice.UDPMuxFromPortWithReadBufferSize(readBuffer),
		ice.UDPMuxFromPortWithLogger(quiet().NewLogger("ice")))
	if err != nil {
		return nil, fmt.Errorf("camera: UDP port %d: %w", cfg.UDPPort, err)
	}
	listener, err := net.ListenTCP("tcp", cfg.tcpAddress())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("camera: TCP port %d: %w", cfg.TCPPort, err), udp.Close())
	}
	e := &engine{udp: udp, tcp: webrtc.NewICETCPMux(quiet().NewLogger("ice"), listener, tcpPacketsMax)}
	if e.api, err = e.newAPI(cfg); err != nil {
		return nil, errors.Join(fmt.Errorf("camera: %w", err), e.Close())
	}
	return e, nil
}

// readBuffer is what we ask the kernel to hold for us, in bytes: the key frames that a few hundred phones send at once.
const readBuffer = 4 << 20

// tcpPacketsMax is how many packets wait for a reader on a TCP connection.
const tcpPacketsMax = 64

// listensOn reports whether an address of this machine is one to listen on.
func (cfg Config) listensOn(ip net.IP) bool { return !cfg.Loopback || ip.IsLoopback() }

func (cfg Config) tcpAddress() *net.TCPAddr {
	if cfg.Loopback {
		return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: cfg.TCPPort}
	}
	return &net.TCPAddr{Port: cfg.TCPPort}
}

func (e *engine) newAPI(cfg Config) (*webrtc.API, error) {
	media := &webrtc.MediaEngine{}
	if err := media.RegisterCodec(webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: clockRate},
		PayloadType:        96,
	}, webrtc.RTPCodecTypeVideo); err != nil {
		return nil, err
	}
	feedback := &interceptor.Registry{}
	if err := errors.Join(
		webrtc.ConfigureNack(media, feedback),        // a key frame is 20 to 60 packets: ask again for the one lost
		webrtc.ConfigureRTCPReports(feedback),        //
		webrtc.ConfigureTWCCSender(media, feedback)); // lets the browser find the bandwidth there is
	err != nil {
		return nil, err
	}
	settings, err := e.settings(cfg)
	if err != nil {
		return nil, err
	}
	return webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(feedback),
		webrtc.WithSettingEngine(settings)), nil
}

func (e *engine) settings(cfg Config) (webrtc.SettingEngine, error) {
	s := webrtc.SettingEngine{LoggerFactory: quiet()}
	s.SetICEUDPMux(e.udp)
	s.SetICETCPMux(e.tcp)
	s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6, webrtc.NetworkTypeTCP4,
		webrtc.NetworkTypeTCP6})
	s.DisableActiveTCP(true)
	s.SetIPFilter(cfg.listensOn)
	s.SetIncludeLoopbackCandidate(true) // a browser on this machine, also one without a network
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	s.SetICETimeouts(iceDisconnected, iceFailed, iceKeepalive)
	if len(cfg.PublicIPs) == 0 {
		return s, nil
	}
	return s, s.SetICEAddressRewriteRules(webrtc.ICEAddressRewriteRule{External: cfg.PublicIPs,
		AsCandidateType: webrtc.ICECandidateTypeHost, Mode: webrtc.ICEAddressRewriteAppend})
}

// Close closes both ports.
func (e *engine) Close() error { return errors.Join(e.udp.Close(), e.tcp.Close()) }

// answer makes a peer that answers an offer. All our candidates are in the answer: there is no trickle (RFC 9725, 4.3.2
// leaves it to the server).
func (e *engine) answer(ctx context.Context, offer string, frames chan<- frame) (*peer, string, error) {
	pc, err := e.api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, "", err
	}
	p := newPeer(pc, frames)
	answer, err := p.answer(ctx, offer)
	if err != nil {
		return nil, "", errors.Join(err, p.Close())
	}
	return p, answer, nil
}

// quiet keeps the stack's own log to errors: a lost phone is nothing that an operator can mend.
func quiet() logging.LoggerFactory {
	f := logging.NewDefaultLoggerFactory()
	f.DefaultLogLevel = logging.LogLevelDisabled
	return f
}
