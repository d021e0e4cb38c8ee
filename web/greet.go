package main

import (
	"net"
	"path/filepath"

	"github.com/skip2/go-qrcode"

	"github.com/kaopass/kaopass"
)

// greet tells a newcomer where each audience goes and how to sign in.
func (p *program) greet(out output) {
	out.say("\nKaopass 顔パス serves %s\n", p.cfg.Venue)
	for _, line := range [][2]string{
		{"Visitors", "/"}, {"Lane screen of a gate", "/gate"}, {"Till", "/till"}, {"Kiosk", "/kiosk"},
		{"Console", "/console"}, {"Device protocol", "/docs/api"},
	} {
		out.say("  %-22s %s%s", line[0], p.url, line[1])
	}
	out.say("  %-22s %s", "Cards", p.inForce())
	if p.cfg.SMTP == "" {
		out.say("  %-22s %s/inbox   (no mail gateway: sign-in codes are shown here)", "Demo inbox", p.url)
	}
	if p.cfg.SMTP == "" && !p.cfg.Local() {
		out.say("\nCAREFUL: whoever reaches this address can read the demo inbox, and so sign in as anybody. Set KAOPASS_SMTP before\n" +
			"real people use it.")
	}
	p.greetSignIn(out)
	if p.cfg.LAN {
		p.greetPhones(out)
	}
	out.say("\nNo camera at hand? Run `make demo` in a second terminal. Ctrl-C stops everything.")
}

func (p *program) greetSignIn(out output) {
	if len(p.signIn.Staff) == 0 {
		return
	}
	out.say("\nSign in to console and kiosk (all of it is in %s):", filepath.Join(p.cfg.Data, signInFile))
	for _, s := range p.signIn.Staff {
		out.say("  %-11s password %s", s.Login, s.Password)
	}
	out.say("Claim codes for a first gate, till and kiosk (the console makes new ones):")
	shown := map[kaopass.Role]bool{}
	for _, d := range p.signIn.Devices {
		if !shown[d.Role] {
			out.say("  %-11s %s  (%s)", d.Role, d.ClaimCode, d.Name)
		}
		shown[d.Role] = true
	}
	out.say("Ticket numbers to link:")
	listed := map[kaopass.TicketKind]bool{}
	for _, t := range p.signIn.Tickets {
		if !listed[t.Kind] {
			out.say("  %-11s %s", t.Kind, t.Number)
		}
		listed[t.Kind] = true
	}
}

// greetPhones shows the address as a QR code: a phone's camera reads it off the terminal.
func (p *program) greetPhones(out output) {
	code, err := qrcode.New(p.url, qrcode.Low)
	if err != nil {
		return
	}
	out.say("\nPhones on this network: %s (the certificate is our own; the phone asks once)\n%s", p.url, code.ToSmallString(false))
}

// reachable is the address that people type: this machine's on the network with lan, else a name for the wildcard.
func reachable(addr net.Addr, lan bool) string {
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return addr.String()
	}
	ip := net.ParseIP(host)
	switch {
	case ip.IsUnspecified() && lan:
		host = networkAddress()
	case ip.IsUnspecified(), ip.IsLoopback():
		host = "localhost" // a passkey belongs to a name, not to a number
	}
	return net.JoinHostPort(host, port)
}

// networkAddress is this machine's first private IPv4 address.
func networkAddress() string {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return "localhost"
	}
	for _, a := range addresses {
		ip, _, err := net.ParseCIDR(a.String())
		if err == nil && ip.To4() != nil && ip.IsPrivate() {
			return ip.String()
		}
	}
	return "localhost"
}
