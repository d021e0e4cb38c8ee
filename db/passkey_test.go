package db

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

func TestPasskeys(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	v, _ := d.newVisitor(t, "a@example.jp")
	other, _ := d.newVisitor(t, "b@example.jp")
	p := Passkey{ID: []byte{0, 1, 0xff}, Visitor: v.ID, Name: `"><script>`, Data: []byte(`{"counter": 1}`)}
	if err := d.AddPasskey(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	var known *StateError
	if err := d.AddPasskey(t.Context(), Passkey{ID: p.ID, Visitor: other.ID, Data: p.Data}); !errors.As(err, &known) {
		t.Errorf("known already: %v", err)
	}
	if err := d.AddPasskey(t.Context(), Passkey{ID: []byte("x"), Visitor: "vis_none"}); !errors.Is(err, ErrNotFound) {
		t.Errorf("nobody's: %v", err)
	}
	got, owner, err := d.PasskeyByID(t.Context(), p.ID)
	if err != nil || owner.ID != v.ID || got.Name != p.Name || string(got.Data) != string(p.Data) {
		t.Errorf("%+v %+v %v", got, owner, err)
	}
	p.Data = []byte(`{"counter": 2}`)
	in, err := d.SignInByPasskey(t.Context(), p)
	if err != nil || in.Visitor.ID != v.ID || in.Token == "" {
		t.Fatal(err)
	}
	if who, err := d.Session(t.Context(), in.Token); err != nil || who.ID != v.ID {
		t.Error(who, err)
	}
	if list, err := d.Passkeys(t.Context(), v.ID); err != nil || len(list) != 1 || string(list[0].Data) != string(p.Data) {
		t.Errorf("%+v %v", list, err)
	}
	if err := d.RemovePasskey(t.Context(), other.ID, p.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("another's: %v", err)
	}
	if err := d.RemovePasskey(t.Context(), v.ID, p.ID); err != nil {
		t.Error(err)
	}
	if _, err := d.SignInByPasskey(t.Context(), p); !errors.Is(err, ErrNotFound) {
		t.Errorf("removed: %v", err)
	}
}

func TestPasskeysAreLimited(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	v, _ := d.newVisitor(t, "a@example.jp")
	var full *StateError
	for i := range PasskeysMax + 1 {
		err := d.AddPasskey(t.Context(), Passkey{ID: fmt.Append(nil, i), Visitor: v.ID, Data: []byte("{}")})
		if i < PasskeysMax && err != nil || i == PasskeysMax && !errors.As(err, &full) {
			t.Errorf("%d: %v", i, err)
		}
	}
}

func TestCeremoniesAreTakenOnce(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	name, err := d.SaveCeremony(t.Context(), []byte("state"))
	if err != nil {
		t.Fatal(err)
	}
	if data, err := d.TakeCeremony(t.Context(), name); err != nil || string(data) != "state" {
		t.Errorf("%q %v", data, err)
	}
	if _, err := d.TakeCeremony(t.Context(), name); !errors.Is(err, ErrNotFound) {
		t.Errorf("a second time: %v", err)
	}
	name, err = d.SaveCeremony(t.Context(), []byte("state"))
	if err != nil {
		t.Fatal(err)
	}
	late := d.now().Add(CeremonyWithin)
	d.now = func() time.Time { return late }
	if _, err := d.TakeCeremony(t.Context(), name); !errors.Is(err, ErrNotFound) {
		t.Errorf("too late: %v", err)
	}
}

func TestAssistSpeaksTheLanguageAsked(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	in, err := d.Assist(t.Context(), kaopass.Staff{ID: "stf_1"}, "", kaopass.Korean)
	if err != nil || in.Visitor.Language != kaopass.Korean {
		t.Error(in.Visitor, err)
	}
}
