package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/views/consent"
)

type enrolCommand struct {
	Config
	Name       string            `required:"" help:"The person's name."`
	Contact    string            `help:"E-mail address or phone number, so that the person can sign in later."`
	Images     []string          `name:"image" required:"" type:"existingfile" help:"A photo; repeat for up to five of different moments."`
	Ticket     string            `help:"The text of the ticket's QR code, or its number."`
	Consent    []kaopass.Purpose `required:"" help:"What the signed form allows: admission,payment."`
	ConsentRef string            `required:"" help:"Where the signed form is kept."`
	Language   kaopass.Language  `default:"ja" enum:"ja,en" help:"The language of the form: ja or en."`
	Code       string            `help:"The payment code; default: the person draws one after signing in."`
	Wallet     int64             `help:"Yen paid in at the desk."`
	Key        string            `help:"A name for this enrolment: repeated under the same name within a day, it is not done again."`
	JSON       bool              `name:"json" help:"Print one JSON object."`
	enrolGuardian
}

// enrolGuardian is who signed the form for somebody under 16, as a grown-up does at the kiosk.
type enrolGuardian struct {
	Young           bool   `help:"The person is under 16: a guardian has to sign, or they are refused."`
	Guardian        string `help:"The name of the grown-up who signed the form for them."`
	GuardianContact string `help:"Their e-mail address or phone number: whoever signs in with it can change what may be spent."`
	AllowDay        int64  `default:"3000" help:"Yen a day that they allow."`
	AllowWeek       int64  `default:"10000" help:"Yen a week that they allow."`
	AllowCard       bool   `help:"They allow cards as well."`
}

// read is nil where nobody signs for the person.
func (g enrolGuardian) read() (*kaopass.Guardian, error) {
	out := kaopass.Guardian{Name: g.Guardian, Allowance: kaopass.Allowance{Day: g.AllowDay, Week: g.AllowWeek, Card: g.AllowCard}}
	if g.GuardianContact != "" {
		normal, ok := kaopass.Contact(g.GuardianContact)
		if !ok || g.Guardian == "" {
			return nil, errors.New("--guardian-contact is an e-mail address or a phone number, and goes with --guardian")
		}
		out.Contact = normal
	}
	switch {
	case g.Guardian == "" && g.AllowCard:
		return nil, errors.New("--allow-card goes with --guardian")
	case g.Guardian == "":
		return nil, nil
	case len(g.Guardian) > kaopass.NameMax || out.Allowance.Fault() != "":
		return nil, fmt.Errorf("--guardian is at most %d bytes, --allow-day and --allow-week 0 to %d", kaopass.NameMax, kaopass.AllowanceMax)
	}
	return &out, nil
}

// Help is shown by `kaopass enrol --help`.
func (enrolCommand) Help() string {
	return "Assisted enrolment and accreditation: photos and a reference to the signed paper consent, by the portal's rules.\n" +
		"Exits with status 1 where the person was refused. The notes say what the running server found among those who pay:\n" +
		"alike, twice, code_called_in; not_compared where no server has looked yet.\n\n" +
		"Example: kaopass enrol --name 'Yamada Hanako' --image front.jpg --image smile.jpg --consent admission,payment --consent-ref 'form 12' --ticket 1234-5678-9012\n" +
		"Somebody under 16: … --young --guardian 'Yamada Taro' --guardian-contact taro@example.jp --allow-day 2000 --allow-week 6000"
}

type enrolled struct {
	VisitorID   kaopass.VisitorID   `json:"visitor_id"`
	EnrolmentID kaopass.EnrolmentID `json:"enrolment_id"`
	Reason      kaopass.Reason      `json:"reason"`
	Notices     []notice            `json:"notices"` // what the running server found, for staff
}

// Run reads the photos, and imports the person.
func (c *enrolCommand) Run(ctx context.Context, out output) (err error) {
	in, err := c.read()
	if err != nil {
		return err
	}
	template, reason, err := c.face(ctx)
	if err != nil {
		return err
	}
	result := enrolled{Reason: reason, Notices: []notice{}}
	if reason == "" {
		in.Template = template
		if result, err = c.keep(ctx, in, out); err != nil {
			return err
		}
	}
	if err := c.print(out, result); err != nil {
		return err
	}
	if result.Reason != "" {
		return errSaid
	}
	return nil
}

// read checks what was typed and makes the import's papers.
func (c *enrolCommand) read() (db.Import, error) {
	in := db.Import{Name: c.Name, Language: c.Language, TicketQR: c.Ticket, Code: c.Code, ConsentRef: c.ConsentRef}
	if c.Contact != "" {
		normal, ok := kaopass.Contact(c.Contact)
		if !ok {
			return in, errors.New("--contact is an e-mail address or a phone number")
		}
		in.Contact = normal
	}
	if len(c.Name) > kaopass.NameMax || len(c.Key) > kaopass.KeyMax || c.Wallet < 0 || c.Wallet > kaopass.WalletMax {
		return in, fmt.Errorf("--name is at most %d bytes, --key %d, --wallet 0 to %d", kaopass.NameMax, kaopass.KeyMax, kaopass.WalletMax)
	}
	in.Wallet = kaopass.Yen(c.Wallet)
	in.Young = c.Young
	guardian, err := c.enrolGuardian.read()
	if err != nil {
		return in, err
	}
	in.Guardian = guardian
	asked := fmt.Sprint(c.Name, c.Contact, c.Ticket, c.Consent, c.ConsentRef, c.Wallet)
	if c.Young || guardian != nil {
		asked += fmt.Sprint(c.enrolGuardian)
	}
	in.Key = kaopass.Key{Owner: operator, Name: c.Key, Body: sha256.Sum256([]byte(asked))}
	texts, err := consent.Load(operatorOf(&c.Config))
	if err != nil {
		return in, err
	}
	for _, purpose := range c.Consent {
		if !slices.Contains(kaopass.Purposes(), purpose) {
			return in, errors.New("--consent is admission, payment, or both with a comma between")
		}
		text, _ := texts.Text(purpose, c.Language)
		in.Consents = append(in.Consents, kaopass.Consent{Purpose: purpose, TextVersion: text.Version, TextHash: text.Hash,
			Language: text.Language, Method: kaopass.SignedPaper, Mark: c.ConsentRef})
	}
	return in, nil
}

// face makes the template; the models are loaded for this alone.
func (c *enrolCommand) face(ctx context.Context) (_ kaopass.Template, _ kaopass.Reason, err error) {
	photos := make([][]byte, len(c.Images))
	for i, path := range c.Images {
		if photos[i], err = os.ReadFile(path); err != nil {
			return kaopass.Template{}, "", err
		}
	}
	faces, err := c.openFaces(1)
	if err != nil {
		return kaopass.Template{}, "", err
	}
	defer func() { err = errors.Join(err, faces.Close()) }()
	return faces.Template(ctx, photos)
}

func (c *enrolCommand) keep(ctx context.Context, in db.Import, out output) (_ enrolled, err error) {
	s, err := openStore(ctx, &c.Config, out.stderr)
	if err != nil {
		return enrolled{}, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	done, err := s.Import(ctx, in)
	result := enrolled{VisitorID: done.Visitor, EnrolmentID: done.Enrolment, Reason: done.Reason, Notices: []notice{}}
	if err != nil || done.Reason != "" || !slices.Contains(c.Consent, kaopass.ForPayment) {
		return result, err
	}
	result.Notices, err = notices(ctx, s.DB, done.Enrolment, in.Code != "")
	return result, err
}

func (c *enrolCommand) print(out output, result enrolled) error {
	if c.JSON {
		return out.json(result)
	}
	if result.Reason != "" {
		return out.table([][2]string{{"not enrolled", string(result.Reason)}})
	}
	rows := [][2]string{{"visitor", string(result.VisitorID)}, {"enrolment", string(result.EnrolmentID)}}
	for _, n := range result.Notices {
		rows = append(rows, [2]string{"note", n.sentence()})
	}
	return out.table(rows)
}

// operatorOf is to whom a consent is given.
func operatorOf(cfg *Config) consent.Operator {
	return consent.Operator{Name: cfg.Venue, Contact: cfg.Contact}
}
