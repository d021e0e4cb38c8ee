package db

import (
	crypto "crypto/rand"
	"encoding/binary"
	"errors"
	"math/rand/v2"

	"github.com/kaopass/kaopass"
)

// codeDraws bounds the redrawing of codes that are taken: by CodeHolders people, or by somebody near. While fewer than
// half of them are, the chance that all these are is one in a million; after that those left over are looked for. The
// nearest take 1,000 of the 10,000 codes at most, so one is left while fewer than 9,000 are full: up to 2.7 million
// people. With more a venue needs longer codes.
const codeDraws = 20

// errCodesFull says that the codes have run out of room.
var errCodesFull = errors.New("db: every code that was drawn has its most holders: longer codes are needed")

// setCode issues a payment code, the given one or where that is empty one drawn at random that nobody around has; it
// appends its event.
func (t *tx) setCode(id kaopass.VisitorID, given string, around []kaopass.EnrolmentID, actor string) (string, error) {
	if given != "" {
		free, err := t.tryCode(id, given, around, actor)
		if err == nil && !free {
			err = errCodesFull
		}
		return given, err
	}
	for range codeDraws {
		code := t.code()
		if free, err := t.tryCode(id, code, around, actor); err != nil || free {
			return code, err
		}
	}
	return t.lastCode(id, around, actor)
}

// tryCode gives the visitor a code where one more person may have it and nobody around does. Whoever issues the same code
// at the same moment waits for this verb's end, and sees then who has it.
func (t *tx) tryCode(id kaopass.VisitorID, code string, around []kaopass.EnrolmentID, actor string) (free bool, err error) {
	hash, err := t.keys.Hash(useCode, code)
	if err != nil {
		return false, err
	}
	if err := t.lockCode(hash); err != nil {
		return false, err
	}
	var of struct{ Holders, Near int }
	if err := t.get(&of, t.q.Wallet.CodeHolders, hash, id, texts(around)); err != nil {
		return false, err
	}
	if of.Holders >= kaopass.CodeHolders || of.Near > 0 {
		return false, nil
	}
	if _, err := t.do(t.q.Wallet.CodeSet, id, hash, t.now); err != nil {
		return false, err
	}
	_, err = t.event(kaopass.Event{Kind: kaopass.CodeIssued, Actor: actor, Visitor: id, Purpose: kaopass.ForPayment})
	return err == nil, err
}

// lockCode makes whoever issues the same code wait until the verb ends.
func (t *tx) lockCode(hash []byte) error {
	_, err := t.do(t.q.Wallet.CodeLock, int64(binary.BigEndian.Uint64(hash)))
	return err
}

// lastCode looks for a code where so few are left that drawing did not meet one: it asks which are taken, and tries the
// others in random order.
func (t *tx) lastCode(id kaopass.VisitorID, around []kaopass.EnrolmentID, actor string) (string, error) {
	if _, err := t.do(t.q.Enrolment.Patience); err != nil { // it reads the codes of everyone
		return "", err
	}
	var hashes [][]byte
	if err := t.list(&hashes, t.q.Wallet.CodesTaken, id, kaopass.CodeHolders, texts(around)); err != nil {
		return "", err
	}
	taken := make(map[string]bool, len(hashes))
	for _, h := range hashes {
		taken[string(h)] = true
	}
	for _, code := range shuffledCodes() {
		hash, err := t.keys.Hash(useCode, code)
		if err != nil {
			return "", err
		}
		if taken[string(hash)] {
			continue
		}
		if free, err := t.tryCode(id, code, around, actor); err != nil || free {
			return code, err
		}
	}
	return "", errCodesFull
}

// callInCodes looks whether anybody near an enrolment has the same code. The newer of two loses it, and draws another.
// Hashes are compared; nobody's code is read.
func (t *tx) callInCodes(id kaopass.EnrolmentID, visitor kaopass.VisitorID, nearest []kaopass.EnrolmentID) error {
	var mine codeRow
	found, err := t.find(&mine, t.q.Wallet.CodeRead, visitor)
	if err != nil || !found {
		return err
	}
	if err := t.lockCode(mine.Hash); err != nil {
		return err
	}
	var near []codeHolder // the oldest first
	if err := t.list(&near, t.q.Wallet.CodesNear, mine.Hash, texts(nearest), visitor); err != nil {
		return err
	}
	if len(near) > 0 && near[0].Enrolment < id {
		near = []codeHolder{{id, visitor}}
	}
	for _, n := range near {
		called, err := t.do(t.q.Wallet.CodeCallIn, n.Visitor, mine.Hash)
		if err != nil {
			return err
		}
		if called == 0 { // another was issued meanwhile
			continue
		}
		if err := t.alikeEvent(kaopass.CodeCalledIn, n.Visitor, n.Enrolment, venueActor); err != nil {
			return err
		}
	}
	return nil
}

type codeHolder struct {
	Enrolment kaopass.EnrolmentID
	Visitor   kaopass.VisitorID
}

func drawCode() string {
	for {
		var random [2]byte
		crypto.Read(random[:]) // never fails (crypto/rand, since Go 1.24)
		if code, ok := kaopass.PaymentCode(binary.BigEndian.Uint16(random[:])); ok {
			return code
		}
	}
}

// shuffledCodes are all codes in random order.
func shuffledCodes() []string {
	var seed [32]byte
	crypto.Read(seed[:]) // never fails (crypto/rand, since Go 1.24)
	order := rand.New(rand.NewChaCha8(seed)).Perm(kaopass.Codes)
	codes := make([]string, len(order))
	for i, n := range order {
		codes[i], _ = kaopass.PaymentCode(uint16(n)) //nolint:gosec // n is below Codes, which fits
	}
	return codes
}
