package stat

import "math"

// Cumulative is the share of a standard normal distribution under x.
func Cumulative(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

// Probit is its inverse: the axis on which the DET curve of two normal distributions is a straight line.
func Probit(p float64) float64 { return -math.Sqrt2 * math.Erfcinv(2*p) }
