package kaopass

import (
	"testing"
	"time"
)

func TestATemplateGrowsOnlyAfterACodedPayment(t *testing.T) {
	now := time.Date(2027, 5, 3, 3, 0, 0, 0, time.UTC)
	signed := Consent{Purpose: ForPayment, TextVersion: GrowthSince, SignedAt: now.Add(-time.Hour)}
	good := Growth{Status: Captured, Coded: true, Consent: signed}
	for name, c := range map[string]struct {
		change func(*Growth)
		want   bool
	}{
		"captured":                 {func(*Growth) {}, true},
		"authorised":               {func(g *Growth) { g.Status = Authorised }, true},
		"yesterday it grew":        {func(g *Growth) { g.Grown = now.Add(-24 * time.Hour) }, true},
		"today it grew":            {func(g *Growth) { g.Grown = now.Add(-time.Minute) }, false},
		"a newer text":             {func(g *Growth) { g.Consent.TextVersion = "2027-01" }, true},
		"a text that said nothing": {func(g *Growth) { g.Consent.TextVersion = "2026-11" }, false},
		"a text without a version": {func(g *Growth) { g.Consent.TextVersion = "" }, false},
		"consent taken back":       {func(g *Growth) { g.Consent.WithdrawnAt = now }, false},
		"never consented":          {func(g *Growth) { g.Consent = Consent{} }, false},
		"by the face alone":        {func(g *Growth) { g.Coded = false }, false},
		"before it is confirmed":   {func(g *Growth) { g.Status = AwaitingConfirmation }, false},
		"cancelled":                {func(g *Growth) { g.Status = Cancelled }, false},
		"given back":               {func(g *Growth) { g.Status = Refunded }, false},
		"expired":                  {func(g *Growth) { g.Status = Expired }, false},
		"declined":                 {func(g *Growth) { g.Status = Declined }, false},
		"payments stopped":         {func(g *Growth) { g.Frozen = true }, false},
		"somebody looks like them": {func(g *Growth) { g.Alike = true }, false},
	} {
		g := good
		c.change(&g)
		if got := g.May(now); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
