package stripetest

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
)

func (f *Fake) customer(method, id string, form url.Values) (int, any) {
	if c := f.Customers[id]; method == http.MethodGet && c != nil {
		return http.StatusOK, c
	}
	if method == http.MethodDelete || method == http.MethodGet {
		c := f.Customers[id]
		if c == nil || c.Deleted {
			return missing("customer")
		}
		c.Deleted = true
		for _, m := range f.Methods {
			if m.Customer == id {
				m.Customer = ""
			}
		}
		return http.StatusOK, c
	}
	c := &Customer{ID: f.id("cus"), Object: "customer", Metadata: metadata(form), Email: form.Get("email"), Name: form.Get("name")}
	f.Customers[c.ID] = c
	return http.StatusOK, c
}

func (f *Fake) form(method, id string, form url.Values) (int, any) {
	if method == http.MethodGet {
		s := f.Forms[id]
		if s == nil {
			return missing("checkout.session")
		}
		return http.StatusOK, s
	}
	c := f.Customers[form.Get("customer")]
	if c == nil || c.Deleted {
		return http.StatusBadRequest, fault("invalid_request_error", "resource_missing", "No such customer")
	}
	s := &Form{ID: f.id("cs_test"), Object: "checkout.session", Mode: form.Get("mode"), Status: "open", Customer: c.ID,
		SuccessURL: form.Get("success_url"), CancelURL: form.Get("cancel_url"),
		Asks: form.Get("payment_method_options[card][request_three_d_secure]")}
	s.URL = f.server.URL + "/pay?form=" + s.ID
	f.Forms[s.ID] = s
	return http.StatusOK, s
}

func (f *Fake) method(method, id string) (int, any) {
	m := f.Methods[id]
	if method == http.MethodGet {
		if m == nil {
			return missing("payment_method")
		}
		return http.StatusOK, m
	}
	if m == nil || m.Customer == "" {
		return http.StatusBadRequest, fault("invalid_request_error", "", "The payment method you provided is not attached to a customer")
	}
	m.Customer = ""
	return http.StatusOK, m
}

// Fill fills a form in with a card, as a visitor does on Stripe's page, and answers the saved card. Where the form asks
// for 3-D Secure its owner answers the bank, which then takes the card off session.
func (f *Fake) Fill(form, card string) *Method {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.Forms[form]
	m := &Method{ID: f.id("pm"), Object: "payment_method", Type: "card", Customer: s.Customer, does: card}
	m.Card.Brand, m.Card.ExpMonth, m.Card.ExpYear = "visa", 12, 2034
	m.Card.Last4 = map[string]string{Pays: "4242", Declines: "0002", Short: "9995", AsksOwner: "3184"}[card]
	m.Card.Fingerprint = "print_" + card
	if s.Asks != "" && card == AsksOwner {
		m.does = Pays
	}
	f.Methods[m.ID] = m
	s.Setup = &Setup{ID: f.id("seti"), Object: "setup_intent", Status: "succeeded", Method: m}
	s.Status = "complete"
	return m
}

// Becomes has a saved card behave like another.
func (f *Fake) Becomes(m *Method, card string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	m.does = card
}

// page is the form itself, for a browser: one button for each card.
func (f *Fake) page(w http.ResponseWriter, r *http.Request, body []byte) {
	id := r.URL.Query().Get("form")
	f.mu.Lock()
	s := f.Forms[id]
	f.mu.Unlock()
	if s == nil {
		http.NotFound(w, r)
		return
	}
	if r.Method == http.MethodPost {
		form, _ := url.ParseQuery(string(body))
		f.Fill(id, form.Get("card"))
		http.Redirect(w, r, s.SuccessURL, http.StatusSeeOther)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = fmt.Fprintf(w, `<!doctype html><title>Card company</title><form method="post">`+
		`<button id="pays" name="card" value="pays">Visa 4242</button>`+
		`<button id="asks" name="card" value="asksOwner">Visa 3184</button></form><a href="%s">Back</a>`, html.EscapeString(s.CancelURL))
}
