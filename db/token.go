package db

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"math/big"
	"strings"
)

// newToken makes a bearer token of 256 random bits. A plain SHA-256 of it is what is stored: nobody guesses 256 bits.
func newToken() (token string, hash []byte) {
	var b [32]byte
	rand.Read(b[:]) // never fails (crypto/rand, since Go 1.24)
	token = base64.RawURLEncoding.EncodeToString(b[:])
	return token, tokenHash(token)
}

func tokenHash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// drawn makes a text of n symbols, each drawn at random from the alphabet, every one as likely.
func drawn(n int, alphabet string) string {
	var b strings.Builder
	for range n {
		i, err := rand.Int(rand.Reader, big.NewInt(int64(len(alphabet))))
		if err != nil {
			panic("db: crypto/rand answers an error, which it promises not to") //nolint:forbidigo // the invariant that every code rests on
		}
		b.WriteByte(alphabet[i.Int64()])
	}
	return b.String()
}

const digits = "0123456789"
