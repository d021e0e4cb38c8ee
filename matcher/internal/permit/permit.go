// Package permit is the key to raw vectors and similarities: only packages of the matcher can import it, so the
// compiler itself keeps whatever serves people from asking for a number that the policy alone may see.
package permit

// Measuring is handed over by what measures models on public or statistical data, never on a visitor.
type Measuring struct{}
