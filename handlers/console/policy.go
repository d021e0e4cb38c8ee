package console

import (
	"errors"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/matcher"
	"github.com/kaopass/kaopass/views"
	view "github.com/kaopass/kaopass/views/console"
)

// Judge is what the page of the policy asks of the matcher.
type Judge struct {
	Policy func() matcher.Policy             // in force
	People func(purpose kaopass.Purpose) int // in the gallery
	OnSite func() int                        // of them
	Named  bool                              // the calibration is a file that was named at the start
}

// runsMost is how many measurements the page shows: two months of nights.
const runsMost = 60

// populationMost is the largest venue that the page works out.
const populationMost = 100_000_000

// What a decision leaves on the page that follows it.
const (
	approved = "approved"
	declined = "declined"
	over     = "over" // somebody else decided, or a newer measurement came
)

// policy shows by which numbers faces are judged.
func (k *Console) policy(c *fiber.Ctx) error {
	runs, err := k.DB.Calibrations(c.UserContext(), runsMost)
	if err != nil {
		return err
	}
	p := page(c, "policy.title")
	switch said := c.Query("said"); said {
	case approved, declined:
		p.Flash = good(p.Words, "policy."+said)
	case over:
		p.Flash = views.Notice{Kind: views.Again, Text: p.Words.T("console.policy.over"), Live: true}
	}
	people := k.Judge.People(kaopass.ForPayment)
	size := venueSize{people: people, population: asked(c, "population", 1, max(people, 1)), named: k.Judge.Named}
	size.onSite = min(asked(c, "on_site", 0, k.Judge.OnSite()), size.population)
	return respond.Page(c, fiber.StatusOK, view.Policy(policyModel(p, k.Judge.Policy(), runs, size)))
}

// asked is a number of the address, or the one that is so.
func asked(c *fiber.Ctx, name string, least, now int) int {
	n, err := strconv.Atoi(c.Query(name))
	if err != nil || n < least || n > populationMost {
		return now
	}
	return n
}

// decidePolicy puts a measurement in force that waits for an administrator, or drops it.
func (k *Console) decidePolicy(c *fiber.Ctx) error {
	said := map[string]string{"approve": approved, "decline": declined}[c.FormValue("decision")]
	if said == "" {
		return respond.NotFound
	}
	_, err := k.DB.DecideCalibration(c.UserContext(), kaopass.CalibrationID(c.Params("id")), said == approved, access.Staff(c).ID)
	var state *db.StateError
	if errors.As(err, &state) {
		said, err = over, nil
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, "/console/policy?said="+said)
}
