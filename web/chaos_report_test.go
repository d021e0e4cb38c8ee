package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kaopass/kaopass"
)

// counts is what happened how often.
type counts struct {
	mu sync.Mutex
	n  map[string]int
}

func newCounts() *counts { return &counts{n: map[string]int{}} }

func (c *counts) add(what string) { c.mu.Lock(); c.n[what]++; c.mu.Unlock() }

// of lists what begins so, and how much it is in all.
func (c *counts) of(prefix string) (lines string, sum int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, what := range slices.Sorted(maps.Keys(c.n)) {
		if rest, is := strings.CutPrefix(what, prefix); is {
			lines += fmt.Sprintf("\n%8d %s", c.n[what], rest)
			sum += c.n[what]
		}
	}
	return lines, sum
}

// report is what a run did and what it showed, for people.
func (c *chaos) report(company string, b chaosBooks, took time.Duration) string {
	faults, injected := c.counts.of("fault: ")
	done, _ := c.counts.of("done: ")
	_, repeated := c.counts.of("repeated")
	ended, _ := byStatus(b).of("")
	keys, topUps, stops, cases, wrong := 0, 0, 0, 0, 0
	for _, s := range b.sales {
		keys += len(s.calls)
	}
	for _, v := range b.visitors {
		topUps, stops, cases = topUps+len(v.topUps), stops+len(v.stops), cases+len(v.cases)
	}
	for _, e := range b.log {
		if e.reason == kaopass.CodeWrong {
			wrong++
		}
	}
	return fmt.Sprintf("chaos with %s: %d sales of %d tills in %v (%.0f a minute)\nfaults injected: %d%s\nbeside them:%s\n%8d calls repeated for want of an answer\n"+
		"sales ended as:%s\nshown: %d payments, each there once and as its till has it; %d keys, each of one outcome; %d top-ups of %d visitors, each charged "+
		"once or not at all; %d charges, equal to the card company's books to the yen; %d wrong codes, all counted; %d times payments were "+
		"stopped, and nothing was paid; %d cases; %d complaints of payers, each noted once; breaches that the audit names: %d; differences that "+
		"kaopass settle lists: %d; complaints of the checker: %d",
		company, len(b.sales), len(c.tills), took.Round(time.Second), float64(len(b.sales))/took.Minutes(), injected, faults, done, repeated, ended,
		len(b.server), keys, topUps, len(b.visitors), len(b.charges), wrong, stops, cases, len(b.claims), len(b.audit), len(b.settle), len(b.complaints()))
}

func byStatus(b chaosBooks) *counts {
	n := newCounts()
	for _, p := range b.server {
		n.add(strings.TrimSpace(string(p.Status) + " " + string(p.Reason)))
	}
	return n
}
