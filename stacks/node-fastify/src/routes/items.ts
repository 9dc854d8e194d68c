import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox';

import { clamp } from '../services/numbers.js';
import { Failure } from './failure.js';

const Item = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  price: Type.Integer(),
  quantity: Type.Integer(),
  total: Type.Integer(),
});
const ItemList = Type.Object({ items: Type.Array(Item), count: Type.Integer() });

const schema = {
  // Patterns, not integers: Ajv makes Infinity of enough digits, and its bounds let that pass.
  params: Type.Object({ count: Type.String({ pattern: '^-?[0-9]+$' }) }),
  querystring: Type.Object({ m: Type.String({ pattern: '^[1-9]$' }) }),
  response: { 200: ItemList, '4xx': Failure },
};

export const items: FastifyPluginAsyncTypebox = async (app) => {
  app.get('/items/:count', { schema }, async (request) => {
    const count = clamp(Number(request.params.count), 1, 50);
    const m = Number(request.query.m);
    const list = Array.from({ length: count }, (_, i) => newItem(i + 1, m));
    return { items: list, count };
  });
};

function newItem(id: number, m: number) {
  const price = 100 + ((37 * id) % 900);
  const quantity = 1 + (id % 10);
  return { id, name: `Item ${id}`, price, quantity, total: price * quantity * m };
}
