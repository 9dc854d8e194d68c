import { Router } from 'express';

import type { Database } from '../services/database.js';
import { parseWithin } from '../services/numbers.js';

interface User {
  id: number;
  name: string;
  email: string;
}

export function users(database: Database): Router {
  const router = Router();

  router.get('/users/:id', async (request, response) => {
    const id = parseWithin(request.params.id, 1, 2147483647);
    const [user] = await database.query<User>('SELECT id, name, email FROM users WHERE id = $1', [id]);
    if (user === undefined) response.status(404).json({ error: 'Not found' });
    else response.json(user);
  });

  return router;
}
