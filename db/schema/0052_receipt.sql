-- Receipts: what was printed, and what a till said of the tax in an amount.

-- +goose Up
CREATE TABLE receipt_printed (
    payment text NOT NULL CONSTRAINT a_receipt_is_of_a_payment REFERENCES payment (id),
    refund  text NOT NULL,                       -- empty: the receipt of the payment itself
    at      timestamptz NOT NULL,
    CONSTRAINT a_receipt_is_first_printed_once PRIMARY KEY (payment, refund)
);

-- One row a rate, as the till sent them; none where it sent none.
CREATE TABLE payment_tax (
    payment text NOT NULL CONSTRAINT tax_is_of_a_payment REFERENCES payment (id),
    rate    smallint NOT NULL CONSTRAINT a_rate_of_tax_is_eight_or_ten CHECK (rate IN (8, 10)),
    gross   bigint NOT NULL CONSTRAINT a_line_of_tax_is_of_something CHECK (gross > 0),
    tax     bigint NOT NULL CONSTRAINT tax_is_a_part_of_the_amount CHECK (tax >= 0 AND tax < gross),
    CONSTRAINT a_payment_has_one_line_a_rate PRIMARY KEY (payment, rate)
);
