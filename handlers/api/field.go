package api

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	apiview "github.com/kaopass/kaopass/views/api"
)

func (s *schema) fields() []apiview.Field {
	if s == nil {
		return nil
	}
	var out []apiview.Field
	for _, p := range s.Properties {
		f := apiview.Field{Name: p.name, Where: "body", Type: p.schema.name(), About: p.schema.Description,
			Values: p.schema.Enum, Required: slices.Contains(s.Required, p.name)}
		if p.schema.Items != nil {
			f.Shape = last(p.schema.Items.Ref)
		}
		f.Shape = cmp.Or(f.Shape, last(p.schema.Ref))
		out = append(out, f)
	}
	return out
}

// name is the type of a value in one or two words.
func (s *schema) name() string {
	switch {
	case s == nil:
		return ""
	case s.Ref != "":
		return last(s.Ref)
	case s.Format == "binary":
		return "JPEG, PNG"
	case s.Items != nil:
		return s.Items.name() + " …"
	case s.Format != "":
		return s.Format
	case len(s.OneOf) > 0:
		return s.OneOf[0].name()
	case s.Type == nil:
		return ""
	}
	if kinds, several := s.Type.([]any); several {
		return strings.Trim(fmt.Sprint(kinds), "[]")
	}
	return fmt.Sprint(s.Type)
}

// last is the last part of a reference.
func last(ref string) string { return ref[strings.LastIndexByte(ref, '/')+1:] }
