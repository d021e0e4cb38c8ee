package evaluate

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Pair is one line of a pairs file: two photos, by person and number from 1. Both names are the same in a genuine pair.
type Pair struct {
	Line, Fold     string
	NameA, NameB   string
	PhotoA, PhotoB int
}

// Same reports whether the pair is of one person.
func (p Pair) Same() bool { return p.NameA == p.NameB }

// Limits of a pairs file.
const (
	pairsMax      = 5_000_000
	pairFaultsMax = 10 // of lines that are told
)

// ReadPairs reads a pairs file: "fold name i j" for two photos of one person, "fold name1 i name2 j" for photos of two;
// between tabs, or between spaces where a line has no tab. Empty lines and those that begin with # say nothing. The
// error names every bad line by its number, up to ten.
func ReadPairs(r io.Reader) ([]Pair, error) {
	var pairs []Pair
	var faults []error
	lines := bufio.NewScanner(r)
	for number := 1; lines.Scan(); number++ {
		text := strings.TrimRight(lines.Text(), "\r\n ")
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		p, err := pairOf(text)
		if err != nil {
			faults = append(faults, fmt.Errorf("line %d: %w", number, err))
			if len(faults) == pairFaultsMax {
				return nil, errors.Join(append(faults, errors.New("and perhaps more"))...)
			}
			continue
		}
		p.Line = strconv.Itoa(number)
		if pairs = append(pairs, p); len(pairs) > pairsMax {
			return nil, fmt.Errorf("line %d: more than %d pairs", number, pairsMax)
		}
	}
	if err := lines.Err(); err != nil {
		faults = append(faults, err)
	}
	if len(pairs) == 0 && len(faults) == 0 {
		faults = append(faults, errors.New("no pairs"))
	}
	return pairs, errors.Join(faults...)
}

func pairOf(text string) (p Pair, err error) {
	fields := strings.Fields(text)
	if strings.Contains(text, "\t") {
		fields = strings.Split(text, "\t")
	}
	switch len(fields) {
	case 4:
		p = Pair{Fold: fields[0], NameA: fields[1], NameB: fields[1]}
		fields = []string{"", "", fields[2], "", fields[3]}
	case 5:
		p = Pair{Fold: fields[0], NameA: fields[1], NameB: fields[3]}
		if p.NameA == p.NameB {
			return p, fmt.Errorf("%q is paired with itself as if with somebody else", p.NameA)
		}
	default:
		return p, fmt.Errorf("%d fields, want \"fold name i j\" or \"fold name1 i name2 j\"", len(fields))
	}
	if p.NameA == "" || p.NameB == "" {
		return p, errors.New("a name is empty")
	}
	if p.PhotoA, err = photoNumber(fields[2]); err != nil {
		return p, err
	}
	p.PhotoB, err = photoNumber(fields[4])
	return p, err
}

func photoNumber(field string) (int, error) {
	n, err := strconv.Atoi(strings.TrimSpace(field))
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%q is not the number of a photo", field)
	}
	return n, nil
}

// ReadNames reads a list of second names: two on a line, between tabs, or between spaces where a line has no tab.
func ReadNames(r io.Reader) (names [][2]string, err error) {
	lines := bufio.NewScanner(r)
	for number := 1; lines.Scan(); number++ {
		text := strings.TrimRight(lines.Text(), "\r\n ")
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		fields := strings.Fields(text)
		if strings.Contains(text, "\t") {
			fields = strings.Split(text, "\t")
		}
		if len(fields) != 2 || fields[0] == fields[1] {
			return nil, fmt.Errorf("line %d: want two names of one person", number)
		}
		names = append(names, [2]string{fields[0], fields[1]})
	}
	return names, lines.Err()
}
