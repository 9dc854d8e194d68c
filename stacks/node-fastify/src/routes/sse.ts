import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox';

import { Hub } from '../services/hub.js';

const querystring = Type.Object({ topic: Type.String({ minLength: 1, maxLength: 64 }) });
const body = Type.String({ minLength: 1, pattern: '^[^\\r\\n]*$' });

export const sse: FastifyPluginAsyncTypebox = async (app) => {
  const hub = new Hub();
  app.addHook('preClose', async () => hub.close());
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, text, done) => done(null, text));

  app.get('/sse', { schema: { querystring } }, (request, reply) => {
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    hub.subscribe(request.query.topic, reply.raw);
  });

  app.post('/sse', { schema: { querystring, body }, bodyLimit: 1_024 }, async (request, reply) => {
    hub.publish(request.query.topic, request.body);
    return reply.code(202).send();
  });
};
