package till

import (
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
)

// status is a till as it may see itself.
type status struct {
	ID         kaopass.DeviceID `json:"id"`
	Name       string           `json:"name"`
	Store      kaopass.Zone     `json:"store"`
	Day        kaopass.TradeDay `json:"day"` // until four in the morning
	Today      today            `json:"today"`
	Limits     limits           `json:"limits"`
	Unprinted  []receipt        `json:"receipts_unprinted"` // of the day, newest first
	Recent     []payment        `json:"recent"`
	ServerTime time.Time        `json:"server_time"`
}

// today is the till's day so far, in the venue's time.
type today struct {
	Count    int           `json:"count"`
	Captured kaopass.Money `json:"captured"`
	Refunds  int           `json:"refunds"`
	Refunded kaopass.Money `json:"refunded"`
}

// limits are those in force.
type limits struct {
	PaymentMax      kaopass.Money `json:"payment_max"`
	PayerDayMax     kaopass.Money `json:"payer_day_max"`
	PayerHourMax    kaopass.Money `json:"payer_hour_max"`
	PayerHourCount  int           `json:"payer_hour_count"` // payments
	PayerDayCount   int           `json:"payer_day_count"`
	TillMinuteCount int           `json:"till_minute_count"` // payments opened
	TillHourCount   int           `json:"till_hour_count"`
	CodeFrom        kaopass.Money `json:"code_from"` // from here the code is always asked
	FaceTries       int           `json:"face_tries"`
	CodeTries       int           `json:"code_tries"`
	PaymentWithinS  int           `json:"payment_within_s"`
}

// status tells a till its own figures: GET /v1/till.
func (t *Till) status(c *fiber.Ctx) error {
	device := access.Device(c)
	s, err := t.DB.TillStatus(c.UserContext(), device.ID)
	if err != nil {
		return err
	}
	unprinted := make([]receipt, 0, len(s.Unprinted))
	for _, r := range s.Unprinted {
		unprinted = append(unprinted, receiptOf(r))
	}
	return respond.JSON(c, http.StatusOK, status{ID: device.ID, Name: device.Name, Store: device.Zone, Day: s.Day,
		Today: today{s.Today.Captures, yen(s.Today.Captured), s.Today.Refunds, yen(s.Today.Refunded)}, Limits: inForce(s.Limits),
		Unprinted: unprinted, Recent: answers(s.Recent, access.Language(c)), ServerTime: time.Now().UTC()})
}

func inForce(l kaopass.Limits) limits {
	return limits{PaymentMax: kaopass.Yen(l.Payment), PayerDayMax: kaopass.Yen(l.DaySum), PayerHourMax: kaopass.Yen(l.HourSum),
		PayerHourCount: l.HourCount, PayerDayCount: l.DayCount, TillMinuteCount: l.TillMinute, TillHourCount: l.TillHour,
		CodeFrom: kaopass.Yen(l.CodeFrom), FaceTries: kaopass.FaceTries, CodeTries: kaopass.CodeTries,
		PaymentWithinS: int(kaopass.PaymentWithin.Seconds())}
}
