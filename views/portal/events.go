package portal

import (
	"cmp"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
)

// sentence tells an event in words that need no explanation: "Gate East 7 let you in".
func sentence(w views.Words, e kaopass.Event) string {
	args := views.Args{"Place": placeOf(e), "Amount": w.Yen(e.Amount)}
	if e.Purpose != "" {
		args["Purpose"] = purposeName(w, e.Purpose)
	}
	return w.With("data.event."+sentenceKey(e), args)
}

// placeOf is where something happened, as whoever was there calls it: a gate by its name, a till by its store's.
func placeOf(e kaopass.Event) string {
	if e.Purpose == kaopass.ForPayment {
		return cmp.Or(string(e.Zone), e.Place, "–")
	}
	return cmp.Or(e.Place, string(e.Zone), "–")
}

// sentenceKey picks the sentence; what has none of its own is noted.
func sentenceKey(e kaopass.Event) string {
	switch e.Kind {
	case kaopass.AdmissionDecided:
		return map[kaopass.Decision]string{kaopass.Admit: "admit", kaopass.AskStaff: "ask", kaopass.Refuse: "refuse"}[e.Decision]
	case kaopass.PaymentEnded:
		return "unpaid"
	}
	return cmp.Or(plainKeys()[e.Kind], "noted")
}

func plainKeys() map[kaopass.EventKind]string {
	return map[kaopass.EventKind]string{
		kaopass.AdmissionPassed:    "passed",
		kaopass.AdmissionUndone:    "undone",
		kaopass.PaymentCaptured:    "paid",
		kaopass.PaymentAuthorised:  "held",
		kaopass.PaymentFaced:       "faced",
		kaopass.PaymentCoded:       "coded",
		kaopass.PaymentMissed:      "codeMissed",
		kaopass.DisputeOpened:      "disputeOpened",
		kaopass.DisputeAssigned:    "disputeAssigned",
		kaopass.DisputeRefunded:    "disputeRefunded",
		kaopass.DisputeRejected:    "disputeRejected",
		kaopass.DisputeWithdrawn:   "disputeWithdrawn",
		kaopass.OwnLimitSet:        "ownLimit",
		kaopass.GuardianSigned:     "guardianSigned",
		kaopass.AllowanceSet:       "allowanceSet",
		kaopass.GuardianEnded:      "guardianEnded",
		kaopass.PaymentRefunded:    "refunded",
		kaopass.RefundOwed:         "refundOwed",
		kaopass.RefundPaidOut:      "refundPaidOut",
		kaopass.TopUpReturned:      "topUpReturned",
		kaopass.WalletToppedUp:     "toppedUp",
		kaopass.TopUpRefused:       "topUpRefused",
		kaopass.MethodChosen:       "chosen",
		kaopass.AdmissionPractised: "practised",
		kaopass.ConsentGiven:       "consentGiven",
		kaopass.ConsentTaken:       "consentTaken",
		kaopass.EnrolmentCreated:   "enrolled",
		kaopass.EnrolmentRefused:   "enrolRefused",
		kaopass.EnrolmentErased:    "erased",
		kaopass.TemplateAdded:      "templateAdded",
		kaopass.TemplateGrown:      "templateGrown",
		kaopass.TemplateRenewed:    "templateRenewed",
		kaopass.TemplateRemoved:    "templateRemoved",
		kaopass.AlikeMarked:        "alikeMarked",
		kaopass.AlikeFreed:         "alikeFreed",
		kaopass.TwiceFound:         "twiceFound",
		kaopass.TwiceDenied:        "twiceDenied",
		kaopass.RecoveryAsked:      "recoveryAsked",
		kaopass.RecoverySent:       "recoverySent",
		kaopass.RecoveryDone:       "recoveryDone",
		kaopass.CodeCalledIn:       "codeCalledIn",
		kaopass.TicketBound:        "ticketBound",
		kaopass.TicketBindRefused:  "ticketRefused",
		kaopass.VisitorCreated:     "created",
		kaopass.VisitorFrozen:      "frozen",
		kaopass.VisitorUnfrozen:    "unfrozen",
		kaopass.CodeIssued:         "codeIssued",
		kaopass.MethodAdded:        "cardAdded",
		kaopass.CardOwnerAsked:     "cardOwnerAsked",
		kaopass.CardOwnerAnswered:  "cardOwnerAnswered",
		kaopass.PaymentUncollected: "uncollected",
		kaopass.PaymentMadeGood:    "madeGood",
		kaopass.CardDisputed:       "cardDisputed",
		kaopass.CardDisputeEnded:   "cardDisputeEnded",
		kaopass.CardRefundFailed:   "cardRefundFailed",
		kaopass.MethodRemoved:      "cardRemoved",
		kaopass.StaffLooked:        "looked",
	}
}

// because is why it ended so, where a person may wonder.
func because(w views.Words, e kaopass.Event) string {
	if e.Reason == "" || e.Reason == kaopass.Admitted {
		return ""
	}
	return w.Reason(e.Reason)
}

// eventIcon is the picture beside an event.
func eventIcon(e kaopass.Event) string {
	switch e.Kind {
	case kaopass.AdmissionDecided, kaopass.AdmissionPassed, kaopass.AdmissionUndone, kaopass.AdmissionPractised:
		return "door-open"
	case kaopass.PaymentCaptured, kaopass.PaymentAuthorised, kaopass.PaymentEnded, kaopass.PaymentRefunded,
		kaopass.PaymentFaced, kaopass.PaymentCoded, kaopass.WalletToppedUp, kaopass.CodeIssued, kaopass.CodeCalledIn, kaopass.MethodAdded,
		kaopass.MethodRemoved, kaopass.MethodChosen, kaopass.TopUpRefused, kaopass.VisitorFrozen, kaopass.VisitorUnfrozen,
		kaopass.PaymentMissed, kaopass.OwnLimitSet, kaopass.AllowanceSet, kaopass.CardDisputed, kaopass.CardDisputeEnded,
		kaopass.CardRefundFailed, kaopass.RefundOwed, kaopass.RefundPaidOut, kaopass.TopUpReturned, kaopass.CardOwnerAsked,
		kaopass.CardOwnerAnswered, kaopass.PaymentUncollected, kaopass.PaymentMadeGood:
		return "wallet"
	case kaopass.TicketBound, kaopass.TicketBindRefused:
		return "ticket"
	case kaopass.StaffLooked, kaopass.DisputeOpened, kaopass.DisputeAssigned, kaopass.DisputeRefunded,
		kaopass.DisputeRejected, kaopass.DisputeWithdrawn:
		return "concierge-bell"
	case kaopass.GuardianSigned, kaopass.GuardianEnded:
		return "users-round"
	case kaopass.RecoveryAsked, kaopass.RecoverySent, kaopass.RecoveryDone:
		return "user-round"
	case kaopass.ConsentGiven, kaopass.ConsentTaken:
		return "pen-line"
	case kaopass.EnrolmentCreated, kaopass.EnrolmentRefused, kaopass.EnrolmentErased, kaopass.TemplateAdded,
		kaopass.TemplateGrown, kaopass.TemplateRenewed, kaopass.TemplateRemoved, kaopass.AlikeMarked, kaopass.AlikeFreed, kaopass.TwiceFound,
		kaopass.TwiceDenied:
		return "scan-face"
	}
	return "info"
}
