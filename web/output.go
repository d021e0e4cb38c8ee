package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
)

// output is where a command speaks: answers to stdout, what a person may want to know meanwhile to stderr.
type output struct{ stdout, stderr io.Writer }

// json prints one JSON object, for scripts.
func (o output) json(v any) error {
	e := json.NewEncoder(o.stdout)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// table prints two aligned columns, for people.
func (o output) table(rows [][2]string) error {
	w := tabwriter.NewWriter(o.stdout, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		if _, err := fmt.Fprintf(w, "%s\t%s\n", row[0], row[1]); err != nil {
			return err
		}
	}
	return w.Flush()
}

// say tells a person one thing meanwhile. What cannot be said is not worth stopping for.
func (o output) say(format string, args ...any) { _, _ = fmt.Fprintf(o.stderr, format+"\n", args...) }
