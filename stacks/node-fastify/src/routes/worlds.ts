import { type FastifyPluginAsyncTypebox, type Static, Type } from '@fastify/type-provider-typebox';

import type { Database } from '../services/database.js';
import { draw, rowCount } from '../services/numbers.js';
import { Failure } from './failure.js';

const rows = 10_000;

const World = Type.Object({ id: Type.Integer(), randomNumber: Type.Integer() });
type World = Static<typeof World>;

const one = { response: { 200: World, '5xx': Failure } };
const many = {
  querystring: Type.Object({ n: Type.Optional(Type.String()) }),
  response: { 200: Type.Array(World), '4xx': Failure, '5xx': Failure },
};

export const worlds: FastifyPluginAsyncTypebox<{ database: Database }> = async (app, { database }) => {
  async function read(id: number): Promise<World> {
    const [row] = await database.query<World>('SELECT id, random_number AS "randomNumber" FROM world WHERE id = $1', [id]);
    if (row === undefined) throw new Error(`no world ${id}`);
    return row;
  }

  async function renumber(id: number): Promise<World> {
    const old = (await read(id)).randomNumber;
    const drawn = draw(1, rows - 1);
    const randomNumber = drawn < old ? drawn : drawn + 1; // any but the old one
    await database.query('UPDATE world SET random_number = $1 WHERE id = $2', [randomNumber, id]);
    return { id, randomNumber };
  }

  app.get('/db', { schema: one }, async () => read(draw(1, rows)));

  app.get('/queries', { schema: many }, async (request) => {
    const found: World[] = [];
    for (let i = rowCount(request.query.n); i > 0; i--) found.push(await read(draw(1, rows)));
    return found;
  });

  app.post('/updates', { schema: many }, async (request) => {
    const written: World[] = [];
    for (const id of distinctIds(rowCount(request.query.n))) written.push(await renumber(id));
    return written;
  });
};

function distinctIds(count: number): Set<number> {
  const ids = new Set<number>();
  while (ids.size < count) ids.add(draw(1, rows));
  return ids;
}
