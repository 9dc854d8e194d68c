import { Router } from 'express';

import type { Database } from '../services/database.js';
import { draw, rowCount } from '../services/numbers.js';

const rows = 10_000;

interface World {
  id: number;
  randomNumber: number;
}

export function worlds(database: Database): Router {
  const router = Router();

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

  router.get('/db', async (_request, response) => {
    response.json(await read(draw(1, rows)));
  });

  router.get('/queries', async (request, response) => {
    const found: World[] = [];
    for (let i = rowCount(request.query['n']); i > 0; i--) found.push(await read(draw(1, rows)));
    response.json(found);
  });

  router.post('/updates', async (request, response) => {
    const written: World[] = [];
    for (const id of distinctIds(rowCount(request.query['n']))) written.push(await renumber(id));
    response.json(written);
  });

  return router;
}

function distinctIds(count: number): Set<number> {
  const ids = new Set<number>();
  while (ids.size < count) ids.add(draw(1, rows));
  return ids;
}
