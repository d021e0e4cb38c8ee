package db

import "reflect"

// usedStatements collects the names that the fields of q ask for.
func usedStatements(q *queries) map[string]bool {
	used := map[string]bool{}
	for _, part := range append(q.parts(), new(tpcbQueries)) { // those of a benchmark's own tables too
		of := reflect.TypeOf(part).Elem()
		for i := range of.NumField() {
			used[of.Field(i).Tag.Get("query")] = true
		}
	}
	return used
}
