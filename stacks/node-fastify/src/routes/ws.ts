import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';

export const ws: FastifyPluginAsyncTypebox = async (app) => {
  app.get('/ws', { websocket: true }, (socket) => {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    socket.on('error', () => socket.terminate());
  });
};
