package db

import (
	"strings"
	"testing"

	"github.com/kaopass/kaopass"
)

// Helpers that the tests of people share.

func (d *DB) newVisitor(t testing.TB, contact string) (kaopass.Visitor, string) {
	t.Helper()
	code, err := d.RequestSignIn(t.Context(), contact)
	if err != nil || code.Reason != "" {
		t.Fatal(code.Reason, err)
	}
	in, err := d.SignIn(t.Context(), contact, code.Code, kaopass.Japanese)
	if err != nil || in.Reason != "" {
		t.Fatal(in.Reason, err)
	}
	return in.Visitor, in.Token
}

func consentFor(purposes ...kaopass.Purpose) (out []kaopass.Consent) {
	for _, purpose := range purposes {
		out = append(out, kaopass.Consent{Purpose: purpose, TextVersion: "2026-11", TextHash: kaopass.TextHash("text of " + string(purpose)),
			Language: kaopass.Japanese, Method: kaopass.SignedTyped, Mark: "山田 太郎"})
	}
	return out
}

func (d *DB) agree(t testing.TB, id kaopass.VisitorID, purposes ...kaopass.Purpose) {
	t.Helper()
	if err := d.GiveConsents(t.Context(), id, consentFor(purposes...)); err != nil {
		t.Fatal(err)
	}
}

func same(a, b kaopass.Template) bool {
	x, errX := a.MarshalBinary()
	y, errY := b.MarshalBinary()
	return errX == nil && errY == nil && string(x) == string(y)
}

func (d *DB) enrolled(t testing.TB, contact string, n int, purposes ...kaopass.Purpose) (kaopass.Visitor, kaopass.Enrolment) {
	t.Helper()
	v, _ := d.newVisitor(t, contact)
	d.agree(t, v.ID, purposes...)
	out, err := d.Enrol(t.Context(), Enrol{Visitor: v.ID, Template: faceOf(n), By: "self"})
	if err != nil || out.Reason != "" {
		t.Fatal(out.Reason, err)
	}
	return v, out.Enrolment
}

// kinds tells the visitor's events, oldest first, without those about signing up.
func (d *DB) kinds(t testing.TB, id kaopass.VisitorID) string {
	t.Helper()
	var rows []string
	err := d.pool.SelectContext(t.Context(), &rows,
		`SELECT trim(kind || ' ' || purpose || reason) FROM event WHERE visitor = $1 AND kind <> 'visitor.created' ORDER BY seq`, id)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(rows, ", ")
}

func (d *DB) count(t testing.TB, query string, args ...any) (n int) {
	t.Helper()
	if err := d.pool.GetContext(t.Context(), &n, query, args...); err != nil {
		t.Fatal(err)
	}
	return n
}
