// Package consent holds the texts that a visitor signs: one file for each purpose and language, and nothing of them is
// ever edited in place, because a signature names a text by its version and its hash.
//
// Start at [Load]. What is hashed is what is shown, to the byte, with the operator's name filled in. To change a word,
// raise [Version], change every language, and move the old files to former: whoever signed the old text keeps having
// signed the old text, can read it, and has agreed to nothing that only the new one says (see [kaopass.GrowthSince]).
package consent

import (
	"embed"
	"errors"
	"fmt"
	"strings"

	"github.com/kaopass/kaopass"
)

// Version names the texts in this folder, by year and month and, from the second of a month on, its number.
const Version = "2026-11.2"

// formerVersions were signed once: folders of former.
func formerVersions() []string { return []string{"2026-11"} }

//go:embed *.md former/*/*.md
var files embed.FS

// Operator is who runs the venue: the one to whom the consent is given (APPI, article 27; GDPR, article 13.1a).
type Operator struct {
	Name    string // "Expo Association"
	Contact string // where rights are exercised: an address that a person reads
}

// Document is one text as it is shown, signed and downloaded.
type Document struct {
	Purpose  kaopass.Purpose
	Language kaopass.Language // of the text, which may not be the one asked for
	Version  string
	Hash     string // kaopass.TextHash(Text)
	Text     string // exactly what is hashed
	Title    string
	Blocks   []Block // Text without its title, taken apart for drawing
}

// Block is a heading, a paragraph or a list of a Document; exactly one of its fields is set.
type Block struct {
	Heading   string
	Paragraph string
	Items     []string
}

// Library holds every Document, and those that were signed in former times.
type Library struct {
	current map[kaopass.Purpose]map[kaopass.Language]Document
	byHash  map[string]Document
}

// Load reads the texts for an operator. It refuses a missing file, a text without its version in it, and an operator
// without a name: a consent given to nobody binds nobody.
func Load(by Operator) (Library, error) {
	if by.Name == "" || by.Contact == "" {
		return Library{}, errors.New("consent: the operator needs a name and a contact")
	}
	lib := Library{current: map[kaopass.Purpose]map[kaopass.Language]Document{}, byHash: map[string]Document{}}
	for _, purpose := range kaopass.Purposes() {
		lib.current[purpose] = map[kaopass.Language]Document{}
		for _, language := range []kaopass.Language{kaopass.Japanese, kaopass.English} {
			for _, version := range append(formerVersions(), Version) {
				doc, err := read(purpose, language, version, by)
				if err != nil {
					return Library{}, err
				}
				lib.current[purpose][language], lib.byHash[doc.Hash] = doc, doc
			}
		}
	}
	return lib, nil
}

// Text is the document for a purpose in a language; English stands in for a language that has no text yet.
func (l Library) Text(purpose kaopass.Purpose, language kaopass.Language) (Document, bool) {
	doc, ok := l.current[purpose][language]
	if !ok {
		doc, ok = l.current[purpose][kaopass.English]
	}
	return doc, ok
}

// Signed is the document that a consent was signed under, the present one or a former, where the operator still has the
// name of then.
func (l Library) Signed(c kaopass.Consent) (Document, bool) {
	doc, ok := l.byHash[c.TextHash]
	return doc, ok && doc.Purpose == c.Purpose && doc.Language == c.Language
}

// Newer reports whether a standing consent is of a text since when the house has learned to do more, so that its new text
// is worth offering: that the numbers for payment learn. What was signed stays in force as it is.
func (l Library) Newer(c kaopass.Consent) bool {
	return c.Purpose == kaopass.ForPayment && c.Stands() && !c.AgreesToGrowth()
}

func read(purpose kaopass.Purpose, language kaopass.Language, version string, by Operator) (Document, error) {
	name := fmt.Sprintf("%s.%s.md", purpose, language)
	if version != Version {
		name = fmt.Sprintf("former/%s/%s", version, name)
	}
	raw, err := files.ReadFile(name)
	if err != nil {
		return Document{}, fmt.Errorf("consent: %w", err)
	}
	text := strings.NewReplacer("{operator}", by.Name, "{contact}", by.Contact).Replace(string(raw))
	title, body, _ := strings.Cut(text, "\n")
	title, titled := strings.CutPrefix(title, "# ")
	if !titled || !strings.Contains(body, version) {
		return Document{}, fmt.Errorf("consent: %s has no title, or is not version %s", name, version)
	}
	return Document{Purpose: purpose, Language: language, Version: version, Hash: kaopass.TextHash(text), Text: text,
		Title: title, Blocks: blocks(body)}, nil
}

// blocks takes a text apart: "## " is a heading, "- " an item, any other line a paragraph.
func blocks(body string) []Block {
	var out []Block
	for line := range strings.Lines(body) {
		line = strings.TrimSpace(line)
		if heading, ok := strings.CutPrefix(line, "## "); ok {
			out = append(out, Block{Heading: heading})
		} else if item, ok := strings.CutPrefix(line, "- "); ok {
			if len(out) == 0 || out[len(out)-1].Items == nil {
				out = append(out, Block{})
			}
			out[len(out)-1].Items = append(out[len(out)-1].Items, item)
		} else if line != "" {
			out = append(out, Block{Paragraph: line})
		}
	}
	return out
}
