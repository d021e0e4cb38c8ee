package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// A browser opens the camera in a secure context only, so phones on the local network need HTTPS. The certificate is
// made here and kept, so that a phone asks about it once.
const (
	certificateFile  = "lan.pem"
	certificateLives = 397 * 24 * time.Hour // the longest that browsers accept
	renewBefore      = 7 * 24 * time.Hour
)

// secure wraps a listener in TLS with the data folder's certificate.
func secure(listener net.Listener, data string) (net.Listener, error) {
	path := filepath.Join(data, certificateFile)
	certificate, err := loadCertificate(path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errStale) {
		if err = makeCertificate(path, time.Now()); err == nil {
			certificate, err = loadCertificate(path)
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("certificate: %w", err), listener.Close())
	}
	return tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}), nil
}

// errStale says that a certificate is about to run out, or is for another address.
var errStale = errors.New("stale certificate")

func loadCertificate(path string) (tls.Certificate, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return tls.Certificate{}, err
	}
	certificate, err := tls.X509KeyPair(b, b)
	if err != nil {
		return certificate, err
	}
	leaf, err := x509.ParseCertificate(certificate.Certificate[0])
	if err == nil && (time.Until(leaf.NotAfter) < renewBefore || leaf.VerifyHostname(networkAddress()) != nil) {
		err = errStale
	}
	return certificate, err
}

func makeCertificate(path string, now time.Time) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return err
	}
	leaf := x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "Kaopass on this network"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(certificateLives),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	if ip := net.ParseIP(networkAddress()); ip != nil {
		leaf.IPAddresses = append(leaf.IPAddresses, ip)
	} else {
		leaf.DNSNames = append(leaf.DNSNames, networkAddress())
	}
	der, err := x509.CreateCertificate(rand.Reader, &leaf, &leaf, &key.PublicKey, key)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	b := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	b = append(b, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...)
	return os.WriteFile(path, b, 0o600)
}
