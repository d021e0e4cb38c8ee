package db

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

// settles has staff settle one, and wants so much to be booked; the book is sound after.
func (r *rig) settles(id kaopass.ChargeID, became kaopass.Became, want int64) {
	r.Helper()
	was := kaopass.Became(must1(r, "SELECT coalesce((SELECT became FROM uncollected_end WHERE charge = $1), '')", id))
	how := MakeGood{Key: r.key("stf_1"), Staff: "stf_1", Charge: id, Was: was, Became: became, Answer: "asked the bank"}
	out := must(r.SettleUncollected(r.ctx, how))
	if again := must(r.SettleUncollected(r.ctx, how)); !again.Replayed || again.Amount != out.Amount {
		r.Errorf("again: %+v", again)
	}
	if out.Became != became || out.Amount != kaopass.Yen(want) {
		r.Errorf("%+v, want %d", out, want)
	}
	r.sound()
}

// lost is a sale of 700 that its company never paid, open on the list; and the company.
func (r *rig) lost() (kaopass.PaymentID, kaopass.ChargeID, *stubborn) {
	r.Helper()
	id, desk := r.sold(CardHoldExpired, false)
	desk.refund = CardApproved
	work, err := r.CardWork(r.ctx)
	if r.ok(err); len(work.Open) != 1 {
		r.Fatalf("%+v", work)
	}
	return id, work.Open[0].Charge, desk
}

// gives back at the till.
func (r *rig) givesBack(desk CardDesk, id kaopass.PaymentID, yen int64) Outcome {
	r.Helper()
	return r.ok2(r.RefundPayment(r.ctx, desk, r.key(string(r.till.ID)), r.till.ID, id, kaopass.Yen(yen), "cold"))
}

// stands wants the sums of the venue's accounts: what the card company owes and pays, what is borne, the desk, what is due, and
// what the store is owed.
func (r *rig) stands(step string, want map[kaopass.AccountKind]int) {
	r.Helper()
	for _, kind := range []kaopass.AccountKind{kaopass.CardAccount, kaopass.TopUpAccount, kaopass.LossAccount, kaopass.DeskAccount, kaopass.DueAccount,
		kaopass.StoreAccount} {
		if got := r.accountSum(kind); got != want[kind] {
			r.Errorf("%s: %s has %d, want %d", step, kind, got, want[kind])
		}
	}
	r.sound()
}

type sums = map[kaopass.AccountKind]int

// The venue bears it: the company's account is zero again, as it pays nothing; refunds at the till since lessen what is borne.
func TestTheVenueBearsWhatWasNeverPaid(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id, charge, desk := r.lost()
	r.givesBack(desk, id, 200)
	r.settles(charge, kaopass.BorneByVenue, 500)
	r.stands("borne", sums{kaopass.LossAccount: -500, kaopass.StoreAccount: 500})
	r.givesBack(desk, id, 100)
	r.stands("given back", sums{kaopass.LossAccount: -400, kaopass.StoreAccount: 400})
	if _, err := r.Expire(r.ctx, desk); err != nil {
		t.Fatal(err)
	}
	r.givesBack(desk, id, 0)
	r.stands("all given back", sums{})
	if n := r.count("SELECT count(*) FROM refund_due") + r.count("SELECT count(*) FROM card_task WHERE verb = 'refund' AND state <> 'refused'"); n != 0 {
		t.Error("somebody is owed or told:", n)
	}
	r.sound()
}

// The desk collects it: the desk owes the venue what the company does not pay. Its payer has paid, so a refund since is theirs,
// and goes back in cash, as nothing can go back to the card.
func TestTheDeskCollectsWhatWasNeverPaid(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id, charge, desk := r.lost()
	r.givesBack(desk, id, 200)
	r.settles(charge, kaopass.PaidAtDesk, 500)
	r.stands("collected", sums{kaopass.DeskAccount: -500, kaopass.StoreAccount: 500})
	back := r.givesBack(desk, id, 100)
	r.stands("given back", sums{kaopass.DeskAccount: -500, kaopass.DueAccount: 100, kaopass.StoreAccount: 400})
	if due := r.due(); len(due) != 1 || due[0].Refund != back.Refund || due[0].Why != kaopass.PaidInCash {
		t.Errorf("%+v", due)
	}
	r.ok2due(r.PayOut(r.ctx, Payout{Staff: "stf_1", Refund: back.Refund, Receipt: "12"}))
	r.stands("paid out", sums{kaopass.DeskAccount: -400, kaopass.StoreAccount: 400})
}

// The company paid after all: nothing moves, it owes what it did, and it is told of the refunds that it was not told of.
func TestTheCompanyPaidAfterAll(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id, charge, desk := r.lost()
	r.givesBack(desk, id, 200)
	r.settles(charge, kaopass.PaidAfterAll, 0)
	r.stands("paid", sums{kaopass.CardAccount: -500, kaopass.StoreAccount: 500})
	told := func() int { return r.count("SELECT count(*) FROM card_task WHERE verb = 'refund' AND state = 'done'") }
	if told() != 0 {
		t.Error("told already")
	}
	r.ok(second(r.Expire(r.ctx, desk)))
	r.givesBack(desk, id, 100)
	if told() != 2 || len(r.due()) != 0 {
		t.Error(told(), r.due())
	}
	r.stands("given back", sums{kaopass.CardAccount: -400, kaopass.StoreAccount: 400})
}

// The money comes after the venue bore it: the loss goes away, by what is left of it, once.
func TestALossIsRegained(t *testing.T) {
	t.Parallel()
	for became, after := range map[kaopass.Became]sums{
		kaopass.PaidAfterAll: {kaopass.CardAccount: -400, kaopass.StoreAccount: 400},
		kaopass.PaidAtDesk:   {kaopass.DeskAccount: -400, kaopass.StoreAccount: 400},
	} {
		t.Run(string(became), func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			id, charge, desk := r.lost()
			r.givesBack(desk, id, 200)
			r.settles(charge, kaopass.BorneByVenue, 500)
			r.givesBack(desk, id, 100)
			r.settles(charge, became, 400)
			r.stands("regained", after)
			_, err := r.SettleUncollected(r.ctx, MakeGood{Staff: "stf_1", Charge: charge, Was: became, Became: kaopass.BorneByVenue, Answer: "no"})
			if stateIs(err) != "settled" {
				t.Error("borne again:", err)
			}
			desk.refund = CardBounced
			r.ok(second(r.Expire(r.ctx, desk)))
			r.givesBack(desk, id, 0)
			if became == kaopass.PaidAtDesk { // what came back before was never paid
				r.stands("given back", sums{kaopass.DeskAccount: -400, kaopass.DueAccount: 400})
			} else { // all of it bounced off the card
				r.stands("given back", sums{kaopass.CardAccount: -700, kaopass.DueAccount: 700})
			}
		})
	}
}

// All of a loss was given back, and then the company pays: the payer gets it from there.
func TestWhatWasBorneAndGivenBackIsPaid(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id, charge, desk := r.lost()
	r.settles(charge, kaopass.BorneByVenue, 700)
	r.givesBack(desk, id, 0)
	_, err := r.SettleUncollected(r.ctx, MakeGood{Staff: "stf_1", Charge: charge, Was: kaopass.BorneByVenue, Became: kaopass.PaidAtDesk, Answer: "x"})
	if cannot := new(FieldError); !errors.As(err, &cannot) {
		t.Error("nothing was collected:", err)
	}
	r.settles(charge, kaopass.PaidAfterAll, 0)
	r.ok(second(r.Expire(r.ctx, desk)))
	if n := r.count("SELECT count(*) FROM card_task WHERE verb = 'refund' AND state = 'done'"); n != 1 {
		t.Error(n)
	}
	r.stands("paid and given back", sums{})
}

// A top-up likewise: the wallet keeps what was put in, and the top-ups' own account is right again.
func TestATopUpThatWasNeverPaidIsSettled(t *testing.T) {
	t.Parallel()
	for became, want := range map[kaopass.Became]sums{kaopass.BorneByVenue: {kaopass.LossAccount: -900}, kaopass.PaidAtDesk: {kaopass.DeskAccount: -900},
		kaopass.PaidAfterAll: {kaopass.TopUpAccount: -900}} {
		t.Run(string(became), func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			me, _ := r.visitor(1, "Yuki", 0)
			card := r.card(me)
			desk := &stubborn{fakeDesk: r.desk, capture: CardHoldExpired, refund: CardApproved, now: r.clock.now}
			top := must(r.TopUp(r.ctx, desk, TopUp{Visitor: me, Method: card.ID, Amount: kaopass.Yen(900)}))
			work := must(r.CardWork(r.ctx))
			r.settles(work.Open[0].Charge, became, map[kaopass.Became]int64{kaopass.BorneByVenue: 900, kaopass.PaidAtDesk: 900}[became])
			r.stands("settled", want)
			back, err := r.RefundTopUp(r.ctx, desk, TopUpRefund{Staff: "stf_1", TopUp: r.topUpOf(me)})
			if r.ok(err); (back.Reason == "") != (became == kaopass.PaidAfterAll) {
				t.Errorf("%+v: %+v", top, back)
			}
		})
	}
}

func (r *rig) topUpOf(who kaopass.VisitorID) kaopass.TransferID {
	return kaopass.TransferID(must1(r, "SELECT id FROM transfer WHERE kind = 'topup' AND visitor = $1", who))
}

// silent is a card company that is never asked: the process ended between the refund and its telling.
type silent struct{ CardDesk }

func (silent) Refund(context.Context, string, string, kaopass.Money) (CardAnswer, error) {
	return CardUnknown, nil
}

// A refund whose turn has not come when staff settle is counted once, whoever comes first.
func TestARefundOnItsWayIsCountedOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before, after kaopass.Became // how it is settled around the refund
		moved         int64
		want          sums
	}{
		"then borne":              {"", kaopass.BorneByVenue, 500, sums{kaopass.LossAccount: -500, kaopass.StoreAccount: 500}},
		"then collected":          {"", kaopass.PaidAtDesk, 500, sums{kaopass.DeskAccount: -500, kaopass.StoreAccount: 500}},
		"then paid":               {"", kaopass.PaidAfterAll, 0, sums{kaopass.CardAccount: -500, kaopass.StoreAccount: 500}},
		"of a loss":               {kaopass.BorneByVenue, "", 0, sums{kaopass.LossAccount: -500, kaopass.StoreAccount: 500}},
		"of a loss, then paid":    {kaopass.BorneByVenue, kaopass.PaidAfterAll, 500, sums{kaopass.CardAccount: -500, kaopass.StoreAccount: 500}},
		"of a loss, then desk":    {kaopass.BorneByVenue, kaopass.PaidAtDesk, 500, sums{kaopass.DeskAccount: -500, kaopass.StoreAccount: 500}},
		"of what the desk has":    {kaopass.PaidAtDesk, "", 0, sums{kaopass.DeskAccount: -700, kaopass.DueAccount: 200, kaopass.StoreAccount: 500}},
		"of what was paid in end": {kaopass.PaidAfterAll, "", 0, sums{kaopass.CardAccount: -500, kaopass.StoreAccount: 500}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			id, charge, desk := r.lost()
			if c.before != "" {
				r.settles(charge, c.before, map[bool]int64{true: 700}[c.before != kaopass.PaidAfterAll])
			}
			r.forge("ALTER TABLE card_task ADD CONSTRAINT stopped CHECK (state <> 'refused' OR verb <> 'refund') NOT VALID") // the telling fails
			r.givesBack(silent{desk}, id, 200)
			r.forge("ALTER TABLE card_task DROP CONSTRAINT stopped")
			if c.before != "" { // else it is a breach until it is settled
				r.sound()
			}
			if c.after != "" {
				r.settles(charge, c.after, c.moved)
			}
			for range 3 {
				r.clock.turn(2 * taskPauseMax)
				r.ok(second(r.Expire(r.ctx, desk)))
				r.stands("told", c.want)
			}
			if n := r.count("SELECT count(*) FROM card_task WHERE state = 'open'"); n != 0 {
				t.Error("still to be told:", n)
			}
		})
	}
}

// Staff and a till at once: whatever comes first, what is borne is what is missing.
func TestSettlingMeetsRefunds(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id, charge, desk := r.lost()
	var all sync.WaitGroup
	settled := make(chan error, 4)
	for i := range 4 {
		all.Go(func() {
			became := []kaopass.Became{kaopass.BorneByVenue, kaopass.PaidAtDesk}[i%2]
			_, err := r.SettleUncollected(r.ctx, MakeGood{Staff: "stf_1", Charge: charge, Became: became, Answer: "asked"})
			settled <- err
		})
		key := r.key(string(r.till.ID))
		all.Go(func() {
			_, err := r.RefundPayment(r.ctx, desk, key, r.till.ID, id, kaopass.Yen(100), "cold")
			if err != nil && !errors.Is(err, ErrUnavailable) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	done := 0
	for range 4 {
		if err := <-settled; err == nil {
			done++
		} else if stateIs(err) != "settled" {
			t.Error(err)
		}
	}
	r.ok(second(r.Expire(r.ctx, desk)))
	lost, desks, due := -r.accountSum(kaopass.LossAccount), -r.accountSum(kaopass.DeskAccount), r.accountSum(kaopass.DueAccount)
	if store := r.accountSum(kaopass.StoreAccount); done != 1 || r.accountSum(kaopass.CardAccount) != 0 || store != 300 || lost+desks-due != store {
		t.Errorf("%d times settled; borne %d, collected %d, due %d, the store is owed %d", done, lost, desks, due, store)
	}
	r.sound()
}

// paidBooks is a card company that has the sale in its books after all.
type paidBooks struct{ entries []CardEntry }

func (p paidBooks) Entries(context.Context, time.Time, time.Time) ([]CardEntry, error) {
	return p.entries, nil
}

// The day on which it was sold says who bears it, to the yen, as a line and not as a difference; and it is a difference again
// where the company has it all the same, until the loss is taken back.
func TestTheDaySaysWhoBearsIt(t *testing.T) {
	t.Parallel()
	for became, kind := range map[kaopass.Became]kaopass.DifferenceKind{kaopass.BorneByVenue: kaopass.LossBorne, kaopass.PaidAtDesk: kaopass.DeskPaid} {
		t.Run(string(became), func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			id, charge, desk := r.lost()
			r.givesBack(desk, id, 200)
			r.settles(charge, became, 500)
			day := kaopass.TradeDayOf(opening)
			found := must(r.Reconcile(r.ctx, emptyBooks{}, day, "", "venue"))
			if !found.OK() || len(found.Settled) != 2 || found.Settled[0].Kind != kind || found.Settled[0].Ours != kaopass.Yen(700) || found.Settled[0].Payment != id {
				t.Errorf("%+v", found)
			}
			if found.ByHand != (Sides{kaopass.Yen(700), kaopass.Yen(200)}) || found.Left() != (Sides{kaopass.Yen(0), kaopass.Yen(0)}) {
				t.Errorf("%+v, and %+v is left", found.ByHand, found.Left())
			}
			if next := must(r.Reconcile(r.ctx, emptyBooks{}, day.Add(1), "", "venue")); !next.OK() || len(next.Settled) != 0 {
				t.Errorf("%+v", next)
			}
			theirs := paidBooks{[]CardEntry{{Charge: charge, Amount: kaopass.Yen(700), At: opening}}}
			if found = must(r.Reconcile(r.ctx, theirs, day, "", "venue")); found.DifferencesFound != 1 || found.Differences[0].Kind != kaopass.PaidAllTheSame {
				t.Errorf("%+v", found)
			}
			r.settles(charge, kaopass.PaidAfterAll, 500)
			r.ok(second(r.Expire(r.ctx, desk)))
			theirs.entries = append(theirs.entries, CardEntry{Charge: charge, Refund: kaopass.RefundID(must1(r, "SELECT refund FROM transfer WHERE kind = 'refund'")),
				Amount: kaopass.Yen(200), At: opening})
			if found = must(r.Reconcile(r.ctx, theirs, day, "", "venue")); !found.OK() || len(found.Settled) != 0 {
				t.Errorf("paid: %+v", found)
			}
			if found = must(r.Reconcile(r.ctx, emptyBooks{}, day, "", "venue")); found.OK() || found.Differences[0].Kind != kaopass.NotAtProvider {
				t.Errorf("they have nothing of it: %+v", found)
			}
		})
	}
}

// What was settled by words only, before this was booked, is open again, with its words.
func TestWhatWasSettledByWordsIsOpenAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, charge, _ := r.lost()
	r.forge("ALTER TABLE card_uncollected DISABLE TRIGGER USER", "UPDATE card_uncollected SET settled_at = '2027-06-01', settled_by = 'stf_1', answer = 'she will pay'",
		"ALTER TABLE card_uncollected ENABLE ALWAYS TRIGGER what_was_not_collected_is_only_appended")
	work := must(r.CardWork(r.ctx))
	if len(work.Open) != 1 || work.Open[0].Words != "she will pay" || must(r.AuditLedger(r.ctx)).OK {
		t.Errorf("%+v", work)
	}
	r.settles(charge, kaopass.BorneByVenue, 700)
}

// The company pays what the desk had collected: it was paid twice, so the desk hands its part back. What was owed in cash stays so.
func TestWhatTheDeskCollectedIsPaidToo(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id, charge, desk := r.lost()
	r.givesBack(desk, id, 200)
	r.settles(charge, kaopass.PaidAtDesk, 500)
	r.givesBack(desk, id, 100)
	r.settles(charge, kaopass.PaidAfterAll, 500)
	r.ok(second(r.Expire(r.ctx, desk)))
	r.stands("paid too", sums{kaopass.CardAccount: -500, kaopass.DueAccount: 100, kaopass.StoreAccount: 400})
	r.givesBack(desk, id, 0)
	r.stands("given back", sums{kaopass.CardAccount: -100, kaopass.DueAccount: 100})
	if told := r.count("SELECT sum(amount) FROM card_task WHERE verb = 'refund' AND state = 'done'"); told != 600 {
		t.Error("the company was told of", told)
	}
	r.forge("UPDATE transfer SET amount = 400 WHERE kind = 'made_good' AND why = 'paid'")
	if audit := must(r.AuditLedger(r.ctx)); !strings.Contains(strings.Join(audit.Breaches, "\n"), "and JPY 100 of what was borne or collected was not taken back") {
		t.Error(audit.Breaches)
	}
}
