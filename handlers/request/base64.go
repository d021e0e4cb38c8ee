package request

import (
	"encoding/base64"
	"encoding/json"

	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/matcher"
)

// readJSON is for terminals that can do nothing else: "image" is one base64 text or a list of them.
func (f *Form) readJSON(body []byte) error {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(body, &raw); err != nil {
		return malformed("The body is not a JSON object.")
	}
	for name, value := range raw {
		if name == "image" {
			continue
		}
		var text string
		if err := json.Unmarshal(value, &text); err != nil {
			return respond.Field(name, "It has to be a text.")
		}
		f.set(name, text)
	}
	if err := f.readBase64(raw["image"]); err != nil {
		return err
	}
	return f.overfull()
}

func (f *Form) readBase64(value json.RawMessage) error {
	if value == nil {
		return respond.Field("image", "Send an image.")
	}
	var texts []string
	if value[0] == '"' {
		value = append(append([]byte{'['}, value...), ']')
	}
	if err := json.Unmarshal(value, &texts); err != nil {
		return &matcher.ImageError{Kind: matcher.ImageUnreadable}
	}
	for _, text := range texts {
		b, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return &matcher.ImageError{Kind: matcher.ImageUnreadable}
		}
		f.Photos = append(f.Photos, b)
	}
	return nil
}
