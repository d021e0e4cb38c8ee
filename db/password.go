package db

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// How passwords are hashed: argon2id (RFC 9106) with OWASP's smallest recommended memory, so that a sign-in costs a
// tenth of a second at most on the machine that also recognises faces.
const (
	argonTime     = 2
	argonMemory   = 19 << 10 // KiB
	argonThreads  = 1
	argonSalt     = 16
	argonKey      = 32
	argonAtOnce   = 2    // more would only take memory from each other
	PasswordMax   = 1024 // bytes
	passwordShape = "$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s"
)

// passwords hashes, a few at a time.
type passwords chan struct{}

func newPasswords() passwords { return make(passwords, argonAtOnce) }

// hash answers the PHC string of a password.
func (p passwords) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, argonSalt)
	rand.Read(salt) // never fails (crypto/rand, since Go 1.24)
	sum, err := p.derive(ctx, password, salt, argonMemory, argonTime, argonThreads)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf(passwordShape, argonMemory, argonTime, argonThreads, b64.EncodeToString(salt), b64.EncodeToString(sum)), err
}

// is reports whether the password is the one of the PHC string. With an empty string it takes as long and says no, so
// that nobody learns which logins exist.
func (p passwords) is(ctx context.Context, password, phc string) (bool, error) {
	memory, time, threads, salt, sum, ok := readPHC(phc)
	got, err := p.derive(ctx, password, salt, memory, time, threads)
	return ok && err == nil && subtle.ConstantTimeCompare(got, sum) == 1, err
}

func readPHC(phc string) (memory, time uint32, threads uint8, salt, sum []byte, ok bool) {
	parts := strings.Split(phc, "$")
	none := make([]byte, argonSalt)
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != "v=19" {
		return argonMemory, argonTime, argonThreads, none, nil, false
	}
	_, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &time, &threads)
	salt, badSalt := base64.RawStdEncoding.DecodeString(parts[4])
	sum, badSum := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || badSalt != nil || badSum != nil || threads == 0 || time == 0 {
		return argonMemory, argonTime, argonThreads, none, nil, false
	}
	return memory, time, threads, salt, sum, true
}

func (p passwords) derive(ctx context.Context, password string, salt []byte, memory, time uint32, threads uint8) ([]byte, error) {
	select {
	case p <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, ctx.Err())
	}
	defer func() { <-p }()
	return argon2.IDKey([]byte(password), salt, time, memory, threads, argonKey), nil
}
