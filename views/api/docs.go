// Package api draws the device protocol as a page for people: every call, field, shape and problem on one page that can
// be searched with the browser and printed.
package api

import (
	"strings"

	"github.com/kaopass/kaopass/views"
)

// Docs is the protocol.
type Docs struct {
	Words    views.Words
	Path     string // of the page as asked
	Origin   string // scheme and host, for the examples
	Version  string
	Rules    []string // a paragraph each
	Groups   []Group
	Shapes   []Shape
	Problems []Problem
}

// Group is calls that belong together.
type Group struct {
	Name, About string
	Calls       []Call
}

// Call is one request that a device may make.
type Call struct {
	ID, Method, Path string
	Summary, About   string
	Token            bool // needs a device token
	Keyed            bool // needs an Idempotency-Key
	Bodies           []string
	Fields           []Field
	Answers          []Answer
}

// Field is one thing that is sent or answered.
type Field struct {
	Name, Where, Type, About string
	Shape                    string // where its type is described
	Values                   []string
	Required                 bool
}

// Answer is one status and what it means.
type Answer struct{ Status, About, Shape string }

// Shape is one named structure.
type Shape struct {
	Name, About string
	Values      []string
	Fields      []Field
}

// Problem is one code of a problem.
type Problem struct {
	Code      string
	Status    int
	Title     string
	Retryable bool
}

func (d Docs) t(key string) string { return d.Words.T("api." + key) }

func (d Docs) page() views.Page {
	return views.Page{Words: d.Words, Title: d.t("title"), Path: d.Path, Origin: d.Origin, Audience: views.ForVisitor,
		Styles: []string{"css/api.css"}}
}

// ok reports whether an answer is not a problem.
func (a Answer) ok() bool { return strings.HasPrefix(a.Status, "2") }

// example is the call as curl makes it.
func (d Docs) example(c Call) string {
	lines := []string{"curl"}
	if c.Method != "GET" {
		lines[0] += " -X " + c.Method
	}
	if c.Token {
		lines = append(lines, `-H "Authorization: Bearer $TOKEN"`)
	}
	if c.Keyed {
		lines = append(lines, `-H "Idempotency-Key: $(uuidgen)"`)
	}
	lines = append(lines, c.sends()...)
	return strings.Join(append(lines, d.Origin+strings.ReplaceAll(c.Path, "{id}", "$ID")), " \\\n  ")
}

// sends is the part of an example that carries the body: photos as a form, anything else as JSON.
func (c Call) sends() []string {
	if len(c.Bodies) == 0 {
		return nil
	}
	var form, object []string
	for _, f := range c.Fields {
		if f.Where == "body" && f.Required && f.Name != "image" {
			form = append(form, `-F "`+f.Name+`=…"`)
			object = append(object, `"`+f.Name+`": `+f.sample())
		}
	}
	if c.Bodies[0] == "multipart/form-data" {
		return append(form, "-F image=@face.jpg")
	}
	return []string{"--json '{" + strings.Join(object, ", ") + "}'"}
}

func (f Field) sample() string {
	if f.Type == "Money" {
		return `{"currency": "JPY", "value": 1200}`
	}
	return `"…"`
}
