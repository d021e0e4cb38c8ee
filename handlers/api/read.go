package api

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	apiview "github.com/kaopass/kaopass/views/api"
)

// read turns the document into the page's model.
func read(document []byte) (apiview.Docs, error) {
	var s spec
	if err := json.Unmarshal(document, &s); err != nil {
		return apiview.Docs{}, fmt.Errorf("api: openapi.json: %w", err)
	}
	docs := apiview.Docs{Version: s.Info.Version, Rules: strings.Split(s.Info.Description, "\n\n")}
	for _, t := range s.Tags {
		docs.Groups = append(docs.Groups, apiview.Group{Name: t.Name, About: t.Description, Calls: s.calls(t.Name)})
	}
	for _, name := range slices.Sorted(keys(s.Components.Schemas)) {
		shape := s.Components.Schemas[name]
		docs.Shapes = append(docs.Shapes, apiview.Shape{Name: name, About: shape.Description, Values: shape.Enum, Fields: shape.fields()})
	}
	return docs, nil
}
