import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';

export const health: FastifyPluginAsyncTypebox = async (app) => {
  app.get('/health', async () => 'ok');
  app.get('/ready', async () => 'ok');
};
