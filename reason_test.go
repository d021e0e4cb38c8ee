package kaopass

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"testing"
)

// declared finds every constant of a type in a file of this package, so that a list cannot forget one.
func declared(t *testing.T, file, typ string) (values []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		inherited, named := spec.Type.(*ast.Ident)
		value, literal := spec.Values[0].(*ast.BasicLit)
		if literal && value.Kind == token.STRING && named && inherited.Name == typ {
			text, err := strconv.Unquote(value.Value)
			if err != nil {
				t.Fatal(err)
			}
			values = append(values, text)
		}
		return true
	})
	return values
}

func TestReasonsListsEveryReason(t *testing.T) {
	all := declared(t, "reason.go", "Reason")
	if len(all) < 40 || len(Reasons()) != len(all) {
		t.Fatalf("%d declared, %d listed", len(all), len(Reasons()))
	}
	snake := regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)
	for i, r := range Reasons() {
		if !slices.Contains(all, string(r)) || slices.Contains(Reasons()[:i], r) || !snake.MatchString(string(r)) {
			t.Errorf("%q", r)
		}
	}
}

func TestHintsListsEveryHint(t *testing.T) {
	if all := declared(t, "enrolment.go", "Hint"); len(all) != len(Hints()) {
		t.Errorf("%d declared, %d listed", len(all), len(Hints()))
	}
}

func TestEventKindsAreUnique(t *testing.T) {
	all := declared(t, "event.go", "EventKind")
	form := regexp.MustCompile(`^[a-z]+\.[a-z_]+$`)
	for i, kind := range all {
		if slices.Contains(all[:i], kind) || !form.MatchString(kind) {
			t.Errorf("%q", kind)
		}
	}
}

// The protocol's reasons are promises to partners: a changed string breaks their devices.
func TestReasonsOfTheProtocol(t *testing.T) {
	for _, r := range []Reason{"admitted", "ticket_unreadable", "ticket_forged", "ticket_unknown", "ticket_revoked",
		"ticket_early", "ticket_expired", "ticket_used", "ticket_not_for_face", "zone_wrong", "already_inside",
		"not_inside", "not_enrolled", "consent_missing", "consent_withdrawn", "face_none", "face_many", "face_unclear",
		"face_turned", "face_covered", "not_live", "face_mismatch", "staff_override", "face_unknown", "payer_frozen",
		"limit_exceeded", "funds_short", "card_declined", "method_gone"} {
		if !slices.Contains(Reasons(), r) {
			t.Errorf("%q is gone", r)
		}
	}
}

func TestRetry(t *testing.T) {
	for _, r := range Reasons() {
		if r.OfFace() && !r.Retry() {
			t.Errorf("%s: another photo may always mend a face", r)
		}
	}
	for _, r := range []Reason{ConsentWithdrawn, TicketForged, PayerFrozen, LimitExceeded, CodeWrong, FundsShort} {
		if r.Retry() {
			t.Errorf("%s: another photo does not mend it", r)
		}
	}
}
