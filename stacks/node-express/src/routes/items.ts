import { Router } from 'express';

import { parseClamped, parseWithin } from '../services/numbers.js';

export const items = Router();

items.get('/items/:count', (request, response) => {
  const count = parseClamped(request.params.count, 1, 50);
  const m = parseWithin(request.query['m'], 1, 9);
  response.json({ items: Array.from({ length: count }, (_, i) => newItem(i + 1, m)), count });
});

function newItem(id: number, m: number) {
  const price = 100 + ((37 * id) % 900);
  const quantity = 1 + (id % 10);
  return { id, name: `Item ${id}`, price, quantity, total: price * quantity * m };
}
