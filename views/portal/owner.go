package portal

import "github.com/kaopass/kaopass"

// OwnerModel is the page on which the sandbox's bank hears from a card's owner.
type OwnerModel struct{ Card kaopass.Method }

// asked are the cards whose bank wants to hear from their owner.
func (m WalletModel) asked() (cards []kaopass.Method) {
	for _, card := range m.cards() {
		if card.Asked {
			cards = append(cards, card)
		}
	}
	return cards
}
