package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/kaopass/kaopass"
)

// demoAdmission is what a gate reads of an answer (PROTOCOL, "Gate").
type demoAdmission struct {
	ID       kaopass.AdmissionID
	Decision kaopass.Decision
	Reason   kaopass.Reason
	Message  string
	ServerMS int64 `json:"server_ms"`
}

// demoPayment is what a till reads of an answer (PROTOCOL, "Till").
type demoPayment struct {
	ID       kaopass.PaymentID
	Status   kaopass.PaymentStatus
	Reason   kaopass.Reason
	Captured kaopass.Money
	Refunded kaopass.Money
	Methods  []struct {
		ID   kaopass.MethodID
		Kind kaopass.MethodKind
	}
}

// demoAsk is what a till asks for: a payment, or a refund.
type demoAsk struct {
	Amount   kaopass.Money `json:"amount"`
	OrderRef string        `json:"order_ref,omitempty"`
	Reason   string        `json:"reason,omitempty"`
}

// framesOfApproach is how many photos a gate or till of the demo sends.
const framesOfApproach = 3

func (d *story) attempt(ctx context.Context, qr string, photos [][]byte, way kaopass.Direction) (a demoAdmission, err error) {
	fields := map[string]string{"ticket": qr, "direction": string(way)}
	err = d.gate.photos(ctx, "/v1/admissions", rand.Text(), fields, photos[:framesOfApproach], &a)
	return a, err
}

// gateSays makes an attempt and checks its verdict.
func (d *story) gateSays(ctx context.Context, qr string, photos [][]byte, way kaopass.Direction, want kaopass.Decision, why kaopass.Reason) (string, error) {
	a, err := d.attempt(ctx, qr, photos, way)
	if err != nil {
		return "", err
	}
	if a.Decision == kaopass.Admit {
		err = d.gate.call(ctx, "/v1/admissions/"+string(a.ID)+"/passed", struct{}{}, &struct{}{})
	}
	detail := fmt.Sprintf("%s %s (%d ms): %s", a.Decision, a.Reason, a.ServerMS, a.Message)
	return detail, errors.Join(err, expect(a.Decision == want && a.Reason == why, "%s, not %s %s", detail, want, why))
}

func (d *story) admitted(ctx context.Context) (string, error) {
	return d.gateSays(ctx, d.season.QR, d.face, kaopass.Entry, kaopass.Admit, kaopass.Admitted)
}

func (d *story) replayed(ctx context.Context) (string, error) {
	body, err := json.Marshal(demoAsk{Amount: kaopass.Yen(demoMeal)})
	if err != nil {
		return "", err
	}
	var answers [2]demoPayment
	key := rand.Text()
	for i := range answers {
		if err := d.till.told(ctx, "/v1/payments", "application/json", body, key, &answers[i]); err != nil {
			return "", err
		}
	}
	return "one payment", expect(answers[0].ID == answers[1].ID, "two payments")
}

func (d *story) impostor(ctx context.Context) (string, error) {
	return d.gateSays(ctx, d.season.QR, d.stranger, kaopass.Entry, kaopass.Refuse, kaopass.FaceMismatch)
}

func (d *story) dayRefused(ctx context.Context) (string, error) {
	return d.gateSays(ctx, d.day.QR, d.face, kaopass.Entry, kaopass.Refuse, kaopass.TicketNotForFace)
}

func (d *story) forged(ctx context.Context) (string, error) {
	id, _, _ := strings.Cut(strings.TrimPrefix(d.season.QR, "KPT1."), ".")
	_, foreign, _ := strings.Cut(strings.TrimPrefix(d.others.QR, "KPT1."), ".")
	return d.gateSays(ctx, "KPT1."+id+"."+foreign, d.face, kaopass.Entry, kaopass.Refuse, kaopass.TicketForged)
}

func (d *story) otherAdmitted(ctx context.Context) (string, error) {
	return d.gateSays(ctx, d.others.QR, d.stranger, kaopass.Entry, kaopass.Admit, kaopass.Admitted)
}

func (d *story) leaves(ctx context.Context) (string, error) {
	return d.gateSays(ctx, d.season.QR, d.face, kaopass.Exit, kaopass.Admit, kaopass.Admitted)
}

// show opens a payment and shows a face for it.
func (d *story) show(ctx context.Context, yen int64, photos [][]byte) (p demoPayment, err error) {
	if err := d.till.call(ctx, "/v1/payments", demoAsk{Amount: kaopass.Yen(yen), OrderRef: "demo"}, &p); err != nil {
		return p, err
	}
	err = d.till.photos(ctx, p.path("face"), rand.Text(), nil, photos[:framesOfApproach], &p)
	return p, err
}

func (p demoPayment) path(verb string) string { return "/v1/payments/" + string(p.ID) + "/" + verb }

// pay takes a payment as far as it goes: face, code where it is asked for, confirmation from the wallet.
func (d *story) pay(ctx context.Context, yen int64, photos [][]byte) (p demoPayment, how string, err error) {
	p, err = d.show(ctx, yen, photos)
	how = "by the face"
	if err == nil && p.Status == kaopass.AwaitingCode {
		err = d.till.call(ctx, p.path("code"), map[string]string{"code": d.code}, &p)
		how = "by face and code"
	}
	if err != nil || p.Status != kaopass.AwaitingConfirmation {
		return p, how, err
	}
	for _, m := range p.Methods {
		if m.Kind == kaopass.EMoney {
			return p, how, d.till.call(ctx, p.path("confirm"), map[string]kaopass.MethodID{"method": m.ID}, &p)
		}
	}
	return p, how, errors.New("no wallet among the methods")
}

func (d *story) pays(ctx context.Context) (string, error) {
	amount := int64(demoMeal)
	if d.known {
		amount = demoFeast
	}
	p, how, err := d.pay(ctx, amount, d.face)
	if err != nil {
		return "", err
	}
	if err := expect(p.Status == kaopass.Captured && p.Captured.Value == amount, "%s %s", p.Status, p.Reason); err != nil {
		return "", err
	}
	d.paid = p
	detail, err := d.balance(ctx, demoTopUp-amount)
	return p.Captured.String() + " captured " + how + ", " + detail, err
}

func (d *story) unknownAtTill(ctx context.Context) (string, error) {
	p, err := d.show(ctx, demoMeal, d.stranger)
	return p.says(), errors.Join(err, expect(p.Status == kaopass.Refused && p.Reason == kaopass.FaceUnknown, "%s", p.says()))
}

func (p demoPayment) says() string { return string(p.Status) + " " + string(p.Reason) }

func (d *story) declined(ctx context.Context) (string, error) {
	p, how, err := d.pay(ctx, demoDear, d.face)
	return p.says() + ", asked " + how, errors.Join(err, expect(p.Status == kaopass.Declined && p.Reason == kaopass.FundsShort, "%s", p.says()))
}

func (d *story) refunded(ctx context.Context) (string, error) {
	var p demoPayment
	ask := demoAsk{Amount: d.paid.Captured, Reason: "cold noodles"}
	if err := d.till.call(ctx, d.paid.path("refunds"), ask, &p); err != nil {
		return "", err
	}
	return d.balance(ctx, demoTopUp)
}

// afterWithdrawal is the next till: this account is not found any more, whoever else may have the same face.
func (d *story) afterWithdrawal(ctx context.Context) (string, error) {
	p, err := d.show(ctx, demoMeal, d.face)
	if err != nil || d.known {
		_, wallet := d.balance(ctx, demoTopUp)
		return p.says() + ", by another account", errors.Join(err, wallet)
	}
	// As the gallery is told already, or not yet.
	gone := p.Status == kaopass.Refused && (p.Reason == kaopass.FaceUnknown || p.Reason == kaopass.ConsentWithdrawn)
	return p.says(), expect(gone, "%s", p.says())
}
