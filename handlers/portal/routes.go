package portal

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass/handlers/access"
)

// Limits of asking. A whole venue may come from one address, so what is counted by address is wide; what protects a
// person is counted by contact, in the database.
const (
	signInsPerMinute  = 600 // by address
	practicePerMinute = 20  // by visitor
	cardsPerHour      = 20  // by visitor
	lettersPerHour    = 20  // by visitor; the database allows fewer to be sent
	digitsPerHour     = 30  // by visitor
)

// ChangesPerMinute is how often a visitor may change something, of all kinds together: each is a line of the log. Taking
// consent back is not counted.
const ChangesPerMinute = 120

// Routes is everything that a visitor can ask for.
func (p *Portal) Routes(r fiber.Router) {
	may, need, change := p.Access.MayVisitor(), p.Access.NeedVisitor(), access.LimitByCaller(ChangesPerMinute, time.Minute)
	p.arriving(r, may, need)
	p.way(r, need, change)
	p.pass(r, need)
	p.money(r, need, change)
	p.data(r, may, need, change)
	if p.Inbox != nil {
		r.Get("/inbox", may, p.InboxPage)
		r.Get("/inbox.json", p.InboxList)
	}
}

// arriving is the first page, and signing in.
func (p *Portal) arriving(r fiber.Router, may, need fiber.Handler) {
	often := access.LimitByIP(signInsPerMinute, time.Minute)
	r.Get("/", may, p.Welcome)
	r.Get("/without", may, p.Without)
	r.Get("/help", may, p.Help)
	r.Get("/privacy", may, p.Privacy)
	r.Get("/signin", may, p.SignInPage)
	r.Post("/signin", may, often, p.SignIn)
	r.Get("/signin/code", may, p.SignInCodePage)
	r.Post("/signin/code", may, often, p.SignInCode)
	r.Post("/signin/passkey/begin", often, p.PasskeySignInBegin)
	r.Post("/signin/passkey/finish", often, p.PasskeySignIn)
	r.Get("/signin/passkey", need, p.PasskeyOffer)
	r.Post("/signout", may, p.SignOut)
	r.Post("/signout/everywhere", need, p.SignOutEverywhere)
}

// way is the way to the first gate.
func (p *Portal) way(r fiber.Router, need, change fiber.Handler) {
	r.Get("/next", need, p.Next)
	r.Get("/name", need, p.NamePage)
	r.Post("/name", need, change, p.Name)
	r.Get("/choice", need, p.ChoicePage)
	r.Post("/choice", need, change, p.Choice)
	// below /kiosk: a helper's cookie is sent there alone
	r.Get("/kiosk/guardian", p.Access.NeedHelper(), need, p.GuardianPage)
	r.Post("/kiosk/guardian", p.Access.NeedHelper(), need, change, p.Guardian)
	r.Get("/sign", need, p.SignPage)
	r.Post("/sign", need, change, p.Sign)
	r.Get("/signed", need, p.SignedPage)
	r.Get("/ready", need, p.CapturePage)
	r.Get("/capture", need, p.CapturePage)
	p.Camera.Mount(r.Group("/capture", need), p.host())
	r.Get("/twice", need, p.TwicePage)
	r.Post("/twice/no", need, change, p.NotTwice)
	r.Post("/twice/letter", need, access.LimitByCaller(lettersPerHour, time.Hour), p.AskRecovery)
	r.Post("/twice/code", need, access.LimitByCaller(digitsPerHour, time.Hour), p.Recover)
	r.Get("/ticket", need, p.TicketPage)
	r.Post("/ticket", need, change, p.Ticket)
}

// pass is the pass and practising with it.
func (p *Portal) pass(r fiber.Router, need fiber.Handler) {
	r.Get("/home", need, p.Home)
	r.Get("/practice", need, p.PracticePage)
	r.Post("/practice", need, access.LimitByCaller(practicePerMinute, time.Minute), p.Practice)
}

// money is the wallet and its code.
func (p *Portal) money(r fiber.Router, need, change fiber.Handler) {
	r.Get("/wallet", need, p.WalletPage)
	r.Post("/wallet/topup", need, change, p.TopUp)
	r.Get("/wallet/card", need, p.CardPage)
	r.Post("/wallet/card", need, access.LimitByCaller(cardsPerHour, time.Hour), p.Card)
	r.Get("/wallet/card/done", need, access.LimitByCaller(cardsPerHour, time.Hour), p.CardDone)
	r.Get("/wallet/card/owner", need, p.OwnerPage)
	r.Post("/wallet/card/owner", need, access.LimitByCaller(cardsPerHour, time.Hour), p.Owner)
	r.Post("/wallet/card/answer", need, change, p.OwnerAnswer)
	r.Post("/wallet/default", need, change, p.SetDefault)
	r.Post("/wallet/remove", need, change, p.RemoveMethod)
	r.Get("/wallet/limit", need, p.LimitPage)
	r.Post("/wallet/limit", need, change, p.Limit)
	r.Get("/wallet/history", need, p.HistoryPage)
	r.Get("/wallet/history.csv", need, p.HistoryTable)
	r.Get("/wallet/receipt/:id", need, p.PaymentReceiptPage)
	r.Get("/code", need, p.CodePage)
	r.Post("/code", need, change, p.Code)
	r.Post("/code/practice", need, change, p.PracticeCode)
}

// data is what is kept, and taking it back.
func (p *Portal) data(r fiber.Router, may, need, change fiber.Handler) {
	r.Get("/consent/receipt", need, p.ReceiptPage)
	r.Get("/consent/receipt.txt", need, p.ReceiptText)
	r.Get("/consent/:purpose", may, p.TextPage)
	r.Get("/me", need, p.Me)
	r.Get("/me/uses", need, p.Uses)
	r.Post("/me/uses/not-me", need, change, p.NotMe)
	r.Get("/me/cases", need, p.CasesPage)
	r.Post("/me/cases/withdraw", need, change, p.WithdrawCase)
	r.Get("/me/wards", need, p.WardsPage)
	r.Post("/me/wards", need, change, p.Allow)
	r.Post("/me/payments", need, change, p.Freeze)
	r.Get("/me/withdraw/:purpose", need, p.WithdrawPage)
	r.Post("/me/withdraw/:purpose", need, p.Withdraw)
	r.Get("/me/erase", need, p.ErasePage)
	r.Post("/me/erase", need, p.Erase)
	r.Get("/me/delete", need, p.DeletePage)
	r.Post("/me/delete", need, p.Delete)
	r.Get("/me/gone/:receipt", need, p.Gone)
	r.Get("/gone/account/:receipt", may, p.GoneAccount)
	r.Post("/me/language", need, change, p.Language)
	r.Get("/me/export.json", need, p.Export)
	r.Get("/me/passkeys", need, p.PasskeysPage)
	r.Post("/me/passkeys/begin", need, change, p.PasskeyAddBegin)
	r.Post("/me/passkeys/finish", need, change, p.PasskeyAdd)
	r.Post("/me/passkeys/remove", need, change, p.RemovePasskey)
}
