package db

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"math/big"
	"strings"

	"github.com/kaopass/kaopass/db/seal"
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

// useSession signs the tokens of sessions, visitors' and staff's.
const useSession seal.Use = "session"

// signatureBytes are enough against guessing: the token itself is 256 random bits, and the database has the last word.
const signatureBytes = 16

// newSession makes a session's token with our signature behind it, so that what anybody makes up is refused without
// asking the database.
func newSession(keys *seal.Venue) (token string, hash []byte, err error) {
	token, hash = newToken()
	signature, err := sign(keys, token)
	return token + "." + signature, hash, err
}

// sessionHash is under what a session is kept: ErrNotFound where we never signed its token.
func sessionHash(keys *seal.Venue, token string) ([]byte, error) {
	token, given, _ := strings.Cut(token, ".")
	signature, err := sign(keys, token)
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare([]byte(given), []byte(signature)) != 1 {
		return nil, ErrNotFound
	}
	return tokenHash(token), nil
}

// notFoundIsDone: what never was ours needs no ending.
func notFoundIsDone(err error) error {
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

func sign(keys *seal.Venue, token string) (string, error) {
	sum, err := keys.Hash(useSession, token)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(sum[:signatureBytes]), nil
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
