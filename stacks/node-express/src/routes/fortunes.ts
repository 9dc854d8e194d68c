import { Router } from 'express';

import type { Database } from '../services/database.js';
import { BadRequest } from '../services/failures.js';

interface Fortune {
  id: number;
  message: string;
}

const queries = new Map<unknown, string>([
  [undefined, 'SELECT id, message FROM fortune'],
  ['200', 'SELECT id, message FROM fortune200'],
]);

export function fortunes(database: Database): Router {
  const router = Router();

  router.get('/fortunes', async (request, response) => {
    const query = queries.get(request.query['set']);
    if (query === undefined) throw new BadRequest();
    const rows = await database.query<Fortune>(query);
    rows.push({ id: 0, message: 'Additional fortune added at request time.' });
    // Not localeCompare: the order is that of the code points, whatever the language.
    rows.sort((a, b) => (a.message < b.message ? -1 : a.message > b.message ? 1 : 0));
    response.render('fortunes', { rows });
  });

  return router;
}
