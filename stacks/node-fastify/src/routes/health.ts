import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';

import type { Database } from '../services/database.js';

export const health: FastifyPluginAsyncTypebox<{ database: Database }> = async (app, { database }) => {
  app.get('/health', async () => 'ok');

  app.get('/ready', async () => {
    await database.check();
    return 'ok';
  });
};
