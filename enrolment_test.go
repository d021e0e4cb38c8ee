package kaopass

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
)

func aTemplate() Template {
	return Template{Model: "fr_feature", Frames: [][]float32{{0.6, 0.8, 0}, {0.8, 0.6, 0}, {1, 0, 0}}}
}

func TestTemplateRoundTrip(t *testing.T) {
	want := aTemplate()
	b, err := want.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var got Template
	if err := got.UnmarshalBinary(b); err != nil {
		t.Fatal(err)
	}
	for i := range want.Frames {
		for j := range want.Frames[i] {
			if got.Frames[i][j] != want.Frames[i][j] {
				t.Errorf("frame %d, number %d changed", i, j)
			}
		}
	}
	if got.Model != want.Model || len(got.Frames) != len(want.Frames) {
		t.Error("model or frames changed")
	}
}

func TestTemplateIsRefusedWhenItCannotBeReadBack(t *testing.T) {
	for name, bad := range map[string]Template{
		"no frame":           {Model: "m"},
		"nine frames":        {Model: "m", Frames: make([][]float32, TemplateFramesMax+1)},
		"frame of nothing":   {Model: "m", Frames: [][]float32{{}}},
		"two lengths":        {Model: "m", Frames: [][]float32{{1, 0}, {1}}},
		"not a number":       {Model: "m", Frames: [][]float32{{float32(math.NaN())}}},
		"infinite":           {Model: "m", Frames: [][]float32{{float32(math.Inf(1))}}},
		"not of norm 1":      {Model: "m", Frames: [][]float32{{2, 0}}},
		"name of 256 bytes":  {Model: strings.Repeat("m", 256), Frames: [][]float32{{1}}},
		"65,536 dimensions":  {Model: "m", Frames: [][]float32{make([]float32, 1<<16)}},
		"the second is long": {Model: "m", Frames: [][]float32{{1}, {1, 0}}},
	} {
		if _, err := bad.MarshalBinary(); err == nil {
			t.Errorf("%s: written", name)
		}
	}
}

func TestTruncatedTemplates(t *testing.T) {
	b, _ := aTemplate().MarshalBinary()
	for n := range b {
		if err := new(Template).UnmarshalBinary(b[:n]); !errors.Is(err, ErrTemplate) {
			t.Errorf("%d of %d bytes were read: %v", n, len(b), err)
		}
	}
	if err := new(Template).UnmarshalBinary(append(b, 0)); !errors.Is(err, ErrTemplate) {
		t.Error("a byte too many was read")
	}
}

// FuzzTemplate: bytes are a template that is written as the very same bytes, or no template.
func FuzzTemplate(f *testing.F) {
	b, _ := aTemplate().MarshalBinary()
	f.Add(b)
	f.Add([]byte{1, 0, 1, 1, 0, 0, 0, 0x80, 0x3f})
	f.Add([]byte{1, 255})
	f.Fuzz(func(t *testing.T, b []byte) {
		var read Template
		if err := read.UnmarshalBinary(b); err != nil {
			if len(read.Frames) != 0 {
				t.Error("something was kept of what is no template")
			}
			return
		}
		again, err := read.MarshalBinary()
		if err != nil || !bytes.Equal(again, b) {
			t.Errorf("%x → %x, %v", b, again, err)
		}
		read.Fused()
	})
}

func TestFused(t *testing.T) {
	if (Template{}).Fused() != nil {
		t.Error("fused of nothing")
	}
	got := aTemplate().Fused()
	var norm float64
	for _, v := range got {
		norm += float64(v) * float64(v)
	}
	if math.Abs(norm-1) > 1e-6 || got[0] <= got[1] || got[2] != 0 {
		t.Error(norm)
	}
	opposed := Template{Frames: [][]float32{{1, 0}, {-1, 0}}}.Fused()
	if opposed[0] != 0 || opposed[1] != 0 {
		t.Error("opposed frames have no direction")
	}
}

// No print, log or JSON of a template, alone or inside of something, shows a number of it.
func TestTemplateIsNeverShown(t *testing.T) {
	secret := Template{Model: "m", Frames: [][]float32{{0.125, 0.5}}}
	holders := []any{secret, &secret, TemplateChange{Template: secret}, &TemplateChange{Template: secret}, []Template{secret},
		map[string]Template{"a": secret}}
	var out strings.Builder
	timeless := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey { // its fractions of a second have every number at some time
			return slog.Attr{}
		}
		return a
	}}
	for _, h := range holders {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%f", "%g", "%e", "%b", "%o", "%c", "%U", "%t"} {
			fmt.Fprintf(&out, verb+"\n", h)
		}
		fmt.Fprintln(&out, h)
		slog.New(slog.NewTextHandler(&out, timeless)).Info("text", "t", h)
		slog.New(slog.NewJSONHandler(&out, timeless)).Info("json", "t", h)
		if b, err := json.Marshal(h); err == nil {
			t.Errorf("JSON of %T: %s", h, b)
		}
	}
	fmt.Fprintln(&out, fmt.Errorf("with %v", secret))
	for _, number := range []string{"0.125", "0.5", "125", "1.25e", "5e-01", "p-", "3e000000"} {
		if strings.Contains(out.String(), number) {
			t.Errorf("%s is shown: %s", number, out.String())
		}
	}
	if !strings.Contains(out.String(), "template(hidden)") {
		t.Error("nothing was printed")
	}
}

// Each capture that ended suspiciously makes the next one longer; six in half an hour, or twelve in a day, wait.
func TestLeaveToCapture(t *testing.T) {
	for _, c := range []struct {
		lately, today int
		want          CaptureLeave
	}{
		{0, 0, CaptureLeave{}},
		{1, 1, CaptureLeave{Missed: 1}},
		{0, 5, CaptureLeave{Missed: 5}},
		{CaptureTries - 1, CaptureTriesDay - 1, CaptureLeave{Missed: CaptureTriesDay - 1}},
		{CaptureTries, CaptureTries, CaptureLeave{TooManyTries, CaptureTries}},
		{0, CaptureTriesDay, CaptureLeave{TooManyTries, CaptureTriesDay}},
	} {
		if got := LeaveToCapture(c.lately, c.today); got != c.want {
			t.Errorf("%d lately, %d today: %+v, want %+v", c.lately, c.today, got, c.want)
		}
	}
}
