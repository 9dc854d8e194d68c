CREATE DATABASE orders;
\connect orders
CREATE TABLE orders (
  id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer    integer NOT NULL,
  placed_by   text    NOT NULL DEFAULT 'seed',
  sku         text    NOT NULL,
  count       integer NOT NULL,
  price_cents integer NOT NULL,
  state       text    NOT NULL DEFAULT 'open'
);
INSERT INTO orders (customer, sku, count, price_cents, state)
  SELECT 1 + i % 1000, 'sku-' || i % 97, 1 + i % 9, 100 + i % 4900, (ARRAY['open', 'paid', 'sent'])[1 + i % 3]
  FROM generate_series(1, 20000) AS i;
CREATE INDEX orders_of_customer ON orders (customer, id);
VACUUM ANALYZE orders;
