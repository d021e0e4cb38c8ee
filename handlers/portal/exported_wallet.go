package portal

import (
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
)

// The money of an export, nil where there is no wallet. Names are stable: another program reads them.
type (
	exportWallet struct {
		Balance kaopass.Money `json:"balance"`
		Held    kaopass.Money `json:"set_aside"`
		Coming  kaopass.Money `json:"on_its_way"`
		Methods []string      `json:"methods"`
		History []exportEntry `json:"history"`
	}
	exportEntry struct {
		At     time.Time         `json:"at"`
		Kind   kaopass.EventKind `json:"kind"`
		Amount kaopass.Money     `json:"amount"`
		Place  string            `json:"place,omitempty"`
		Asked  *kaopass.Money    `json:"asked,omitempty"` // where nothing moved
		Reason kaopass.Reason    `json:"reason,omitempty"`
		About  string            `json:"about,omitempty"` // the payment or transfer
	}
)

func walletOf(e db.Export) *exportWallet {
	if e.Profile.Wallet == nil {
		return nil
	}
	w := &exportWallet{Balance: e.Profile.Wallet.Balance, Held: e.Profile.Wallet.Held, Coming: e.Profile.Wallet.Coming, Methods: []string{}, History: []exportEntry{}}
	for _, m := range e.Profile.Wallet.Methods {
		w.Methods = append(w.Methods, m.Label)
	}
	for _, h := range e.History {
		entry := exportEntry{At: h.At, Kind: h.Kind, Amount: h.Amount, Place: h.Place, Reason: h.Reason, About: h.Subject}
		if h.Asked.Value != 0 {
			entry.Asked = &h.Asked
		}
		w.History = append(w.History, entry)
	}
	return w
}
