package api

import (
	"encoding/json"
	"fmt"
	"strings"
)

// spec is as much of OpenAPI 3.1 as our document uses.
type spec struct {
	Info struct {
		Version     string
		Description string
	}
	Tags       []tag
	Paths      map[string]map[string]operation
	Components struct {
		Schemas    map[string]*schema
		Parameters map[string]parameter
		Responses  map[string]response
	}
}

type tag struct{ Name, Description string }

type operation struct {
	OperationID string `json:"operationId"`
	Tags        []string
	Summary     string
	Description string
	Parameters  []parameter
	RequestBody *requestBody `json:"requestBody"`
	Responses   map[string]response
	Security    []map[string][]string
}

type parameter struct {
	Ref         string `json:"$ref"`
	Name        string
	In          string
	Description string
	Required    bool
	Schema      *schema
}

type requestBody struct{ Content map[string]media }

type media struct{ Schema *schema }

type response struct {
	Ref         string `json:"$ref"`
	Description string
	Content     map[string]media
}

type schema struct {
	Ref         string `json:"$ref"`
	Type        any    // a name, or a list of names
	Format      string
	Description string
	Enum        []string
	Const       string
	Required    []string
	Properties  ordered
	Items       *schema
	OneOf       []*schema `json:"oneOf"`
}

// ordered keeps the properties of a shape in the order of the file, which is the order in which they are understood.
type ordered []property

type property struct {
	name   string
	schema *schema
}

// UnmarshalJSON reads an object key by key.
func (o *ordered) UnmarshalJSON(b []byte) error {
	d := json.NewDecoder(strings.NewReader(string(b)))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		var s schema
		if err := d.Decode(&s); err != nil {
			return err
		}
		*o = append(*o, property{fmt.Sprint(name), &s})
	}
	return nil
}
