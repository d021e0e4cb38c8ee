package db

import (
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

// happened appends an event of a given moment.
func (d *DB) happened(t testing.TB, at time.Time, e kaopass.Event) {
	t.Helper()
	e.Actor = string(e.Device)
	err := d.tx(t.Context(), func(t *tx) error {
		t.now = at.UTC().Truncate(time.Microsecond)
		_, err := t.event(e)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestBoard(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	now := time.Now().UTC().Truncate(time.Minute).Add(30 * time.Second)
	d.now = func() time.Time { return now }
	gate, _ := d.claimed(t, kaopass.Gate, "east-07", "east")
	till, _ := d.claimed(t, kaopass.Till, "Ramen 2", "food")
	gone, _ := d.claimed(t, kaopass.Gate, "west-01", "west")
	if err := d.RevokeDevice(t.Context(), gone.ID, "stf_1"); err != nil {
		t.Fatal(err)
	}
	d.enrolled(t, "a@example.jp", 1, kaopass.ForAdmission, kaopass.ForPayment)
	b, _ := d.enrolled(t, "b@example.jp", 2, kaopass.ForAdmission, kaopass.ForPayment)
	d.enrolled(t, "c@example.jp", 3, kaopass.ForAdmission)
	if _, err := d.EraseFace(t.Context(), b.ID); err != nil {
		t.Fatal(err)
	}
	decided := func(ago time.Duration, who kaopass.VisitorID, decision kaopass.Decision, reason kaopass.Reason) {
		d.happened(t, now.Add(-ago), kaopass.Event{Kind: kaopass.AdmissionDecided, Device: gate.ID, Visitor: who, Decision: decision,
			Reason: reason, Took: 80 * time.Millisecond})
	}
	passed := func(ago time.Duration, direction kaopass.Direction) {
		d.happened(t, now.Add(-ago), kaopass.Event{Kind: kaopass.AdmissionPassed, Device: gate.ID, Decision: kaopass.Admit,
			Reason: kaopass.Admitted, Direction: direction})
	}
	paid := func(ago time.Duration, kind kaopass.EventKind, status kaopass.PaymentStatus, reason kaopass.Reason) {
		d.happened(t, now.Add(-ago), kaopass.Event{Kind: kind, Device: till.ID, Status: status, Reason: reason, Amount: kaopass.Yen(500)})
	}
	decided(2*time.Hour, "vis_old", kaopass.AskStaff, kaopass.FaceMismatch) // too long ago for everything
	decided(9*time.Minute, "vis_1", kaopass.Refuse, kaopass.FaceUnclear)
	decided(8*time.Minute, "vis_1", kaopass.Admit, kaopass.Admitted)
	decided(3*time.Minute, "vis_2", kaopass.AskStaff, kaopass.FaceMismatch)
	decided(2*time.Minute, "", kaopass.Refuse, kaopass.TicketForged)
	passed(8*time.Minute, kaopass.Entry)
	passed(20*time.Second, kaopass.Entry)
	passed(10*time.Second, kaopass.Exit)
	paid(5*time.Second, kaopass.PaymentCaptured, kaopass.Captured, "")
	paid(30*time.Minute, kaopass.PaymentCaptured, kaopass.Captured, "")
	paid(4*time.Minute, kaopass.PaymentFaced, kaopass.Refused, kaopass.FaceUnclear)
	paid(4*time.Minute, kaopass.PaymentEnded, kaopass.Cancelled, kaopass.PaymentCancelled)

	got, err := d.Board(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for what, pair := range map[string][2]int{
		"entries now": {got.EntriesMinute, 1}, "payments now": {got.PaymentsMinute, 1}, "needs help": {got.NeedsHelp, 2},
		"enrolled": {got.Enrolled, 2}, "payers": {got.PayEnrolled, 1}, "inside": {got.Inside, 0},
		"minutes": {len(got.Entries), 60}, "entries in the minute of 8 ago": {got.Entries[51].Count, 1},
		"payments 30 ago": {got.Payments[29].Count, 1}, "yen now": {int(got.Payments[59].Value), 500},
		"gates": {len(got.Gates), 1}, "tills": {len(got.Tills), 1}, "refusals": {len(got.Refusals), 3},
		"latest": {len(got.Latest), 8},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %d, not %d", what, pair[0], pair[1])
		}
	}
	if g := got.Gates[0]; g.Device.ID != gate.ID || g.LastMinute != 2 || g.LastHour != 3 || g.Refused != 3 {
		t.Errorf("%+v", g)
	}
	if p := got.Tills[0]; p.Device.ID != till.ID || p.LastMinute != 1 || p.LastHour != 2 || p.Refused != 1 || p.Yen != 1000 {
		t.Errorf("%+v", p)
	}
	if r := got.Refusals[0]; r.Reason != kaopass.FaceUnclear || r.Count != 2 {
		t.Errorf("%+v", got.Refusals)
	}
	if got.TookP50 != 80*time.Millisecond || got.TookP99 != 80*time.Millisecond {
		t.Error(got.TookP50, got.TookP99)
	}
}

func TestBoardOfAnEmptyVenue(t *testing.T) {
	t.Parallel()
	b, err := openTest(t).Board(t.Context())
	if err != nil || len(b.Entries) != boardMinutes || len(b.Payments) != boardMinutes || b.TookP99 != 0 {
		t.Errorf("%+v %v", b, err)
	}
}

// busyDay fills the log with a day of 300,000 events, of which the last hour, the busiest, has 40,000.
func busyDay(b *testing.B) *DB {
	d := openTest(b)
	exec(b, d, `INSERT INTO event SELECT ((1000 + n)::bigint << 16) | 1, pg_current_xact_id(), 'evt_' || n,
		now() - CASE WHEN n > 260000 THEN interval '1 hour' * (300001 - n) / 40000 ELSE interval '1 hour' + interval '12 hours' * (260001 - n) / 260000 END,
		CASE WHEN n % 100000 = 1 THEN 'device.added' ELSE (ARRAY['admission.decided', 'admission.passed', 'payment.captured', 'payment.faced'])[1 + n % 4] END,
		'dev', 'vis_' || n % 100000, 'dev_' || n % 60, 'east', 'east', 'adm_' || n, '', CASE WHEN n % 50 = 0 THEN 'refuse' ELSE 'admit' END, '',
		CASE WHEN n = 7 THEN 'not_live' ELSE 'admitted' END, 'JPY', 500, 80000, 'entry'
		FROM generate_series(1, 300000) n`)
	exec(b, d, `ANALYZE event`)
	return d
}

func BenchmarkBoard(b *testing.B) {
	d := busyDay(b)
	for b.Loop() {
		if _, err := d.Board(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEvents(b *testing.B) {
	d := busyDay(b)
	for name, filter := range map[string]EventFilter{"all": {}, "device": {Device: "dev_7"}, "subject": {Subject: "adm_7"},
		"refusal": {Reason: kaopass.NotLive}, "noun": {Kind: "device"}, "kind": {Kind: "payment.captured"}, "none": {Kind: "staff"}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, _, err := d.Events(b.Context(), filter, Page{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
