package db

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/kaopass/kaopass"
)

// counting is a card company that never took the money, and counts the refunds that it is told of.
type counting struct {
	*stubborn
	back map[string]int64
}

func (c counting) Refund(_ context.Context, _, refund string, amount kaopass.Money) (CardAnswer, error) {
	c.back[refund] = amount.Value
	return CardApproved, nil
}

// lostModel is what the books have to say of a sale of 700 that was never paid, in plain arithmetic.
type lostModel struct {
	became                         kaopass.Became
	again                          bool  // it was settled a second time
	back, borne, cash, owed, given int64 // given: of owed, at the desk
	untold                         int64 // of owed, where nobody has looked at it yet
}

func (m *lostModel) refund(sum int64) {
	m.back += sum
	switch m.became {
	case kaopass.BorneByVenue:
		m.borne -= sum
	case kaopass.PaidAtDesk:
		m.owed, m.untold = m.owed+sum, m.untold+sum
	}
}

// settle answers whether that can be.
func (m *lostModel) settle(became kaopass.Became) bool {
	missing, may := 700-m.back, became == kaopass.PaidAfterAll
	switch m.became {
	case "":
		may = may || (became == kaopass.GivenBack) == (missing == 0)
	case kaopass.BorneByVenue:
		may = may || became == kaopass.PaidAtDesk && missing > 0
	case kaopass.PaidAtDesk:
		may = may && !m.again
	default:
		may = false
	}
	if !may {
		return false
	}
	if m.became == kaopass.PaidAtDesk { // what nobody has looked at yet goes to the card
		m.owed -= m.untold
	}
	m.again, m.became, m.borne, m.cash = m.became != "", became, 0, 0
	switch became {
	case kaopass.BorneByVenue:
		m.borne = missing
	case kaopass.PaidAtDesk:
		m.cash = missing
	}
	return true
}

func (m *lostModel) sums() sums {
	return sums{kaopass.CardAccount: int(-700 + m.back + m.borne + m.cash - m.owed), kaopass.LossAccount: int(-m.borne),
		kaopass.DeskAccount: int(-m.cash + m.given), kaopass.DueAccount: int(m.owed - m.given), kaopass.StoreAccount: int(700 - m.back)}
}

// Whatever staff and tills do in whatever order, with processes that end before a refund is told: the accounts are what plain
// arithmetic says, the card company's account is what the company pays, and it is told of a refund where it has paid.
func TestAnyOrderOfSettlingAndRefundsKeepsTheBook(t *testing.T) {
	t.Parallel()
	for seed := range uint64(16) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			id, charge, stubborn := r.lost()
			desk, m, by := counting{stubborn, map[string]int64{}}, &lostModel{}, rand.New(rand.NewPCG(seed, 1))
			for step := range 12 {
				r.anyStep(by, desk, m, id, charge)
				r.ok(second(r.Expire(r.ctx, desk)))
				m.untold = 0
				if m.became != "" {
					r.stands(fmt.Sprintf("step %d, %+v", step, *m), m.sums())
				}
			}
			told := int64(0)
			for _, sum := range desk.back {
				told += sum
			}
			if want := map[bool]int64{true: m.back - m.owed}[m.became == kaopass.PaidAfterAll]; told != want {
				t.Errorf("the company gave %d back, not %d: %+v", told, want, *m)
			}
		})
	}
}

// anyStep does one thing, and the same to the model.
func (r *rig) anyStep(by *rand.Rand, desk CardDesk, m *lostModel, id kaopass.PaymentID, charge kaopass.ChargeID) {
	r.Helper()
	switch sum := min(int64(50+by.IntN(250)), 700-m.back); by.IntN(5) {
	case 0, 1:
		if sum > 0 {
			r.givesBack(desk, id, sum)
			m.refund(sum)
		}
	case 2:
		if sum > 0 { // the process ends before it is told
			r.forge("ALTER TABLE card_task ADD CONSTRAINT stopped CHECK (tries = 0 OR verb <> 'refund') NOT VALID")
			r.givesBack(desk, id, sum)
			r.forge("ALTER TABLE card_task DROP CONSTRAINT stopped")
			m.refund(sum)
		}
		fallthrough
	case 3:
		became, was := kaopass.Becames()[by.IntN(4)], m.became
		may := m.settle(became)
		_, err := r.SettleUncollected(r.ctx, MakeGood{Staff: "stf_1", Charge: charge, Was: was, Became: became, Answer: "asked"})
		var cannot *FieldError
		if may != (err == nil) || err != nil && stateIs(err) != "settled" && !errors.As(err, &cannot) {
			r.Fatalf("%s after %q: %v", became, was, err)
		}
	case 4:
		for _, due := range slices.Backward(r.due()) {
			out := r.ok2due(r.PayOut(r.ctx, Payout{Staff: "stf_1", Refund: due.Refund, Receipt: string(due.Refund)}))
			m.given += out.Amount.Value
		}
	}
}
