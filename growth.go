package kaopass

import "time"

// EnrolledFramesMax is how many frames an enrolment keeps. What a template holds beyond them it learned later, from
// payments; those never outnumber nor replace the enrolled ones.
const EnrolledFramesMax = 5

// GrowthSince is the first version of the texts that say when a template changes after enrolment: for payment that it
// learns, for both that a newer model makes it anew. Whoever signed an older one has not agreed to it.
const GrowthSince = "2026-11.2"

// AgreesToGrowth reports whether the consent stands, and stands under a text that says that a template learns. Versions
// are a year and a month and, from the second text of a month on, its number, so they sort as they were written.
func (c Consent) AgreesToGrowth() bool { return c.Stands() && c.TextVersion >= GrowthSince }

// Growth is what the rule of growth looks at, read under the payer's lock: may a frame of the face that was shown for
// this payment join the payer's template? Whether the frame itself is fit for it is for the matcher to say.
type Growth struct {
	Status  PaymentStatus // of the payment
	Coded   bool          // its payer was named by the code, the first one that was entered
	Consent Consent       // the newest for payment
	Frozen  bool          // payments are stopped
	Alike   bool          // somebody looks so much like the payer that the code is always asked
	Grown   time.Time     // when the template last grew; zero for never
}

// May reports whether the template may grow at a moment: after a payment that the face, the code and the payer's own
// confirmation made, once a day of the venue. Never by the face alone, which would teach a template what it mistakes for
// its person; never where somebody looks alike; never for whom has not been told.
func (g Growth) May(now time.Time) bool {
	paid := g.Status == Captured || g.Status == Authorised
	today, _ := VenueDay(now)
	return paid && g.Coded && g.Consent.AgreesToGrowth() && !g.Frozen && !g.Alike && g.Grown.Before(today)
}
