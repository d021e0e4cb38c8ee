package main

import (
	"crypto/subtle"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/respond"
)

// meter counts what an operator graphs. Labels are routes and statuses: nothing of a person.
type meter struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
}

func newMeter(p *program) *meter {
	m := &meter{registry: prometheus.NewRegistry(), requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "kaopass_request_seconds", Help: "Time to answer, by route.",
		Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
	}, []string{"method", "route", "status"})}
	m.registry.MustRegister(m.requests)
	gauge := func(name, help string, read func() float64) {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, read))
	}
	gauge("kaopass_faces_waiting", "Faces waiting for a worker.", func() float64 { return float64(p.faces.Queue().Waiting) })
	gauge("kaopass_faces_running", "Faces being read.", func() float64 { return float64(p.faces.Queue().Running) })
	gauge("kaopass_faces_refused_total", "Faces told to wait a moment.", func() float64 { return float64(p.faces.Queue().Refused) })
	gauge("kaopass_gallery_people", "People who can pay with the face.", func() float64 {
		return float64(p.faces.GallerySize(kaopass.ForPayment))
	})
	gauge("kaopass_gallery_on_site", "Of those, people who are on the site.", func() float64 { return float64(p.faces.OnSite()) })
	gauge("kaopass_gallery_snapshot_age_seconds", "Age of the gallery's snapshot; 0 where none could be opened.", p.snapshotAge)
	gauge("kaopass_shadow_agreed_total", "Times that a former face model named the same person as the one in force.", func() float64 {
		return float64(p.faces.Shadow().Agreed)
	})
	gauge("kaopass_shadow_disagreed_total", "Times that it did not.", func() float64 { return float64(p.faces.Shadow().Disagreed) })
	m.registry.MustRegister(galleryLoads{p}, cardQueues{p})
	return m
}

// measure counts requests and their time by route, never by path.
func (m *meter) measure(c *fiber.Ctx) error {
	began := time.Now()
	if err := c.Next(); err != nil {
		if err := c.App().ErrorHandler(c, err); err != nil {
			return err
		}
	}
	m.requests.WithLabelValues(c.Method(), c.Route().Path, strconv.Itoa(c.Response().StatusCode())).Observe(time.Since(began).Seconds())
	return nil
}

// serve answers the metrics to this machine, or to whom the token was given.
func (m *meter) serve(token string) fiber.Handler {
	page := adaptor.HTTPHandler(promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	return func(c *fiber.Ctx) error {
		local := c.Context().RemoteIP().IsLoopback() && c.Get(c.App().Config().ProxyHeader) == "" // else a proxy's, who asks for others
		if token == "" && !local ||
			token != "" && subtle.ConstantTimeCompare([]byte(c.Get(fiber.HeaderAuthorization)), []byte("Bearer "+token)) != 1 {
			return respond.NotFound
		}
		return page(c)
	}
}

// galleryLoads tells where the gallery was read from at the start, and why.
type galleryLoads struct{ *program }

func galleryLoadsDesc() *prometheus.Desc {
	return prometheus.NewDesc("kaopass_gallery_loaded", "1 for where the gallery was read from at the start, and why not from the snapshot.",
		[]string{"from", "why"}, nil)
}

// Describe is part of prometheus.Collector.
func (galleryLoads) Describe(to chan<- *prometheus.Desc) { to <- galleryLoadsDesc() }

// Collect is part of prometheus.Collector.
func (g galleryLoads) Collect(to chan<- prometheus.Metric) {
	if l := g.loadedFrom.Load(); l != nil {
		to <- prometheus.MustNewConstMetric(galleryLoadsDesc(), prometheus.GaugeValue, 1, l.from, l.why)
	}
}
