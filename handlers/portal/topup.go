package portal

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/views"
	pages "github.com/kaopass/kaopass/views/portal"
)

// topUpMin is the smallest top-up, in yen: below it a card's fee eats the money.
const topUpMin = 500

// TopUp puts money from a card into the wallet.
func (p *Portal) TopUp(c *fiber.Ctx) error {
	m := pages.WalletModel{Amount: c.FormValue("amount"), Method: c.FormValue("method"), Key: c.FormValue("key")}
	yen, err := strconv.ParseInt(digits(m.Amount), 10, 64)
	if err != nil || yen < topUpMin || yen > kaopass.TopUpMax {
		m.Problem = p.words(c).T("wallet.badAmount")
		return p.showWallet(c, http.StatusUnprocessableEntity, m)
	}
	done, err := p.DB.TopUp(c.UserContext(), p.Cards, db.TopUp{Key: keyOf(c), Visitor: access.Visitor(c).ID,
		Method: kaopass.MethodID(m.Method), Amount: kaopass.Yen(yen)})
	m.Key = "" // what was answered is answered: the next try is another
	switch {
	case errors.Is(err, db.ErrKeyReused): // the way back in the browser, and another amount
		return p.showWallet(c, http.StatusUnprocessableEntity, pages.WalletModel{Warning: "wallet.refused.used"})
	case errors.Is(err, db.ErrInFlight): // two taps, or a second window
		return p.showWallet(c, http.StatusConflict, pages.WalletModel{Warning: "wallet.refused.still"})
	case errors.Is(err, db.ErrNotFound):
		return p.showWallet(c, http.StatusNotFound, pages.WalletModel{})
	case err != nil:
		return err
	case done.Reason != "":
		m.Reason = done.Reason
		return p.showWallet(c, http.StatusUnprocessableEntity, m)
	}
	return respond.SeeOther(c, "/wallet?added="+strconv.FormatInt(yen, 10))
}

// topUpProblem speaks of putting money in where the common sentence speaks of a till; said is what was found before.
func topUpProblem(w views.Words, r kaopass.Reason, said string, wallet *db.Wallet) string {
	own := map[kaopass.Reason]string{kaopass.CardDeclined: "declined", kaopass.CardNeedsOwner: "owner.topUp",
		kaopass.CardUnreachable: "refused.silent", kaopass.MethodGone: "refused.gone", kaopass.PayerFrozen: "refused.frozen",
		kaopass.ConsentMissing: "refused.consent", kaopass.ConsentWithdrawn: "refused.consent", kaopass.MethodNotAllowed: "ask.why"}
	switch {
	case r == "":
		return said
	case r == kaopass.LimitExceeded:
		return roomProblem(w, wallet)
	case own[r] != "":
		return w.T("wallet." + own[r])
	}
	return w.Reason(r)
}

// roomProblem says what the wallet holds at most (Payment Services Act) and how much still fits.
func roomProblem(w views.Words, wallet *db.Wallet) string {
	most := w.Yen(kaopass.Yen(kaopass.WalletMax))
	room := kaopass.WalletMax - wallet.Balance.Value - wallet.Held.Value - wallet.Coming.Value
	if room < topUpMin {
		return w.With("wallet.full", views.Args{"Amount": most})
	}
	return w.With("wallet.limit", views.Args{"Amount": most, "Room": w.Yen(kaopass.Yen(min(room, kaopass.TopUpMax)))})
}
