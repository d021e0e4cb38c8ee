//go:build !amd64

package pixels

func coloursFast(_, _, _, _, _, _ []float32, _, _ float32) int { return 0 }
func meansFast(_ []float32, _ []uint8, _, _ int) int           { return 0 }
func rowsFast(_ []float32, _ []uint8, _ int, _ []float32) int  { return 0 }
func (c *Columns) sumFast(_, _ []float32) int                  { return 0 }
