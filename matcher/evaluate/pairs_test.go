package evaluate

import (
	"strings"
	"testing"
)

func TestReadPairs(t *testing.T) {
	pairs, err := ReadPairs(strings.NewReader("# fold name i j\n1\tAbel Pacheco\t1\t4\n\n2 Anna 2 Berta 1\r\n"))
	if err != nil || len(pairs) != 2 {
		t.Fatal(pairs, err)
	}
	if p := pairs[0]; !p.Same() || p.NameA != "Abel Pacheco" || p.PhotoA != 1 || p.PhotoB != 4 || p.Fold != "1" || p.Line != "2" {
		t.Errorf("%+v", p)
	}
	if p := pairs[1]; p.Same() || p.NameB != "Berta" || p.PhotoA != 2 || p.PhotoB != 1 || p.Line != "4" {
		t.Errorf("%+v", p)
	}
}

func TestBadLinesAreNamed(t *testing.T) {
	for text, want := range map[string]string{
		"1 A 1 2\n1 A one 2\n":    `line 2: "one" is not the number of a photo`,
		"1 A 1 2\n\n1 A 0 2":      `line 3: "0" is not`,
		"1 A 1\n1 A 1 2\nx":       "line 3: 1 fields",
		"1 A 1 A 2":               `line 1: "A" is paired with itself`,
		"1\t\t1\t2":               "line 1: a name is empty",
		"":                        "no pairs",
		strings.Repeat("x\n", 50): "line 10: 1 fields",
	} {
		_, err := ReadPairs(strings.NewReader(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "line 11") {
			t.Error("every line of a wrong file is told")
		}
	}
}

func FuzzReadPairs(f *testing.F) {
	f.Add("1\tA\t1\t2\n2 A 1 B 2\n")
	f.Fuzz(func(t *testing.T, text string) {
		pairs, err := ReadPairs(strings.NewReader(text))
		if err != nil {
			return
		}
		for _, p := range pairs {
			if p.NameA == "" || p.NameB == "" || p.PhotoA < 1 || p.PhotoB < 1 || p.Line == "" {
				t.Errorf("%q gives %+v", text, p)
			}
		}
	})
}
