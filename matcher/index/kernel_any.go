package index

// fastest are the kernels for this processor.
func fastest() kernels { return inGo() }
