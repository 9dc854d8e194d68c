import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyError } from 'fastify';

import { health } from './routes/health.js';
import { hello } from './routes/hello.js';

export function buildApp() {
  const app = Fastify({
    // No stack writes an access log; what goes wrong in here is still written, by the error handler.
    logger: false,
    // A slow open-loop phase leaves connections idle for longer than Node's own 5 s.
    keepAliveTimeout: 75_000,
  }).withTypeProvider<TypeBoxTypeProvider>();

  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'Not found' }));
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) console.error(error);
    return reply.code(status).send({ error: status >= 500 ? 'Internal error' : 'Bad request' });
  });

  app.register(health);
  app.register(hello);
  return app;
}
