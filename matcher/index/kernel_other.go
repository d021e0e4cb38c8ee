//go:build !amd64

package index

// fastest are the kernels for this processor.
func fastest() kernels { return inGo() }

// offered are all the kernels that this processor can run.
func offered() []kernels { return []kernels{inGo()} }
