package db

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kaopass/kaopass"
)

// alikeTo is a search that found these.
func alikeTo(ids ...kaopass.EnrolmentID) kaopass.Neighbourhood {
	return kaopass.Neighbourhood{Alike: ids, Nearest: ids}
}

// alikeKinds tells a visitor's events about look-alikes.
func (r *rig) alikeKinds(id kaopass.VisitorID) string {
	r.Helper()
	var kinds []string
	r.ok(r.pool.SelectContext(r.ctx, &kinds, `SELECT kind FROM event WHERE visitor = $1
		AND split_part(kind, '.', 1) IN ('alike', 'twice', 'recovery') ORDER BY seq`, id))
	return strings.Join(kinds, " ")
}

func (r *rig) isAlike(id kaopass.VisitorID) bool {
	r.Helper()
	return must(r.Profile(r.ctx, id)).Alike
}

func TestLookAlikesAreMarkedOnceAndFreedTogether(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a, faceA := r.visitor(1, "Taro", 100)
	b, faceB := r.visitor(2, "Jiro", 100)
	c, faceC := r.visitor(3, "Hanako", 100)
	for range 3 { // as several followers do
		r.ok(r.MarkAlike(r.ctx, faceB, alikeTo(faceA)))
		r.ok(r.MarkAlike(r.ctx, faceA, alikeTo(faceB)))
		r.ok(r.MarkAlike(r.ctx, faceC, alikeTo(faceB, "enr_gone", faceC)))
		r.ok(r.MarkAlike(r.ctx, "enr_gone", alikeTo(faceA)))
	}
	if n := r.count("SELECT count(*) FROM look_alike"); n != 2 || !r.isAlike(a) || !r.isAlike(b) || !r.isAlike(c) {
		t.Errorf("%d pairs", n)
	}
	_, err := r.EraseFace(r.ctx, a)
	r.ok(err)
	if r.isAlike(a) || !r.isAlike(b) || !r.isAlike(c) {
		t.Error("b still resembles c")
	}
	_, err = r.Withdraw(r.ctx, b, kaopass.ForPayment)
	r.ok(err)
	if r.isAlike(b) || r.isAlike(c) || r.count("SELECT count(*) FROM look_alike") != 0 {
		t.Error("c is not free")
	}
	for who, want := range map[kaopass.VisitorID]string{a: "alike.marked", b: "alike.marked", c: "alike.marked alike.freed"} {
		if got := r.alikeKinds(who); got != want {
			t.Errorf("%s: %s, want %s", who, got, want)
		}
	}
	if n := r.count(`SELECT count(*) FROM event WHERE visitor = $1 AND (subject IN ($2, $3) OR actor IN ($4, $5))`,
		c, faceA, faceB, a, b); n != 0 {
		t.Error("an event leads from one look-alike to the other")
	}
}

func TestAReplacedFaceFreesTheOther(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a, faceA := r.visitor(1, "Taro", 0)
	b, faceB := r.visitor(2, "Jiro", 0)
	r.ok(r.MarkAlike(r.ctx, faceB, alikeTo(faceA)))
	out, err := r.Enrol(r.ctx, Enrol{Visitor: b, Template: faceOf(5), By: "self", Near: func(kaopass.Template, ...kaopass.EnrolmentID) kaopass.Neighbourhood {
		return kaopass.Neighbourhood{Nearest: []kaopass.EnrolmentID{faceA}}
	}})
	r.ok(err)
	if r.isAlike(a) || r.isAlike(b) || !must(r.Resemblance(r.ctx, out.Enrolment.ID)).Compared {
		t.Error("the face that was replaced still resembles somebody")
	}
	_, err = r.Enrol(r.ctx, Enrol{Visitor: b, Template: faceOf(1), By: "self", Near: func(kaopass.Template, ...kaopass.EnrolmentID) kaopass.Neighbourhood {
		return alikeTo(out.Enrolment.ID, faceA) // the gallery still holds what was replaced
	}})
	r.ok(err)
	if !r.isAlike(a) || !r.isAlike(b) || r.count("SELECT count(*) FROM look_alike") != 1 {
		t.Error("a look-alike found right after the capture is not marked")
	}
}

// TestNobodyIsComparedWithoutConsentToPay: the search is not made at all.
func TestNobodyIsComparedWithoutConsentToPay(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	v, _ := r.newVisitor(t, "a@example.com")
	r.agree(t, v.ID, kaopass.ForAdmission)
	searched := func(kaopass.Template, ...kaopass.EnrolmentID) kaopass.Neighbourhood {
		t.Error("a face was searched among those who pay")
		return kaopass.Neighbourhood{}
	}
	out, err := r.Enrol(r.ctx, Enrol{Visitor: v.ID, Template: faceOf(1), By: "self", Near: searched})
	r.ok(err)
	_, face := r.visitor(2, "Jiro", 0)
	r.ok(r.MarkAlike(r.ctx, face, alikeTo(out.Enrolment.ID)))
	r.ok(r.MarkAlike(r.ctx, out.Enrolment.ID, alikeTo(face)))
	if n := r.count("SELECT count(*) FROM look_alike"); n != 0 {
		t.Error("somebody who does not pay is marked")
	}
	if _, reason, err := r.IssueCode(r.ctx, v.ID, searched); err != nil || reason != kaopass.ConsentMissing {
		t.Error(reason, err)
	}
}

// TestATillAsksALookAlikeForTheCode: at "enough", whatever the amount; the code then chooses among the whole short list.
func TestATillAsksALookAlikeForTheCode(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a, faceA := r.visitor(1, "Taro", 500)
	b, faceB := r.visitor(2, "Jiro", 500)
	show := func() Outcome {
		return r.showFace(r.open(50, false).ID, kaopass.Enough, faceA, faceB)
	}
	if out := show(); out.Status != kaopass.AwaitingConfirmation || out.Payer != a {
		t.Errorf("before: %+v", out.Payment)
	}
	r.ok(r.MarkAlike(r.ctx, faceB, alikeTo(faceA)))
	out := show()
	if out.Status != kaopass.AwaitingCode || out.Payer != "" || out.PayerName != "" {
		t.Errorf("marked: %+v", out.Payment)
	}
	code, _, err := r.IssueCode(r.ctx, b, nil)
	r.ok(err)
	if out := r.ok2(r.PaymentCode(r.ctx, kaopass.Key{}, r.till.ID, out.ID, code)); out.Status != kaopass.AwaitingConfirmation || out.Payer != b {
		t.Errorf("the look-alike who was taken for the other pays by code: %+v", out.Payment)
	}
	_, err = r.EraseFace(r.ctx, b)
	r.ok(err)
	if out := show(); out.Status != kaopass.AwaitingConfirmation || out.Payer != a {
		t.Errorf("freed: %+v", out.Payment)
	}
}

// TestMarksAndErasuresMeet runs followers, erasures and new faces against each other: afterwards nobody is marked without
// a partner, and the last event of everyone says what is so.
func TestMarksAndErasuresMeet(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const people = 8
	who, faces := make([]kaopass.VisitorID, people), make([]kaopass.EnrolmentID, people)
	for i := range people {
		who[i], faces[i] = r.visitor(i, "Taro", 0)
	}
	var work sync.WaitGroup
	for f := range 3 {
		work.Go(func() {
			for i := range people {
				if err := r.MarkAlike(r.ctx, faces[(i+f*3)%people], alikeTo(faces...)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range people / 2 {
		work.Go(func() {
			if _, err := r.EraseFace(r.ctx, who[i]); err != nil {
				t.Error(err)
			}
		})
	}
	work.Wait()
	if n := r.count("SELECT count(*) FROM look_alike"); n != 6 {
		t.Errorf("%d pairs are left of four people, want 6", n)
	}
	for i := people / 2; i < people-1; i++ {
		_, err := r.EraseFace(r.ctx, who[i])
		r.ok(err)
	}
	last := who[people-1]
	if kinds := r.alikeKinds(last); r.isAlike(last) || !strings.HasSuffix(kinds, "alike.freed") ||
		strings.Count(kinds, "marked") != strings.Count(kinds, "freed") {
		t.Errorf("the last one: %s", kinds)
	}
}

func TestWhoEnrolledWhileNobodyLookedIsCompared(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, faceA := r.visitor(1, "Taro", 0)
	r.clock.turn(time.Second)
	_, faceB := r.visitor(2, "Jiro", 0)
	list := func(after kaopass.EnrolmentID) (ids []kaopass.EnrolmentID) {
		changes, err := r.Uncompared(r.ctx, after)
		r.ok(err)
		for _, c := range changes {
			if c.Purpose != kaopass.ForPayment || len(c.Template.Frames) == 0 {
				t.Errorf("%+v", c)
			}
			ids = append(ids, c.Enrolment)
		}
		return ids
	}
	if got := list(""); !slices.Equal(got, []kaopass.EnrolmentID{faceA, faceB}) || len(list(faceA)) != 1 {
		t.Error(got)
	}
	r.ok(r.MarkAlike(r.ctx, faceA, kaopass.Neighbourhood{}))
	if got := list(""); !slices.Equal(got, []kaopass.EnrolmentID{faceB}) {
		t.Error(got)
	}
	if n, err := r.Recheck(r.ctx, r.clock.now().Add(time.Second)); err != nil || n != 1 || len(list("")) != 2 {
		t.Error(n, err)
	}
	r.ok(r.MarkAlike(r.ctx, faceA, kaopass.Neighbourhood{}))
	exec(t, r.DB, "UPDATE template SET sealed = sealed WHERE enrolment = $1", faceA)
	if len(list("")) != 2 {
		t.Error("a template that changed is not compared again")
	}
}

// TestASearchWhileTheGalleryLoadsIsMadeAgain: what it found holds at once, and nobody takes it for all there is.
func TestASearchWhileTheGalleryLoadsIsMadeAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a, faceA := r.visitor(1, "Taro", 0)
	_, faceB := r.visitor(2, "Jiro", 0)
	compared := func() bool { return must(r.Resemblance(r.ctx, faceA)).Compared }
	partial := alikeTo(faceB)
	partial.Partial = true
	r.ok(r.MarkAlike(r.ctx, faceA, partial))
	if !r.isAlike(a) || compared() {
		t.Errorf("alike %v, compared %v", r.isAlike(a), compared())
	}
	r.ok(r.MarkAlike(r.ctx, faceA, alikeTo(faceB)))
	if !compared() {
		t.Error("not compared")
	}
	for name, near := range map[string]Near{"by nobody": nil, "in part": func(kaopass.Template, ...kaopass.EnrolmentID) kaopass.Neighbourhood { return partial }} {
		if _, _, err := r.IssueCode(r.ctx, a, near); err != nil || compared() {
			t.Errorf("a code issued with a search %s: compared %v, %v", name, compared(), err)
		}
		r.ok(r.MarkAlike(r.ctx, faceA, alikeTo(faceB)))
	}
	if _, _, err := r.IssueCode(r.ctx, a, func(kaopass.Template, ...kaopass.EnrolmentID) kaopass.Neighbourhood { return alikeTo(faceB) }); err != nil || !compared() {
		t.Error("a whole search is not enough:", err)
	}
}

// TestNearFacesNeverShareACode issues codes to people who are near each other in every order and at once.
func TestNearFacesNeverShareACode(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const people = 12
	who, faces := make([]kaopass.VisitorID, people), make([]kaopass.EnrolmentID, people)
	for i := range people {
		who[i], faces[i] = r.visitor(i, "Taro", 0)
	}
	r.code = func() string { // from so few that two who draw at once often draw the same
		code, _ := kaopass.PaymentCode(uint16(rand.N(2 * people)))
		return code
	}
	near := func(kaopass.Template, ...kaopass.EnrolmentID) kaopass.Neighbourhood { return alikeTo(faces...) }
	for range 3 {
		var work sync.WaitGroup
		for i := range people {
			work.Go(func() {
				if code, _, err := r.IssueCode(r.ctx, who[i], near); err != nil || !kaopass.IsPaymentCode(code) {
					t.Error(code, err)
				}
			})
		}
		work.Wait()
		if n := r.count("SELECT count(DISTINCT hash) FROM payment_code WHERE visitor = ANY ($1)", visitorTexts(who)); n != people {
			t.Fatalf("%d codes for %d people who are near each other", n, people)
		}
	}
}

func visitorTexts(ids []kaopass.VisitorID) string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = string(id)
	}
	return "{" + strings.Join(out, ",") + "}"
}

// onlyCodes fills every code outside of [from, until) with its most holders.
func (r *rig) onlyCodes(from, until int) {
	r.Helper()
	for n := range kaopass.Codes {
		if n < from || n >= until {
			code, _ := kaopass.PaymentCode(uint16(n))
			exec(r.TB, r.DB, `INSERT INTO payment_code (visitor, hash, issued_at)
				SELECT $3 || n, $1, now() FROM generate_series(1, $2) n`,
				must(r.DB.keys.Hash(useCode, code)), kaopass.CodeHolders, "vis_"+code+"_")
		}
	}
}

// TestThereIsACodeUpToTheLast: with 9,000 codes full, which is 2.7 million people, the thousand nearest leave none, and
// one less leaves one.
func TestThereIsACodeUpToTheLast(t *testing.T) {
	if testing.Short() {
		t.Skip("2.7 million rows")
	}
	t.Parallel()
	r := newRig(t)
	me, _ := r.visitor(1, "Taro", 0)
	exec(t, r.DB, "DELETE FROM payment_code")
	const left = kaopass.NearestMax
	r.onlyCodes(0, left)
	faces := make([]kaopass.EnrolmentID, left)
	for n := range faces { // each of the nearest has one of the codes that are left
		faces[n] = kaopass.EnrolmentID(fmt.Sprintf("enr_near%04d", n))
		code, _ := kaopass.PaymentCode(uint16(n))
		who := fmt.Sprintf("vis_near%04d", n)
		exec(t, r.DB, "INSERT INTO visitor (id, language, created) VALUES ($1, 'ja', now())", who)
		exec(t, r.DB, "INSERT INTO enrolment (id, visitor, model, frames, created, made_by) VALUES ($1, $2, 'test', 1, now(), 'self')", faces[n], who)
		exec(t, r.DB, "INSERT INTO payment_code (visitor, hash, issued_at) VALUES ($1, $2, now())", who, must(r.DB.keys.Hash(useCode, code)))
	}
	near := func(n int) Near {
		return func(kaopass.Template, ...kaopass.EnrolmentID) kaopass.Neighbourhood {
			return kaopass.Neighbourhood{Nearest: faces[:n]}
		}
	}
	start := time.Now()
	if _, _, err := r.IssueCode(r.ctx, me, near(left)); !errors.Is(err, errCodesFull) {
		t.Error("a code that is full, or that somebody near has, was issued:", err)
	}
	code, _, err := r.IssueCode(r.ctx, me, near(left-1))
	if want, _ := kaopass.PaymentCode(left - 1); err != nil || code != want {
		t.Errorf("the last code was not found: %v", err)
	}
	t.Logf("%d holders: two searches for the last code in %v", r.count("SELECT count(*) FROM payment_code"), time.Since(start))
}

// TestOfTwoNearFacesWithOneCodeTheNewerDrawsAnother, whoever of them is compared, and only once.
func TestOfTwoNearFacesWithOneCodeTheNewerDrawsAnother(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	set := func(who kaopass.VisitorID, code string) {
		r.ok(r.tx(r.ctx, func(t *tx) error { _, err := t.setCode(who, code, nil, "venue"); return err }))
	}
	var n int
	rapid.Check(t, func(rt *rapid.T) {
		n += 3
		var who [3]kaopass.VisitorID
		var faces [3]kaopass.EnrolmentID
		for i := range who {
			who[i], faces[i] = r.visitor(n+i, "Taro", 0)
			r.clock.turn(time.Second)
			set(who[i], rapid.SampledFrom([]string{"1111", "2222"}).Draw(rt, "code"))
		}
		for range 4 {
			i := rapid.IntRange(0, 2).Draw(rt, "compared")
			near := kaopass.Neighbourhood{}
			for j, face := range faces {
				if j != i {
					near.Nearest = append(near.Nearest, face)
				}
			}
			r.ok(r.MarkAlike(r.ctx, faces[i], near))
		}
		for i := range who {
			r.ok(r.MarkAlike(r.ctx, faces[i], kaopass.Neighbourhood{Nearest: faces[:]}))
		}
		if twice := r.count("SELECT count(*) - count(DISTINCT hash) FROM payment_code WHERE visitor = ANY ($1)", visitorTexts(who[:])); twice != 0 {
			rt.Fatalf("%d near faces share a code", twice)
		}
		left := r.count("SELECT count(*) FROM payment_code WHERE visitor = ANY ($1)", visitorTexts(who[:]))
		told := r.count("SELECT count(*) FROM event WHERE kind = 'code.called_in' AND visitor = ANY ($1)", visitorTexts(who[:]))
		if must(r.Profile(r.ctx, who[0])).CodeIssued.IsZero() || left+told != 3 {
			rt.Fatalf("%d codes are left, %d were called in; the oldest keeps theirs", left, told)
		}
	})
}

func TestCancelledMarksChangeNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a, faceA := r.visitor(1, "Taro", 0)
	_, faceB := r.visitor(2, "Jiro", 0)
	ctx, cancel := context.WithCancel(r.ctx)
	cancel()
	if err := r.MarkAlike(ctx, faceB, alikeTo(faceA)); err == nil || r.isAlike(a) {
		t.Error("marked by a verb that was cancelled")
	}
}
