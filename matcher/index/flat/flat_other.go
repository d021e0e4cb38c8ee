//go:build !amd64

package flat

func fastest() func(out, rows, query []float32) { return dotsGo }

// Stream reads all of memory once, in order, and does nothing with it: no search can be faster than that.
func Stream(memory []float32) (sum uint64) { return streamGo(memory) }
