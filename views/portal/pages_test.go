package portal_test

import (
	"testing"
	"time"

	"github.com/a-h/templ"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
	"github.com/kaopass/kaopass/views/consent"
	"github.com/kaopass/kaopass/views/portal"
	"github.com/kaopass/kaopass/views/viewtest"
)

// The pages are drawn at one moment, for one visitor whose name would be a script if anything let it.
var now = time.Date(2026, 11, 22, 3, 12, 0, 0, time.UTC)

const hostile = `<script>alert("1")</script> Yuki`

func visitor() kaopass.Visitor {
	return kaopass.Visitor{ID: "vis_01hx0000000000000000000000", Name: hostile, Contact: "yuki@example.jp", Language: kaopass.Japanese, Created: now}
}

func tickets() []portal.TicketCard {
	season := kaopass.Ticket{ID: "tkt_01hx0000000000000000000001", Number: "8301-2247-1234", Kind: kaopass.Season, From: now.AddDate(0, -1, 0), Until: now.AddDate(0, 5, 0)}
	day := kaopass.Ticket{ID: "tkt_01hx0000000000000000000002", Number: "8301-2247-5678", Kind: kaopass.Day, From: now, Until: now.AddDate(0, 0, 1)}
	old := kaopass.Ticket{ID: "tkt_01hx0000000000000000000003", Number: "8301-2247-9999", Kind: kaopass.Summer, From: now.AddDate(-1, 0, 0), Until: now.AddDate(0, -6, 0)}
	return []portal.TicketCard{{Ticket: season, QR: "KPT1.tkt_season.sig"}, {Ticket: day, QR: "KPT1.tkt_day.sig"}, {Ticket: old, QR: "KPT1.tkt_old.sig"}}
}

func given(purpose kaopass.Purpose) kaopass.Consent {
	return kaopass.Consent{Purpose: purpose, TextVersion: "2026-11", TextHash: "af5468", Language: kaopass.English, Method: kaopass.SignedDrawn, SignedAt: now}
}

func events() []kaopass.Event {
	return []kaopass.Event{
		{ID: "evt_01hx0000000000000000000001", At: now, Kind: kaopass.AdmissionDecided, Place: "east-07", Decision: kaopass.Admit, Reason: kaopass.Admitted},
		{ID: "evt_01hx0000000000000000000002", At: now, Kind: kaopass.AdmissionDecided, Place: "east-07", Decision: kaopass.Refuse, Reason: kaopass.FaceUnclear},
		{ID: "evt_01hx0000000000000000000003", At: now, Kind: kaopass.PaymentCaptured, Place: "Ramen <b>hall</b> 2", Amount: kaopass.Yen(1200)},
		{ID: "evt_01hx0000000000000000000004", At: now, Kind: kaopass.StaffLooked},
	}
}

func library(t *testing.T) consent.Library {
	t.Helper()
	lib, err := consent.Load(consent.Operator{Name: "Harbour Expo", Contact: "privacy@harbour.example"})
	if err != nil {
		t.Fatal(err)
	}
	return lib
}

func text(t *testing.T, w views.Words, purpose kaopass.Purpose) consent.Document {
	t.Helper()
	doc, _ := library(t).Text(purpose, w.Lang)
	return doc
}

// frame is the page around everything, as a signed-in visitor has it.
func frame(w views.Words) views.Page {
	return views.Page{Words: w, Title: "Test", Path: "/here", Audience: views.ForVisitor, Styles: []string{"css/portal.css"},
		Scripts: []string{"js/portal.js"}, Name: w.T("portal.home.short"), Account: "/home"}
}

func methods() []kaopass.Method {
	return []kaopass.Method{{ID: "pm_01hx0000000000000000000001", Kind: kaopass.EMoney, Label: "MYAKU wallet", Default: true},
		{ID: "pm_01hx0000000000000000000002", Kind: kaopass.Card, Label: "Visa ••4242"}}
}

// pages are drawn in each language and held still.
type pages map[string]func(w views.Words) templ.Component

func (p pages) hold(t *testing.T) {
	t.Helper()
	for name, draw := range p {
		t.Run(name, func(t *testing.T) { viewtest.Pages(t, name, draw) })
	}
}

func TestPagesOfArriving(t *testing.T) {
	pages{
		"signin": func(w views.Words) templ.Component { return portal.SignIn(frame(w), portal.SignInModel{Demo: true}) },
		"signin-again": func(w views.Words) templ.Component {
			return portal.SignIn(frame(w), portal.SignInModel{Typed: hostile, Problem: "portal.signin.bad", Next: "/ticket", Lost: true})
		},
		"signin-wait": func(w views.Words) templ.Component {
			return portal.SignIn(frame(w), portal.SignInModel{Typed: "a@b.jp", Wait: 61 * time.Second})
		},
		"signin-code": func(w views.Words) templ.Component {
			return portal.SignInCode(frame(w), portal.SignInCodeModel{Contact: "a@b.jp", Reason: kaopass.SignInCodeWrong, Wait: 30 * time.Second})
		},
		"passkey": func(w views.Words) templ.Component { return portal.PasskeyOffer(frame(w), "/next") },
		"name": func(w views.Words) templ.Component {
			return portal.Name(frame(w), portal.NameModel{Typed: hostile, Problem: "portal.name.bad", Next: "/me"})
		},
	}.hold(t)
}

func TestPagesOfAgreeing(t *testing.T) {
	pages{
		"choice": func(w views.Words) templ.Component { return portal.Choice(frame(w), portal.ChoiceModel{}) },
		"choice-again": func(w views.Words) templ.Component {
			return portal.Choice(frame(w), portal.ChoiceModel{Standing: []kaopass.Consent{given(kaopass.ForAdmission)}, Chosen: []kaopass.Purpose{kaopass.ForPayment}, Age: "16", Problem: "consent.choice.needAge"})
		},
		"choice-both": func(w views.Words) templ.Component {
			return portal.Choice(frame(w), portal.ChoiceModel{Standing: []kaopass.Consent{given(kaopass.ForAdmission), given(kaopass.ForPayment)}})
		},
		"choice-newer": func(w views.Words) templ.Component {
			return portal.Choice(frame(w), portal.ChoiceModel{Standing: []kaopass.Consent{given(kaopass.ForAdmission), given(kaopass.ForPayment)}, Newer: []kaopass.Purpose{kaopass.ForPayment}})
		},
		"young": func(w views.Words) templ.Component { return portal.Young(frame(w)) },
		"text":  func(w views.Words) templ.Component { return portal.Text(frame(w), text(t, w, kaopass.ForPayment)) },
		"sign": func(w views.Words) templ.Component {
			return portal.Sign(frame(w), portal.SignModel{Texts: []consent.Document{text(t, w, kaopass.ForAdmission), text(t, w, kaopass.ForPayment)}, Name: hostile, Problem: "consent.sign.empty"})
		},
		"signed": func(w views.Words) templ.Component {
			return portal.Signed(frame(w), []kaopass.Consent{given(kaopass.ForAdmission)})
		},
		"receipt": func(w views.Words) templ.Component { return portal.Receipt(frame(w), receipt(t, w)) },
	}.hold(t)
}

func TestPagesOfThePass(t *testing.T) {
	home := portal.HomeModel{Visitor: visitor(), Now: now, Tickets: tickets(), Ready: kaopass.Purposes(), Pays: true, Balance: kaopass.Yen(4200), Recent: events()}
	pages{
		"ticket": func(w views.Words) templ.Component {
			return portal.Ticket(frame(w), portal.TicketModel{Typed: hostile, Reason: kaopass.TicketTaken, Now: now, Tickets: tickets()})
		},
		"ticket-bound": func(w views.Words) templ.Component {
			return portal.Ticket(frame(w), portal.TicketModel{Bound: tickets()[1].ID, Now: now, Tickets: tickets()})
		},
		"home": func(w views.Words) templ.Component { return portal.Home(frame(w), home) },
		"home-new": func(w views.Words) templ.Component {
			return portal.Home(frame(w), portal.HomeModel{Now: now, ToDo: []portal.ToDo{{Step: portal.StepName, Path: "/name"}, {Step: portal.StepChoice, Path: "/choice"}, {Step: portal.StepFace, Path: "/ready"}, {Step: portal.StepTicket, Path: "/ticket"}, {Step: portal.StepCode, Path: "/code"}, {Step: portal.StepWallet, Path: "/wallet"}}})
		},
		"practice": func(w views.Words) templ.Component {
			return portal.Practice(frame(w), portal.PracticeModel{Tickets: tickets(), Problem: "portal.practice.noPhoto"})
		},
		"practice-none": func(w views.Words) templ.Component { return portal.Practice(frame(w), portal.PracticeModel{}) },
		"practice-go": func(w views.Words) templ.Component {
			return portal.Practice(frame(w), portal.PracticeModel{Verdict: kaopass.Verdict{Decision: kaopass.Admit, Reason: kaopass.Admitted}})
		},
		"practice-again": func(w views.Words) templ.Component {
			return portal.Practice(frame(w), portal.PracticeModel{Verdict: kaopass.Verdict{Decision: kaopass.Refuse, Reason: kaopass.FaceUnclear}})
		},
		"practice-staff": func(w views.Words) templ.Component {
			return portal.Practice(frame(w), portal.PracticeModel{Verdict: kaopass.Verdict{Decision: kaopass.AskStaff, Reason: kaopass.FaceMismatch}})
		},
	}.hold(t)
}

func TestPagesOfLookAlikes(t *testing.T) {
	kiosk := func(w views.Words) views.Page {
		p := frame(w)
		p.Kiosk = true
		return p
	}
	alike := portal.HomeModel{Visitor: visitor(), Now: now, Pays: true, Alike: portal.AlikeModel{Marked: true, CodeGone: true},
		ToDo: []portal.ToDo{{Step: portal.StepTwice, Path: "/twice"}, {Step: portal.StepCode, Path: "/code"}}}
	pages{
		"twice": func(w views.Words) templ.Component { return portal.Twice(frame(w), portal.TwiceModel{Desk: hostile}) },
		"twice-sent": func(w views.Words) templ.Component {
			return portal.Twice(frame(w), portal.TwiceModel{Sent: true, Desk: "desk@harbour.example", Demo: true})
		},
		"twice-wrong": func(w views.Words) templ.Component {
			return portal.Twice(frame(w), portal.TwiceModel{Sent: true, Wrong: true, Wait: 50 * time.Minute, Desk: "desk@harbour.example"})
		},
		"twice-kiosk": func(w views.Words) templ.Component { return portal.Twice(kiosk(w), portal.TwiceModel{Kiosk: true}) },
		"home-alike":  func(w views.Words) templ.Component { return portal.Home(frame(w), alike) },
		"me-alike": func(w views.Words) templ.Component {
			return portal.Me(frame(w), portal.MeModel{Visitor: visitor(), Pays: true, Alike: portal.AlikeModel{Marked: true}})
		},
		"code-gone": func(w views.Words) templ.Component {
			return portal.Code(frame(w), portal.CodeModel{Pays: true, Alike: alike.Alike})
		},
	}.hold(t)
}

func TestPagesOfMoney(t *testing.T) {
	wallet := portal.WalletModel{Open: true, Balance: kaopass.Yen(4200), Held: kaopass.Yen(800), Methods: methods(), Key: "KEY"}
	two := portal.WalletModel{Open: true, Frozen: true, Methods: append(methods(), kaopass.Method{ID: "pm_3", Kind: kaopass.Card, Label: "Visa ••0002"}), Amount: "99", Problem: "Too little"}
	pages{
		"wallet":        func(w views.Words) templ.Component { return portal.Wallet(frame(w), wallet) },
		"wallet-closed": func(w views.Words) templ.Component { return portal.Wallet(frame(w), portal.WalletModel{}) },
		"wallet-withdrawn": func(w views.Words) templ.Component {
			return portal.Wallet(frame(w), portal.WalletModel{Open: true, Withdrawn: true, First: true, Balance: kaopass.Yen(800)})
		},
		"wallet-frozen": func(w views.Words) templ.Component { return portal.Wallet(frame(w), two) },
		"history": func(w views.Words) templ.Component {
			return portal.History(frame(w), portal.HistoryModel{Entries: entries(), More: "next page"})
		},
		"history-none": func(w views.Words) templ.Component { return portal.History(frame(w), portal.HistoryModel{}) },
		"card": func(w views.Words) templ.Component {
			return portal.Card(frame(w), portal.CardModel{Problem: "wallet.card.bad", Samples: []portal.SampleCard{{Number: "4242 4242 4242 4242", Does: "pays"}, {Number: "4000 0000 0000 0002", Does: "declines"}}})
		},
		"owner-asked": func(w views.Words) templ.Component {
			return portal.Wallet(frame(w), portal.WalletModel{Open: true, Away: true, Balance: kaopass.Yen(800), Methods: []kaopass.Method{
				{ID: "pm_1", Kind: kaopass.EMoney, Default: true}, {ID: "pm_2", Kind: kaopass.Card, Label: "Visa ••3184", Asked: true}}})
		},
		"owner-kiosk": func(w views.Words) templ.Component {
			return portal.Wallet(frame(w), portal.WalletModel{Open: true, AtKiosk: true, Balance: kaopass.Yen(800), Methods: []kaopass.Method{
				{ID: "pm_2", Kind: kaopass.Card, Label: "Visa ••3184", Asked: true}}})
		},
		"owner": func(w views.Words) templ.Component {
			return portal.Owner(frame(w), portal.OwnerModel{Card: kaopass.Method{ID: "pm_2", Label: "Visa ••3184"}})
		},
		"card-away": func(w views.Words) templ.Component { return portal.Card(frame(w), portal.CardModel{Away: true}) },
		"card-away-quiet": func(w views.Words) templ.Component {
			return portal.Card(frame(w), portal.CardModel{Away: true, Problem: "wallet.card.silentNow"})
		},
		"card-kiosk": func(w views.Words) templ.Component {
			return portal.Card(frame(w), portal.CardModel{Away: true, AtKiosk: true})
		},
		"code": func(w views.Words) templ.Component { return portal.Code(frame(w), portal.CodeModel{Pays: true}) },
		"code-shown": func(w views.Words) templ.Component {
			return portal.Code(frame(w), portal.CodeModel{Pays: true, Code: "4821"})
		},
		"code-again": func(w views.Words) templ.Component {
			return portal.Code(frame(w), portal.CodeModel{Pays: true, Issued: now, Reason: kaopass.CodeWrong})
		},
		"code-right": func(w views.Words) templ.Component {
			return portal.Code(frame(w), portal.CodeModel{Pays: true, Issued: now, Right: true})
		},
		"code-closed": func(w views.Words) templ.Component { return portal.Code(frame(w), portal.CodeModel{}) },
	}.hold(t)
}

func TestPagesOfMoneyThatWaits(t *testing.T) {
	every := func() (all []portal.EntryLine) {
		for _, kind := range kaopass.EntryKinds() {
			e := portal.EntryLine{At: now, Kind: kind, Place: "Ramen <b>hall</b> 2", Method: kaopass.Card, Label: "Visa ••4242",
				Subject: "pay_01hx0000000000000000000001", Asked: kaopass.Yen(800)}
			if kind.Moves() {
				e.Amount = kaopass.Yen(-800)
			} else {
				e.Reason = kaopass.CardDeclined
			}
			all = append(all, e)
		}
		return all
	}
	pages{
		"wallet-young": func(w views.Words) templ.Component {
			return portal.Wallet(frame(w), portal.WalletModel{Open: true, NoCards: true, Balance: kaopass.Yen(800), Methods: methods()[:1], Key: "KEY"})
		},
		"wallet-coming": func(w views.Words) templ.Component {
			return portal.Wallet(frame(w), portal.WalletModel{Open: true, Coming: kaopass.Yen(5000), Methods: methods(), Key: "KEY", Warning: "wallet.refused.still"})
		},
		"card-ask": func(w views.Words) templ.Component {
			return portal.Card(frame(w), portal.CardModel{Ask: true, ByPhone: true})
		},
		"card-closed": func(w views.Words) templ.Component {
			return portal.Card(frame(w), portal.CardModel{Closed: true})
		},
		"history-every": func(w views.Words) templ.Component {
			return portal.History(frame(w), portal.HistoryModel{Entries: every(), More: "next"})
		},
	}.hold(t)
}

func TestPagesOfTakingBack(t *testing.T) {
	pages{
		"me": func(w views.Words) templ.Component { return portal.Me(frame(w), me()) },
		"me-newer": func(w views.Words) templ.Component {
			m := me()
			m.Purposes[1] = portal.PurposeLine{Purpose: kaopass.ForPayment, Consent: given(kaopass.ForPayment), Newer: true}
			return portal.Me(frame(w), m)
		},
		"me-bare": func(w views.Words) templ.Component {
			return portal.Me(frame(w), portal.MeModel{Visitor: kaopass.Visitor{Frozen: true, Language: kaopass.English}, Purposes: []portal.PurposeLine{{Purpose: kaopass.ForAdmission}}})
		},
		"uses": func(w views.Words) templ.Component {
			return portal.Uses(frame(w), portal.UsesModel{Events: events(), More: "next page"})
		},
		"uses-none": func(w views.Words) templ.Component { return portal.Uses(frame(w), portal.UsesModel{}) },
		"cases":     func(w views.Words) templ.Component { return portal.Cases(frame(w), someCases()) },
		"cases-none": func(w views.Words) templ.Component {
			return portal.Cases(frame(w), portal.CasesModel{Reason: kaopass.DisputeLate, Frozen: kaopass.FrozenByStaff, MayThaw: kaopass.ThawByStaff, Since: now})
		},
		"limit": func(w views.Words) templ.Component {
			return portal.Limit(frame(w), portal.LimitModel{Own: kaopass.OwnLimit{Day: 3000, Next: 9000, From: now},
				Payer: kaopass.Payer{Today: kaopass.Yen(1200), Minor: true, Allowance: kaopass.Allowance{Day: 2000, Week: 5000}, Spent: kaopass.Spent{Week: 3400}}})
		},
		"wards": func(w views.Words) templ.Component {
			return portal.Wards(frame(w), portal.WardsModel{Most: kaopass.AllowanceMax, Problem: "wards.bad", Wards: []portal.WardLine{
				{ID: "vis_01hx0000000000000000000001", Name: "H. Y.", Allowance: kaopass.Allowance{Day: 2000, Week: 5000}, Today: kaopass.Yen(800), Week: kaopass.Yen(1800), Frozen: true}}})
		},
		"guardian": func(w views.Words) templ.Component {
			return portal.Guardian(frame(w), portal.GuardianModel{Chosen: kaopass.Purposes(), Name: hostile, Contact: "?", Day: "3000", Week: "10000", Most: kaopass.AllowanceMax, Problem: "guardian.badContact"})
		},
		"withdraw": func(w views.Words) templ.Component { return portal.Withdraw(frame(w), kaopass.ForPayment, true) },
		"erase": func(w views.Words) templ.Component {
			return portal.Erase(frame(w), portal.EraseModel{Kept: true, Purposes: kaopass.Purposes()})
		},
		"delete": func(w views.Words) templ.Component { return portal.Delete(frame(w), "data.delete.money") },
		"gone-face": func(w views.Words) templ.Component {
			return portal.Gone(frame(w), portal.GoneModel{What: "face", Receipt: events()[0].ID, At: now})
		},
		"gone-withdrawn": func(w views.Words) templ.Component {
			return portal.Gone(frame(w), portal.GoneModel{What: "withdrawn", Receipt: events()[0].ID})
		},
		"gone-account": func(w views.Words) templ.Component {
			return portal.Gone(frame(w), portal.GoneModel{What: "account", Receipt: events()[0].ID})
		},
		"passkeys": func(w views.Words) templ.Component {
			return portal.Passkeys(frame(w), []portal.PasskeyLine{{ID: "AQID", Name: "iPhone", Created: now}})
		},
	}.hold(t)
}

func TestPagesForAnybody(t *testing.T) {
	pages{
		"without": func(w views.Words) templ.Component { return portal.Without(frame(w)) },
		"help":    func(w views.Words) templ.Component { return portal.Help(frame(w), "privacy@harbour.example") },
		"privacy": func(w views.Words) templ.Component {
			return portal.Privacy(frame(w), portal.PrivacyModel{Operator: consent.Operator{Name: "Harbour Expo", Contact: "privacy@harbour.example"}, Texts: []consent.Document{text(t, w, kaopass.ForAdmission)}})
		},
		"inbox": func(w views.Words) templ.Component {
			return portal.Inbox(frame(w), []portal.InboxMessage{{At: now, Contact: "a@b.jp", Code: "123456"}})
		},
	}.hold(t)
}

func receipt(t *testing.T, w views.Words) portal.ReceiptModel {
	ended := given(kaopass.ForPayment)
	ended.WithdrawnAt = now.Add(time.Hour)
	return portal.ReceiptModel{Visitor: visitor(), Operator: consent.Operator{Name: "Harbour Expo"},
		Consents: []portal.SignedConsent{{Consent: given(kaopass.ForAdmission), Text: text(t, w, kaopass.ForAdmission)}, {Consent: ended}}}
}

func me() portal.MeModel {
	ended := given(kaopass.ForPayment)
	ended.WithdrawnAt = now.Add(time.Hour)
	return portal.MeModel{Visitor: visitor(), FaceSince: now, Pays: true, Passkeys: 1,
		Purposes: []portal.PurposeLine{{Purpose: kaopass.ForAdmission, Consent: given(kaopass.ForAdmission)}, {Purpose: kaopass.ForPayment, Consent: ended}}}
}

func entries() []portal.EntryLine {
	return []portal.EntryLine{
		{At: now, Kind: kaopass.WalletToppedUp, Amount: kaopass.Yen(5000)},
		{At: now, Kind: kaopass.PaymentCaptured, Amount: kaopass.Yen(-800), Place: "Ramen hall 2", Method: kaopass.EMoney, Receipt: "/wallet/receipt/pay_1"},
	}
}

// someCases are one of each kind of case.
func someCases() portal.CasesModel {
	one := func(id string, s kaopass.DisputeState) kaopass.Dispute {
		return kaopass.Dispute{ID: kaopass.DisputeID("dsp_01hx000000000000000000000" + id), State: s, Kind: kaopass.PaymentCaptured,
			Payment: "pay_01hx0000000000000000000001", Amount: kaopass.Yen(1200), Place: "Ramen 2", At: now, Opened: now, Due: now.Add(kaopass.DisputeAnswerIn), Decided: now}
	}
	open, paid, told := one("1", kaopass.DisputeIsOpen), one("2", kaopass.DisputePaid), one("3", kaopass.DisputeTold)
	open.Assigned, told.Answer = "stf_01hx0000000000000000000001", hostile
	return portal.CasesModel{Frozen: kaopass.FrozenByDispute, Since: now, MayThaw: kaopass.CodeNeeded, Opened: open.ID,
		Cases: []kaopass.Dispute{open, paid, told, one("4", kaopass.DisputeRecall)}, Contact: "privacy@harbour.example"}
}
