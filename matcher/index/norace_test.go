//go:build !race

package index

// raced says that the tests run slowly, looking for races.
const raced = false
