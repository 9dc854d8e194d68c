import { Router } from 'express';

import type { Database } from '../services/database.js';

export function health(database: Database): Router {
  const router = Router();

  router.get('/health', (_request, response) => void response.type('text/plain').send('ok'));

  router.get('/ready', async (_request, response) => {
    await database.check();
    response.type('text/plain').send('ok');
  });

  return router;
}
