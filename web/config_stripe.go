package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/kaopass/kaopass/handlers/card/stripe"
)

// readStripeKey takes the key out of its file. No error repeats what is in it.
func (c *Config) readStripeKey() error {
	if c.StripeKeyFile != "" && c.StripeKey == "" {
		key, err := os.ReadFile(c.StripeKeyFile)
		if err != nil {
			return fmt.Errorf("--stripe-key-file: %w", err)
		}
		if c.StripeKey = strings.TrimSpace(string(key)); c.StripeKey == "" {
			return errors.New("--stripe-key-file: the file is empty")
		}
	}
	if c.StripeKey == "" && (len(c.StripeSecrets) > 0 || c.StripeURL != "") {
		return errors.New("a webhook secret or an address of Stripe without --stripe-key: whose?")
	}
	return nil
}

// cards says in words which card company is in force.
func (c *Config) cards() string {
	if c.StripeKey == "" {
		return "sandbox: no real money moves"
	}
	return "Stripe"
}

// stripe is how to reach Stripe.
func (c *Config) stripe() stripe.Config {
	return stripe.Config{Key: c.StripeKey, URL: c.StripeURL, Forms: c.stripeForms(), Webhooks: c.StripeSecrets}
}

// stripeForms is the origin of the form that takes a card's number: Stripe's own, or that of the address for tests.
func (c *Config) stripeForms() string {
	u, err := url.Parse(c.StripeURL)
	if err != nil || c.StripeURL == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
