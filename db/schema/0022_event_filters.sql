-- What the console filters the log by. A refusal is rare, and so is most of what is neither admission nor payment.

-- +goose Up
CREATE INDEX event_of_refusal ON event (reason, seq) WHERE reason <> '' AND reason <> 'admitted';
CREATE INDEX event_of_kind ON event (kind COLLATE "C", seq);
