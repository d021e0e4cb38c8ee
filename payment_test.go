package kaopass

import (
	"math"
	"slices"
	"testing"
	"time"
)

var statuses = []PaymentStatus{AwaitingFace, AwaitingCode, AwaitingConfirmation, Authorised, Captured, PartiallyRefunded,
	Refunded, Refused, Declined, Cancelled, Expired, Voided}

// Every status against every verb: what is not in the table is not possible.
func TestMay(t *testing.T) {
	allowed := map[PaymentStatus][]PaymentVerb{
		AwaitingFace:         {ShowFace},
		AwaitingCode:         {EnterCode},
		AwaitingConfirmation: {Confirm},
		Authorised:           {Capture, Void},
		Captured:             {Refund},
		PartiallyRefunded:    {Refund},
	}
	if all := declared(t, "payment.go", "PaymentStatus"); len(all) != len(statuses) {
		t.Fatalf("%d statuses declared, %d in this table", len(all), len(statuses))
	}
	for _, s := range statuses {
		for _, v := range []PaymentVerb{ShowFace, EnterCode, Confirm, Capture, Void, Cancel, Refund} {
			want := v == Cancel || slices.Contains(allowed[s], v)
			if s.May(v) != want || (Payment{Status: s}).May(v) != want {
				t.Errorf("%s when %s: want %v", v, s, want)
			}
			retried := want || v == ShowFace && s == Refused
			if (Payment{Status: s, Retry: true}).May(v) != retried {
				t.Errorf("%s when %s with another try: want %v", v, s, retried)
			}
		}
		open := slices.Contains([]PaymentStatus{AwaitingFace, AwaitingCode, AwaitingConfirmation}, s)
		if s.Open() != open || (Payment{Status: s}).Open() != open || (Payment{Status: s, Retry: true}).Open() != (open || s == Refused) {
			t.Errorf("%s: open", s)
		}
	}
}

var standing = Payer{Consent: Consent{Purpose: ForPayment, SignedAt: noon}}

func found(how Identity, who ...EnrolmentID) Identification {
	return Identification{Identity: how, ShortList: who}
}

func TestFaceVerdict(t *testing.T) {
	frozen, taken, spent, alike := standing, standing, standing, standing
	alike.Alike, frozen.Frozen, taken.Consent.WithdrawnAt, spent.Today = true, true, noon, Yen(PaymentDayMax-999)
	for _, c := range []struct {
		name   string
		id     Identification
		amount int64
		first  Payer
		status PaymentStatus
		reason Reason
	}{
		{"known", found(Enough, "enr_1"), 1000, standing, AwaitingConfirmation, ""},
		{"nobody", Identification{Identity: Nobody}, 1000, Payer{}, Refused, FaceUnknown},
		{"two faces", Identification{Identity: Nobody, Reason: FaceMany}, 1000, Payer{}, Refused, FaceMany},
		{"an empty list is nobody", found(Enough), 1000, standing, Refused, FaceUnknown},
		{"nobody with a list is nobody", found(Nobody, "enr_1"), 1000, standing, Refused, FaceUnknown},
		{"no conclusion is nobody's", Identification{}, 1000, standing, Refused, FaceUnknown},
		{"near to others", found(AskCode, "enr_1", "enr_2"), 1000, standing, AwaitingCode, ""},
		{"just below the code's amount", found(Enough, "enr_1"), CodeAbove - 1, standing, AwaitingConfirmation, ""},
		{"a large amount", found(Enough, "enr_1"), CodeAbove, standing, AwaitingCode, ""},
		{"the largest amount", found(Enough, "enr_1"), PaymentMax, standing, AwaitingCode, ""},
		{"more than the largest", found(AskCode, "enr_1"), PaymentMax + 1, standing, Refused, LimitExceeded},
		{"frozen, but the code comes first", found(AskCode, "enr_1"), 1000, frozen, AwaitingCode, ""},
		{"somebody resembles them", found(Enough, "enr_1", "enr_2"), 1, alike, AwaitingCode, ""},
		{"frozen", found(Enough, "enr_1"), 1000, frozen, Refused, PayerFrozen},
		{"never consented", found(Enough, "enr_1"), 1000, Payer{}, Refused, ConsentMissing},
		{"took it back", found(Enough, "enr_1"), 1000, taken, Refused, ConsentWithdrawn},
		{"a yen over the day", found(Enough, "enr_1"), 1000, spent, Refused, LimitExceeded},
		{"up to the day's limit", found(Enough, "enr_1"), 999, spent, AwaitingConfirmation, ""},
	} {
		if status, reason := FaceVerdict(c.id, Yen(c.amount), c.first); status != c.status || reason != c.reason {
			t.Errorf("%s: %s %q, want %s %q", c.name, status, reason, c.status, c.reason)
		}
	}
}

func TestPayerRefusalDoesNotOverflow(t *testing.T) {
	rich := standing
	rich.Today = Yen(math.MaxInt64)
	if rich.Refusal(Yen(1)) != LimitExceeded || standing.Refusal(Yen(math.MaxInt64)) != LimitExceeded {
		t.Error("a limit was lost in an overflow")
	}
}

func TestCandidates(t *testing.T) {
	many := make([]EnrolmentID, ShortListMax+5)
	for _, c := range []struct {
		id   Identification
		want int
	}{{found(Nobody, "a"), 0}, {found(Enough, "a", "b"), 1}, {found(AskCode, "a", "b"), 2}, {found(AskCode), 0}, {found(AskCode, many...), ShortListMax}} {
		if got := len(c.id.Candidates()); got != c.want {
			t.Errorf("%v: %d", c.id.Identity, got)
		}
	}
}

// TestDoubted: with look-alikes everybody on the short list may have the code, not only the first.
func TestDoubted(t *testing.T) {
	alike := Payer{Alike: true}
	if got := len(found(Enough, "a", "b").Doubted(alike).Candidates()); got != 2 {
		t.Errorf("%d candidates of two look-alikes", got)
	}
	if got := found(Enough, "a", "b").Doubted(standing); got.Identity != Enough {
		t.Errorf("nobody resembles them: %v", got.Identity)
	}
	if got := found(Nobody).Doubted(alike); got.Identity != Nobody {
		t.Errorf("nobody: %v", got.Identity)
	}
}

func TestCodeVerdict(t *testing.T) {
	frozen := standing
	frozen.Frozen = true
	for _, c := range []struct {
		name             string
		matches, earlier int
		payer            Payer
		status           PaymentStatus
		reason           Reason
	}{
		{"right", 1, 0, standing, AwaitingConfirmation, ""},
		{"right at the last try", 1, CodeTries - 1, standing, AwaitingConfirmation, ""},
		{"wrong", 0, 0, Payer{}, AwaitingCode, CodeWrong},
		{"two have it", 2, 0, Payer{}, AwaitingCode, CodeWrong},
		{"wrong at the last try", 0, CodeTries - 1, Payer{}, Refused, CodeWrong},
		{"two have it at the last try", 2, CodeTries - 1, Payer{}, Refused, CodeWrong},
		{"right, but frozen", 1, 0, frozen, Refused, PayerFrozen},
		{"right, but no consent any more", 1, 0, Payer{}, Refused, ConsentMissing},
	} {
		if status, reason := CodeVerdict(c.matches, c.earlier, Yen(500), c.payer); status != c.status || reason != c.reason {
			t.Errorf("%s: %s %q", c.name, status, reason)
		}
	}
}

func TestCaptureOf(t *testing.T) {
	p := Payment{Status: Authorised, Amount: Yen(1000), Authorised: Yen(1000)}
	for _, c := range []struct{ asked, take, release int64 }{{0, 1000, 0}, {1000, 1000, 0}, {1, 1, 999}, {999, 999, 1}} {
		if take, release, ok := p.CaptureOf(Yen(c.asked)); !ok || take != Yen(c.take) || release != Yen(c.release) {
			t.Errorf("%d: %v %v %v", c.asked, take, release, ok)
		}
	}
	for _, bad := range []Money{Yen(1001), Yen(-1), Yen(math.MinInt64), {"USD", 10}} {
		if _, _, ok := p.CaptureOf(bad); ok {
			t.Errorf("%v was captured of %v", bad, p.Authorised)
		}
	}
	if take, _, ok := p.CaptureOf(Money{}); !ok || take != Yen(1000) {
		t.Error("no amount is all of it")
	}
}

func TestRefundOf(t *testing.T) {
	p := Payment{Status: PartiallyRefunded, Amount: Yen(1000), Captured: Yen(900), Refunded: Yen(300)}
	for _, c := range []struct {
		asked, back int64
		then        PaymentStatus
	}{{0, 600, Refunded}, {600, 600, Refunded}, {599, 599, PartiallyRefunded}, {1, 1, PartiallyRefunded}} {
		if back, then, ok := p.RefundOf(Yen(c.asked)); !ok || back != Yen(c.back) || then != c.then {
			t.Errorf("%d: %v %s %v", c.asked, back, then, ok)
		}
	}
	for _, bad := range []Money{Yen(601), Yen(-1), {"USD", 10}} {
		if _, _, ok := p.RefundOf(bad); ok {
			t.Errorf("%v was given back", bad)
		}
	}
	p.Refunded = p.Captured
	if _, _, ok := p.RefundOf(Money{}); ok {
		t.Error("nothing is left, and yet it was refunded")
	}
}

func TestCancelOf(t *testing.T) {
	for _, s := range statuses {
		did, then := Payment{Status: s}.CancelOf()
		want, state := DidNothing, s
		switch s {
		case AwaitingFace, AwaitingCode, AwaitingConfirmation:
			state = Cancelled
		case Authorised:
			want, state = DidRelease, Cancelled
		case Captured, PartiallyRefunded:
			want, state = DidRefund, Refunded
		}
		if did != want || then != state {
			t.Errorf("%s: %s, %s", s, did, then)
		}
	}
	if _, then := (Payment{Status: Refused, Retry: true}).CancelOf(); then != Cancelled {
		t.Error("a payment that waits for another face is ended by cancel:", then)
	}
}

func TestPaymentCodesAreFair(t *testing.T) {
	count := map[string]int{}
	for r := 0; r < 1<<16; r++ {
		code, ok := PaymentCode(uint16(r))
		if ok != (r < 60_000) {
			t.Fatal(r)
		}
		if ok {
			count[code]++
		}
	}
	for code, n := range count {
		if n != 6 || !IsPaymentCode(code) {
			t.Errorf("%s: %d times", code, n)
		}
	}
	if len(count) != 10_000 {
		t.Error(len(count))
	}
	for _, not := range []string{"", "123", "12345", "12a4", "１２３４", " 123", "+123", "-123"} {
		if IsPaymentCode(not) {
			t.Errorf("%q is no code", not)
		}
	}
}

func TestMoney(t *testing.T) {
	if Yen(1200).String() != "JPY 1200" || Yen(-5).String() != "JPY -5" {
		t.Error(Yen(1200))
	}
	if PaymentWithin >= 10*time.Minute || CodeAbove > PaymentMax || PaymentMax > PaymentDayMax {
		t.Error("limits that contradict each other")
	}
}

func TestAPaymentEndsWithItsDay(t *testing.T) {
	for opened, want := range map[string]string{
		"2027-05-03T12:00:00+09:00": "2027-05-03T12:03:00+09:00",
		"2027-05-03T23:57:00+09:00": "2027-05-04T00:00:00+09:00",
		"2027-05-03T23:58:30+09:00": "2027-05-04T00:00:00+09:00",
		"2027-05-04T00:00:00+09:00": "2027-05-04T00:03:00+09:00",
	} {
		at, err := time.Parse(time.RFC3339, opened)
		if err != nil {
			t.Fatal(err)
		}
		if until := PaymentUntil(at).UTC().Add(venueClock).Format("2006-01-02T15:04:05") + "+09:00"; until != want {
			t.Errorf("%s: %s, not %s", opened, until, want)
		}
	}
}
