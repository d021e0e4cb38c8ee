package kaopass

import "testing"

func TestHowMuchOfATopUpGoesBack(t *testing.T) {
	for name, c := range map[string]struct {
		asked, left, free, sum int64
		reason                 Reason
	}{
		"all there is":             {0, 3000, 5000, 3000, ""},
		"all the wallet has":       {0, 3000, 1200, 1200, ""},
		"a part":                   {500, 3000, 1200, 500, ""},
		"to the last yen":          {1200, 1200, 1200, 1200, ""},
		"more than is left":        {3001, 3000, 9000, 0, TopUpGone},
		"more than the wallet has": {1201, 3000, 1200, 0, FundsShort},
		"nothing left":             {0, 0, 5000, 0, TopUpGone},
		"an empty wallet":          {0, 3000, 0, 0, FundsShort},
		"neither":                  {0, 0, 0, 0, TopUpGone},
	} {
		if sum, reason := TopUpBack(c.asked, c.left, c.free); sum != c.sum || reason != c.reason {
			t.Errorf("%s: %d %q", name, sum, reason)
		}
	}
}
