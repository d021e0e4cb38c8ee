// Package consent holds the texts that a visitor signs: one file for each purpose and language, and nothing of them is
// ever edited in place, because a signature names a text by its version and its hash.
//
// Start at [Load]. What is hashed is what is shown, to the byte, with the operator's name filled in. To change a word,
// raise [Version] and change every language; whoever signed the old text keeps having signed the old text.
package consent

import (
	"embed"
	"errors"
	"fmt"
	"strings"

	"github.com/kaopass/kaopass"
)

// Version names the texts in this folder, by year and month.
const Version = "2026-11"

//go:embed *.md
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

// Library holds every Document.
type Library map[kaopass.Purpose]map[kaopass.Language]Document

// Load reads the texts for an operator. It refuses a missing file, a text without the current Version in it, and an
// operator without a name: a consent given to nobody binds nobody.
func Load(by Operator) (Library, error) {
	if by.Name == "" || by.Contact == "" {
		return nil, errors.New("consent: the operator needs a name and a contact")
	}
	lib := Library{}
	for _, purpose := range kaopass.Purposes() {
		lib[purpose] = map[kaopass.Language]Document{}
		for _, language := range []kaopass.Language{kaopass.Japanese, kaopass.English} {
			doc, err := read(purpose, language, by)
			if err != nil {
				return nil, err
			}
			lib[purpose][language] = doc
		}
	}
	return lib, nil
}

// Text is the document for a purpose in a language; English stands in for a language that has no text yet.
func (l Library) Text(purpose kaopass.Purpose, language kaopass.Language) (Document, bool) {
	doc, ok := l[purpose][language]
	if !ok {
		doc, ok = l[purpose][kaopass.English]
	}
	return doc, ok
}

// Signed is the document that a consent was signed under, where it is still in this library.
func (l Library) Signed(c kaopass.Consent) (Document, bool) {
	doc, ok := l[c.Purpose][c.Language]
	return doc, ok && doc.Hash == c.TextHash
}

func read(purpose kaopass.Purpose, language kaopass.Language, by Operator) (Document, error) {
	name := fmt.Sprintf("%s.%s.md", purpose, language)
	raw, err := files.ReadFile(name)
	if err != nil {
		return Document{}, fmt.Errorf("consent: %w", err)
	}
	text := strings.NewReplacer("{operator}", by.Name, "{contact}", by.Contact).Replace(string(raw))
	title, body, _ := strings.Cut(text, "\n")
	title, titled := strings.CutPrefix(title, "# ")
	if !titled || !strings.Contains(body, Version) {
		return Document{}, fmt.Errorf("consent: %s has no title, or is not version %s", name, Version)
	}
	return Document{Purpose: purpose, Language: language, Version: Version, Hash: kaopass.TextHash(text), Text: text,
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
