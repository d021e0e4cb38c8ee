package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/camera"
	"github.com/kaopass/kaopass/handlers/camera/virtual"
)

func (d *story) signUp(ctx context.Context) (string, error) {
	if _, err := d.phone.form(ctx, "/signin", url.Values{"contact": {d.contact}}); err != nil {
		return "", err
	}
	digits, err := d.inbox(ctx)
	if err != nil {
		return "", err
	}
	if _, err := d.phone.form(ctx, "/signin/code", url.Values{"code": {digits}}); err != nil {
		return "", err
	}
	if _, err := d.phone.form(ctx, "/name", url.Values{"name": {"Demo Franck"}}); err != nil {
		return "", err
	}
	d.visitor, err = d.whoAmI(ctx)
	return d.contact, err
}

// inbox reads the newest code for this visitor; a venue with a mail gateway has no demo inbox, and no demo.
func (d *story) inbox(ctx context.Context) (string, error) {
	text, err := d.phone.get(ctx, "/inbox.json")
	if err != nil {
		return "", fmt.Errorf("the demo needs the demo inbox: %w", err)
	}
	var list struct {
		Messages []struct{ Contact, Code string }
	}
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return "", err
	}
	for _, m := range list.Messages {
		if m.Contact == d.contact && m.Code != "" {
			return m.Code, nil
		}
	}
	return "", errors.New("no code came into the demo inbox")
}

func (d *story) noConsentNoCamera(ctx context.Context) (string, error) {
	_, err := d.at(nil).EnrolByStills(ctx)
	var refused *virtual.StatusError
	if !errors.As(err, &refused) {
		return "", fmt.Errorf("the camera answered %v", err)
	}
	return strconv.Itoa(refused.Status) + " " + string(kaopass.ConsentMissing), expect(strings.Contains(refused.Body, "consent"), "%s", refused.Body)
}

func (d *story) consent(ctx context.Context) (string, error) {
	agreed := url.Values{"age": {"16"}, "admission": {"on"}, "payment": {"on"}}
	page, err := d.phone.form(ctx, "/choice", agreed)
	if err != nil {
		return "", err
	}
	for _, purpose := range kaopass.Purposes() {
		hash, err := field(page, "text_"+string(purpose))
		if err != nil {
			return "", err
		}
		agreed.Set("text_"+string(purpose), hash)
	}
	agreed.Set("typed", "Demo Franck")
	_, err = d.phone.form(ctx, "/sign", agreed)
	return "signed by typing the name", err
}

// at is the visitor in front of the capture page.
func (d *story) at(saw func(camera.Progress)) virtual.Visitor {
	return virtual.Visitor{Person: d.franck, HTTP: d.phone.Client, Base: d.phone.base + "/capture", Saw: saw}
}

func (d *story) enrol(ctx context.Context) (string, error) {
	var hints []string
	begun := time.Now()
	last, err := d.at(func(p camera.Progress) {
		if n := len(hints); n == 0 || hints[n-1] != string(p.Hint) {
			hints = append(hints, string(p.Hint))
		}
	}).Enrol(ctx)
	if err != nil {
		return "", err
	}
	return strings.Join(hints, ", "), expect(last.Done, "ended after %v: %s", time.Since(begun), last.Ended)
}

// whoAmI reads the visitor's id from what the visitor may take home (GDPR, article 15), for clearing up afterwards.
func (d *story) whoAmI(ctx context.Context) (kaopass.VisitorID, error) {
	text, err := d.phone.get(ctx, "/me/export.json")
	if err != nil {
		return "", err
	}
	var own struct {
		Visitor struct{ ID kaopass.VisitorID }
	}
	err = json.Unmarshal([]byte(text), &own)
	return own.Visitor.ID, errors.Join(err, expect(own.Visitor.ID != "", "the export names no visitor"))
}

func (d *story) linkSeason(ctx context.Context) (string, error) {
	page, err := d.phone.form(ctx, "/ticket", url.Values{"ticket": {d.season.QR}})
	return d.season.Masked(), errors.Join(err, expect(strings.Contains(page, string(d.season.Number[len(d.season.Number)-4:])), "not on the page"))
}

func (d *story) linkDay(ctx context.Context) (string, error) {
	_, err := d.phone.form(ctx, "/ticket", url.Values{"ticket": {d.day.Number}})
	return d.day.Masked(), err
}

func (d *story) topUp(ctx context.Context) (string, error) {
	card := url.Values{"number": {"4242 4242 4242 4242"}, "expiry": {"12/34"}, "cvc": {"123"}}
	page, err := d.phone.form(ctx, "/wallet/card", card)
	if err != nil {
		return "", err
	}
	add := url.Values{"amount": {strconv.Itoa(demoTopUp)}}
	for _, name := range []string{"key", "method"} {
		value, err := field(page, name)
		if err != nil {
			return "", err
		}
		add.Set(name, value)
	}
	if _, err := d.phone.form(ctx, "/wallet/topup", add); err != nil {
		return "", err
	}
	return d.balance(ctx, demoTopUp)
}

// askedOwner is a card whose bank wants to hear from its owner: it pays nothing before they answered. It is removed again.
func (d *story) askedOwner(ctx context.Context) (string, error) {
	page, err := d.phone.form(ctx, "/wallet/card", url.Values{"number": {"4000 0027 6000 3184"}, "expiry": {"12/34"}, "cvc": {"123"}})
	if err != nil {
		return "", err
	}
	row := regexp.MustCompile(`<option value="(pm_[0-9a-z]+)"[^>]*>[^<]*3184`).FindStringSubmatch(page)
	key, err := field(page, "key")
	if err != nil || row == nil {
		return "", errors.Join(err, expect(row != nil, "the card is not offered"))
	}
	card, add := url.Values{"method": {row[1]}}, url.Values{"method": {row[1]}, "amount": {"1000"}, "key": {key}}
	status, _, _, err := d.phone.send(ctx, "POST", "/wallet/topup", "application/x-www-form-urlencoded", []byte(add.Encode()), "")
	if err = errors.Join(err, expect(status == 422, "the card answered %d", status)); err != nil {
		return "", err
	}
	if page, err = d.phone.form(ctx, "/wallet/card/owner", card); err != nil || !strings.Contains(page, "/wallet/card/answer") {
		return "", errors.Join(err, expect(false, "the bank does not ask"))
	}
	if page, err = d.phone.form(ctx, "/wallet/card/answer", card); err != nil || strings.Contains(page, "/wallet/card/owner") {
		return "", errors.Join(err, expect(false, "the bank still asks"))
	}
	_, err = d.phone.form(ctx, "/wallet/remove", card)
	return string(kaopass.CardNeedsOwner) + ", then answered", err
}

// balance checks what the wallet's page shows.
func (d *story) balance(ctx context.Context, want int64) (string, error) {
	page, err := d.phone.get(ctx, "/wallet")
	if err != nil {
		return "", err
	}
	shown := regexp.MustCompile(`class="amount">([^<]*)<`).FindStringSubmatch(page)
	if shown == nil {
		return "", errors.New("the wallet's page shows no balance")
	}
	digits := regexp.MustCompile(`[^0-9]`).ReplaceAllString(shown[1], "")
	return "balance " + shown[1], expect(digits == strconv.FormatInt(want, 10), "the balance is %s, not %d", shown[1], want)
}

func (d *story) issueCode(ctx context.Context) (string, error) {
	page, err := d.phone.form(ctx, "/code", nil)
	if err != nil {
		return "", err
	}
	shown := regexp.MustCompile(`class="pin"[^>]*aria-label="([0-9 ]+)"`).FindStringSubmatch(page)
	if shown == nil {
		return "", errors.New("the page shows no code")
	}
	d.code = strings.ReplaceAll(shown[1], " ", "")
	_, err = d.phone.form(ctx, "/code/practice", url.Values{"code": {d.code}})
	return "shown once, tried once", errors.Join(err, expect(len(d.code) == kaopass.CodeDigits, "%d digits", len(d.code)))
}

// assisted does what `kaopass enrol` does.
func (d *story) assisted(ctx context.Context) (_ string, err error) {
	command := enrolCommand{Config: *d.cfg, Name: "Demo Laptop", Ticket: d.others.QR, Language: kaopass.English,
		Consent: []kaopass.Purpose{kaopass.ForAdmission}, ConsentRef: "demo form"}
	in, err := command.read()
	if err != nil {
		return "", err
	}
	photos, err := d.laptop.JPEGs()
	if err != nil {
		return "", err
	}
	faces, err := d.cfg.openFaces(1)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, faces.Close()) }()
	template, reason, err := faces.Template(ctx, photos)
	if err != nil || reason != "" {
		return "", errors.Join(err, fmt.Errorf("refused: %s", reason))
	}
	in.Template = template
	done, err := d.store.Import(ctx, in)
	d.second = done.Visitor
	return strconv.Itoa(len(photos)) + " photos, for entry only", errors.Join(err, expect(done.Reason == "", "refused: %s", done.Reason))
}

func (d *story) withdrawn(ctx context.Context) (string, error) {
	page, err := d.phone.form(ctx, "/me/withdraw/payment", nil)
	if err != nil {
		return "", err
	}
	detail, err := d.afterWithdrawal(ctx)
	return detail, errors.Join(err, receipt(page))
}

func (d *story) erased(ctx context.Context) (string, error) {
	page, err := d.phone.form(ctx, "/me/erase", nil)
	if err != nil {
		return "", err
	}
	detail, err := d.gateSays(ctx, d.season.QR, d.face, kaopass.Entry, kaopass.Refuse, kaopass.ConsentWithdrawn)
	return detail, errors.Join(err, receipt(page))
}

// receipt checks that a page confirms what was taken back.
func receipt(page string) error {
	return expect(strings.Contains(page, string(kaopass.PrefixEvent)), "the page gives no confirmation")
}

// expect is an error of the given words unless it holds.
func expect(holds bool, format string, args ...any) error {
	if holds {
		return nil
	}
	return fmt.Errorf(format, args...)
}
