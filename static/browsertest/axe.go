package browsertest

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// axeScript is where npm puts axe-core, below node_modules.
const axeScript = "axe-core/axe.min.js"

// Axe lets axe-core look at the page as it is now, once its colours stand still; packages is the path of node_modules. What
// it finds fails the test; where it is not installed the test says so and goes on.
func (b *Tab) Axe(packages string) {
	b.Helper()
	script, err := os.ReadFile(filepath.Join(packages, filepath.FromSlash(axeScript)))
	if errors.Is(err, fs.ErrNotExist) {
		b.Logf("no %s here: nothing is looked at", axeScript)
		return
	}
	if err != nil {
		b.Fatal(err)
	}
	wait := func(p *runtime.EvaluateParams) { on := true; p.AwaitPromise = &on }
	found, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](string(script)+`
		;Promise.allSettled(document.getAnimations().filter(a => a.effect.getComputedTiming().endTime < Infinity).map(a => a.finished))
			.then(() => axe.run()).then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html).join(' ')))`, wait))
	if err != nil || len(found) > 0 {
		b.Errorf("axe at %s: %s %v", Ask[string](b, "location.pathname"), strings.Join(found, "; "), err)
	}
}
