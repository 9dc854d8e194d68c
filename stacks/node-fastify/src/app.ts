import cluster from 'node:cluster';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import view from '@fastify/view';
import websocket from '@fastify/websocket';
import ejs from 'ejs';
import Fastify, { type FastifyError } from 'fastify';

import { router } from './router.js';
import { cpu } from './routes/cpu.js';
import { fortunes } from './routes/fortunes.js';
import { health } from './routes/health.js';
import { hello } from './routes/hello.js';
import { items } from './routes/items.js';
import { predict } from './routes/predict.js';
import { sse } from './routes/sse.js';
import { upload } from './routes/upload.js';
import { users } from './routes/users.js';
import { validate } from './routes/validate.js';
import { worlds } from './routes/worlds.js';
import { ws } from './routes/ws.js';
import { Database, Unavailable } from './services/database.js';

const errorTexts: Record<number, string> = {
  404: 'Not found',
  413: 'Payload too large',
  415: 'Unsupported media type',
  503: 'Service unavailable',
};

export function buildApp() {
  const app = Fastify({
    // No stack writes an access log; what goes wrong in here is still written, by the error handler.
    logger: false,
    // A slow open-loop phase leaves connections idle for longer than Node's own 5 s.
    keepAliveTimeout: 75_000,
    ...router,
  }).withTypeProvider<TypeBoxTypeProvider>();

  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'Not found' }));
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (error instanceof Unavailable) console.error(`${error.message}: ${String(error.cause)}`);
    else if (status >= 500) console.error(error);
    return reply.code(status).send({ error: errorTexts[status] ?? (status < 500 ? 'Bad request' : 'Internal error') });
  });

  const database = new Database();
  app.addHook('onClose', () => database.close());
  // Of several workers /ready reaches only one.
  if (cluster.isWorker) void fill(database);

  app.register(view, { engine: { ejs }, root: fileURLToPath(new URL('../views', import.meta.url)) });
  app.register(websocket, { options: { maxPayload: 64 * 1024, perMessageDeflate: false } });

  app.register(health, { database });
  app.register(hello);
  app.register(items);
  app.register(validate);
  app.register(predict);
  app.register(cpu);
  app.register(upload);
  app.register(users, { database });
  app.register(worlds, { database });
  app.register(fortunes, { database });
  app.register(sse);
  app.register(ws);
  return app;
}

async function fill(database: Database): Promise<void> {
  while (!(await database.check().then(() => true, () => false))) await setTimeout(500, undefined, { ref: false });
}
