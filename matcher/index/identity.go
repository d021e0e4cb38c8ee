package index

import (
	"encoding/binary"
	"strings"

	"github.com/kaopass/kaopass"
)

// identity is an enrolment's id in 16 bytes. The 26 characters that [kaopass.NewID] makes are 130 bits, of which the
// first three are zero until the year 3084, so they are kept as a number below 2^127. Any other short id is kept as it
// is, told by its highest bit. All zero is nobody.
type identity [16]byte

const (
	spelling    = "0123456789abcdefghjkmnpqrstvwxyz" // as kaopass.NewID spells
	spelledLen  = 26
	verbatimMax = 15
	verbatim    = 0x80 // in the first byte: the id's own bytes follow, as many as its low four bits say
	bare        = 0x40 // with verbatim: the id has no prefix
)

// shorten packs an id; it reports false for one that does not fit, and for none.
func shorten(id kaopass.EnrolmentID) (who identity, ok bool) {
	body, prefixed := strings.CutPrefix(string(id), string(kaopass.PrefixEnrolment))
	if prefixed && len(body) == spelledLen {
		if who, ok = spell(body); ok {
			return who, true
		}
	}
	if id == "" || len(body) > verbatimMax {
		return identity{}, false
	}
	who[0] = verbatim | byte(len(body))
	if !prefixed {
		who[0] |= bare
	}
	copy(who[1:], body)
	return who, true
}

// spell reads 26 characters as a number. The number zero is nobody's.
func spell(body string) (who identity, ok bool) {
	var high, low uint64
	for i := range len(body) {
		digit := strings.IndexByte(spelling, body[i])
		if digit < 0 || i == 0 && digit > 3 {
			return identity{}, false
		}
		high, low = high<<5|low>>59, low<<5|uint64(digit)
	}
	binary.BigEndian.PutUint64(who[:8], high)
	binary.BigEndian.PutUint64(who[8:], low)
	return who, high|low != 0
}

// longest is the length of the longest id, in bytes.
const longest = len(kaopass.PrefixEnrolment) + spelledLen

// append writes the id as it was at the end of b.
func (who identity) append(b []byte) []byte {
	if who[0]&verbatim != 0 {
		if who[0]&bare == 0 {
			b = append(b, kaopass.PrefixEnrolment...)
		}
		return append(b, who[1:][:who[0]&0xf]...)
	}
	b = append(b, kaopass.PrefixEnrolment...)
	high, low := binary.BigEndian.Uint64(who[:8]), binary.BigEndian.Uint64(who[8:])
	at := len(b)
	b = append(b, spelling[:spelledLen]...)
	for i := at + spelledLen - 1; i >= at; i-- {
		b[i] = spelling[low&31]
		high, low = high>>5, high<<59|low>>5
	}
	return b
}

func (who identity) long() kaopass.EnrolmentID {
	var b [longest]byte
	return kaopass.EnrolmentID(who.append(b[:0]))
}

// valid reports whether shorten could have made it.
func (who identity) valid() bool {
	if who[0]&verbatim == 0 {
		return who != identity{}
	}
	again, ok := shorten(who.long())
	return ok && again == who
}
