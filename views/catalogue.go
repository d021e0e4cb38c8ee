package views

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"github.com/kaopass/kaopass"
)

//go:embed words/*.json
var wordFiles embed.FS

// everywhere are the parts of the catalogue that each language has in full: what can be said to a person at a device, and
// the visitor's pages.
var everywhere = [...]string{"reason.", "hint.", "gate.say.", "till.say.", "till.customer.", "receipt.", "common.", "error.", "mail.",
	"portal.", "consent.", "capture.", "data.", "wallet.", "cases.", "limit.", "wards.", "guardian.", "alike.", "kiosk."}

// words is the loaded catalogue.
type words struct {
	bundle *i18n.Bundle
	keys   map[kaopass.Language]map[string]bool
	err    error
}

var catalogue = sync.OnceValue(func() words {
	files, err := fs.Sub(wordFiles, "words")
	if err != nil {
		return words{err: err}
	}
	return load(files)
})

// Check reports what the catalogue lacks: a language without a sentence for a Reason or a Hint, a key that one of the
// page languages has and another has not. A server refuses to start with it.
func Check() error { return catalogue().err }

func load(files fs.FS) words {
	c := words{bundle: i18n.NewBundle(language.English), keys: map[kaopass.Language]map[string]bool{}}
	for _, lang := range kaopass.Languages() {
		if err := c.add(files, lang); err != nil {
			c.err = err
			return c
		}
	}
	c.err = errors.Join(c.incomplete()...)
	return c
}

func (c *words) add(files fs.FS, lang kaopass.Language) error {
	name := string(lang) + ".json"
	file, err := c.bundle.LoadMessageFileFS(files, name)
	if err != nil {
		return fmt.Errorf("words in %s: %w", path.Base(name), err)
	}
	c.keys[lang] = map[string]bool{}
	for _, m := range file.Messages {
		c.keys[lang][m.ID] = m.Other != ""
	}
	return nil
}

// incomplete compares what each language must have with what it has.
func (c *words) incomplete() []error {
	var lacks []error
	for _, lang := range kaopass.Languages() {
		for _, key := range c.required(lang) {
			if !c.keys[lang][key] {
				lacks = append(lacks, fmt.Errorf("words in %s: no sentence for %s", lang, key))
			}
		}
	}
	return lacks
}

func (c *words) required(lang kaopass.Language) []string {
	var keys []string
	for _, r := range kaopass.Reasons() {
		keys = append(keys, "reason."+string(r))
		if isPageLanguage(lang) {
			keys = append(keys, "console.short."+string(r))
		}
	}
	for _, h := range kaopass.Hints() {
		keys = append(keys, "hint."+string(h))
	}
	for _, page := range PageLanguages() {
		for key := range c.keys[page] {
			if isPageLanguage(lang) || isEverywhere(key) {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

func isPageLanguage(lang kaopass.Language) bool {
	for _, l := range PageLanguages() {
		if l == lang {
			return true
		}
	}
	return false
}

func isEverywhere(key string) bool {
	for _, prefix := range everywhere {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return false
}
