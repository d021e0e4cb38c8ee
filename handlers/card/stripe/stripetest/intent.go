package stripetest

import (
	"math"
	"net/http"
	"net/url"
	"strconv"
)

// Intent is a payment intent.
type Intent struct {
	ID         string            `json:"id"`
	Object     string            `json:"object"`
	Status     string            `json:"status"`
	Amount     int64             `json:"amount"`
	Currency   string            `json:"currency"`
	Capturable int64             `json:"amount_capturable"`
	Received   int64             `json:"amount_received"`
	Customer   string            `json:"customer"`
	Method     string            `json:"payment_method"`
	Metadata   map[string]string `json:"metadata"`
	OffSession bool              `json:"-"`
	Held       int               `json:"-"` // how often a bank was asked to hold it
	Error      *problemBody      `json:"last_payment_error,omitempty"`
	Cancelled  string            `json:"cancellation_reason,omitempty"`
	charge     string
}

// Refund is money given back.
type Refund struct {
	ID       string            `json:"id"`
	Object   string            `json:"object"`
	Amount   int64             `json:"amount"`
	Currency string            `json:"currency"`
	Intent   string            `json:"payment_intent"`
	Status   string            `json:"status"`
	Metadata map[string]string `json:"metadata"`
}

// Booking is a balance transaction.
type Booking struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Type    string `json:"type"`
	Amount  int64  `json:"amount"`
	Created int64  `json:"created"`
	Source  any    `json:"source"`
}

type chargeOf struct {
	ID       string            `json:"id"`
	Object   string            `json:"object"`
	Amount   int64             `json:"amount"`
	Captured int64             `json:"amount_captured"`
	Currency string            `json:"currency"`
	Metadata map[string]string `json:"metadata"`
}

func (f *Fake) intent(id, verb string, form url.Values) (int, any) {
	if id == "" {
		return f.begin(form)
	}
	in := f.Intents[id]
	if in == nil {
		return missing("payment_intent")
	}
	switch verb {
	case "confirm":
		return f.confirm(in, form)
	case "capture":
		return f.capture(in, form)
	case "cancel":
		if in.Status == "succeeded" || in.Status == "canceled" {
			return unexpected(in)
		}
		in.Status, in.Capturable, in.Cancelled = "canceled", 0, "requested_by_customer"
	}
	copied := *in
	return http.StatusOK, &copied
}

// Expire has the bank let go of what is held of an intent, as it does after some days.
func (f *Fake) Expire(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	in := f.Intents[id]
	in.Status, in.Capturable, in.Cancelled = "canceled", 0, "automatic"
}

// Shrink has the bank hold less than was asked for.
func (f *Fake) Shrink(id string, to int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Intents[id].Capturable = to
}

func (f *Fake) begin(form url.Values) (int, any) {
	m := f.Methods[form.Get("payment_method")]
	if c := f.Customers[form.Get("customer")]; c == nil || c.Deleted || m == nil || m.Customer != c.ID {
		return http.StatusBadRequest, fault("invalid_request_error", "resource_missing", "No such customer or payment method")
	}
	in := &Intent{ID: f.id("pi"), Object: "payment_intent", Status: "requires_confirmation", Amount: number(form, "amount"),
		Currency: form.Get("currency"), Customer: form.Get("customer"), Method: m.ID, Metadata: metadata(form), charge: f.id("ch")}
	f.Intents[in.ID] = in
	copied := *in
	return http.StatusOK, &copied
}

func (f *Fake) confirm(in *Intent, form url.Values) (int, any) {
	if in.Status != "requires_confirmation" {
		return unexpected(in)
	}
	in.Held++
	in.OffSession = form.Get("off_session") == "true"
	refused := func(code, decline string) (int, any) {
		in.Status = "requires_payment_method"
		p := fault("card_error", code, "Your card ending in 0002 was declined.")
		p.Error.Decline = decline
		in.Error = &p.Error
		return http.StatusPaymentRequired, p
	}
	switch f.Methods[in.Method].does {
	case Declines:
		return refused("card_declined", "generic_decline")
	case Short:
		return refused("card_declined", "insufficient_funds")
	case AsksOwner:
		return refused("authentication_required", "authentication_required")
	}
	in.Status, in.Capturable = "requires_capture", in.Amount
	copied := *in
	return http.StatusOK, &copied
}

func (f *Fake) capture(in *Intent, form url.Values) (int, any) {
	take := number(form, "amount_to_capture")
	if in.Status != "requires_capture" {
		return unexpected(in)
	}
	if take > in.Capturable || take <= 0 {
		return http.StatusBadRequest, fault("invalid_request_error", "amount_too_large", "Amount to capture is too large")
	}
	in.Status, in.Received, in.Capturable = "succeeded", take, 0
	f.book("charge", take, chargeOf{ID: in.charge, Object: "charge", Amount: in.Amount, Captured: take, Currency: in.Currency,
		Metadata: in.Metadata})
	copied := *in
	return http.StatusOK, &copied
}

// Stray books a charge that carries an id of ours, which we never asked for.
func (f *Fake) Stray(amount int64, charge string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.book("charge", amount, chargeOf{ID: f.id("ch"), Object: "charge", Amount: amount, Captured: amount, Currency: "jpy",
		Metadata: map[string]string{"kaopass_charge": charge}})
}

func (f *Fake) book(kind string, amount int64, source any) {
	f.Balance = append(f.Balance, Booking{ID: f.id("txn"), Object: "balance_transaction", Type: kind, Amount: amount,
		Created: f.Now().Unix(), Source: source})
}

func unexpected(in *Intent) (int, any) {
	return http.StatusBadRequest, fault("invalid_request_error", "payment_intent_unexpected_state", "the intent is "+in.Status)
}

// refunded is how much of an intent was given back.
func (f *Fake) refunded(intent string) (sum int64) {
	for _, r := range f.Refunds {
		if r.Intent == intent {
			sum += r.Amount
		}
	}
	return sum
}

// Bounce has the bank send a refund back, days after it was answered as done.
func (f *Fake) Bounce(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.Refunds {
		if r.ID == id {
			r.Status = "failed"
			f.book("refund_failure", r.Amount, r)
		}
	}
}

func (f *Fake) refund(method, id string, query, form url.Values) (int, any) {
	if id != "" {
		for _, r := range f.Refunds {
			if r.ID == id {
				return http.StatusOK, r
			}
		}
		return missing("refund")
	}
	if method == http.MethodGet {
		var of []*Refund
		for i := len(f.Refunds) - 1; i >= 0; i-- { // newest first, as Stripe lists
			if f.Refunds[i].Intent == query.Get("payment_intent") {
				of = append(of, f.Refunds[i])
			}
		}
		return http.StatusOK, cut(of, query, func(r *Refund) string { return r.ID })
	}
	in := f.Intents[form.Get("payment_intent")]
	if in == nil {
		return missing("payment_intent")
	}
	amount := number(form, "amount")
	if in.Status != "succeeded" || amount <= 0 || amount > in.Received-f.refunded(in.ID) {
		return http.StatusBadRequest, fault("invalid_request_error", "charge_already_refunded", "Refund amount is greater than unrefunded amount")
	}
	r := &Refund{ID: f.id("re"), Object: "refund", Amount: amount, Currency: in.Currency, Intent: in.ID, Status: "succeeded",
		Metadata: metadata(form)}
	f.Refunds = append(f.Refunds, r)
	f.book("refund", -amount, r)
	return http.StatusOK, r
}

func (f *Fake) bookings(query url.Values) (int, any) {
	from, _ := strconv.ParseInt(query.Get("created[gte]"), 10, 64)
	until, err := strconv.ParseInt(query.Get("created[lt]"), 10, 64)
	if err != nil {
		until = math.MaxInt64
	}
	var of []Booking
	for i := len(f.Balance) - 1; i >= 0; i-- {
		if b := f.Balance[i]; b.Type == query.Get("type") && b.Created >= from && b.Created < until {
			of = append(of, b)
		}
	}
	return http.StatusOK, cut(of, query, func(b Booking) string { return b.ID })
}

type listed[T any] struct {
	Object  string `json:"object"`
	URL     string `json:"url"`
	HasMore bool   `json:"has_more"`
	Data    []T    `json:"data"`
}

// cut answers the page that was asked for.
func cut[T any](rows []T, query url.Values, id func(T) string) listed[T] {
	if after := query.Get("starting_after"); after != "" {
		for i, r := range rows {
			if id(r) == after {
				rows = rows[i+1:]
				break
			}
		}
	}
	limit, _ := strconv.Atoi(query.Get("limit"))
	if limit <= 0 {
		limit = 10
	}
	return listed[T]{Object: "list", URL: "/", HasMore: len(rows) > limit, Data: rows[:min(limit, len(rows))]}
}
