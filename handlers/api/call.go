package api

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"

	apiview "github.com/kaopass/kaopass/views/api"
)

func keys[V any](m map[string]V) iter.Seq[string] { return maps.Keys(m) }

// calls lists the operations of a group by path, as a person would go through them: shortest first.
func (s spec) calls(tag string) []apiview.Call {
	var calls []apiview.Call
	for path, methods := range s.Paths {
		for method, op := range methods {
			if slices.Contains(op.Tags, tag) {
				calls = append(calls, s.call(strings.ToUpper(method), path, op))
			}
		}
	}
	slices.SortFunc(calls, func(a, b apiview.Call) int {
		return cmp.Or(cmp.Compare(strings.Count(a.Path, "/"), strings.Count(b.Path, "/")), cmp.Compare(a.Path, b.Path),
			cmp.Compare(b.Method, a.Method))
	})
	return calls
}

func (s spec) call(method, path string, op operation) apiview.Call {
	c := apiview.Call{ID: op.OperationID, Method: method, Path: path, Summary: op.Summary, About: op.Description,
		Token: len(op.Security) > 0}
	for _, p := range op.Parameters {
		if p.Ref != "" {
			p = s.Components.Parameters[last(p.Ref)]
		}
		c.Keyed = c.Keyed || p.Name == "Idempotency-Key" && p.Required
		c.Fields = append(c.Fields, apiview.Field{Name: p.Name, Where: p.In, Type: p.Schema.name(), About: p.Description, Required: p.Required})
	}
	c.Bodies, c.Fields = bodies(op.RequestBody, c.Fields)
	for _, status := range slices.Sorted(keys(op.Responses)) {
		c.Answers = append(c.Answers, s.answer(status, op.Responses[status]))
	}
	return c
}

// bodies lists the forms that a body may take, and adds the fields of the first that names any.
func bodies(b *requestBody, fields []apiview.Field) ([]string, []apiview.Field) {
	if b == nil {
		return nil, fields
	}
	kinds := slices.Sorted(keys(b.Content))
	slices.Reverse(kinds) // multipart/form-data before image/ before application/json
	for _, kind := range kinds {
		if found := b.Content[kind].Schema.fields(); len(found) > 0 {
			return kinds, append(fields, found...)
		}
	}
	return kinds, fields
}

func (s spec) answer(status string, r response) apiview.Answer {
	if r.Ref != "" {
		r = s.Components.Responses[last(r.Ref)]
	}
	a := apiview.Answer{Status: status, About: r.Description}
	for _, m := range r.Content {
		a.Shape = last(m.Schema.Ref)
	}
	return a
}
