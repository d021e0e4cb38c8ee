package db

import (
	"errors"
	"testing"

	"github.com/kaopass/kaopass/db/seal"
)

func TestASessionIsSigned(t *testing.T) {
	keys, err := seal.Make(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	token, hash, err := newSession(keys)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := sessionHash(keys, token); err != nil || string(got) != string(hash) {
		t.Errorf("our own: %v", err)
	}
	made, _ := newToken()
	for name, forged := range map[string]string{
		"empty": "", "only a dot": ".", "unsigned": made, "somebody's signature": made + token[len(made):], "cut": token[:len(token)-1],
	} {
		if _, err := sessionHash(keys, forged); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	others, err := seal.Make(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sessionHash(others, token); !errors.Is(err, ErrNotFound) {
		t.Errorf("another venue's: %v", err)
	}
}
