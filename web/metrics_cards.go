package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// queueWithin is how long a reading of the queues may keep a scrape waiting.
const queueWithin = 2 * time.Second

// cardQueues tells what waits for the card company, read from the book when somebody looks.
type cardQueues struct{ *program }

func cardQueuesDesc() *prometheus.Desc {
	return prometheus.NewDesc("kaopass_cards_waiting", "What waits for the card company: charges without an answer, captures, "+
		"releases and refunds to be told, cards and customers to be forgotten.", []string{"what"}, nil)
}

// Describe names the measure.
func (q cardQueues) Describe(to chan<- *prometheus.Desc) { to <- cardQueuesDesc() }

// Collect reads the queues.
func (q cardQueues) Collect(to chan<- prometheus.Metric) {
	ctx, done := context.WithTimeout(context.Background(), queueWithin)
	defer done()
	w, err := q.store.CardsWaiting(ctx)
	if err != nil {
		slog.Warn("reading the card company's queues", "err", err)
		return
	}
	for what, n := range map[string]int64{"unknown": w.Unknown, "tasks": w.Tasks, "farewells": w.Farewells} {
		to <- prometheus.MustNewConstMetric(cardQueuesDesc(), prometheus.GaugeValue, float64(n), what)
	}
}
