import { fileURLToPath } from 'node:url';

import ejs from 'ejs';
import express, { type ErrorRequestHandler, type Express } from 'express';

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
import { type Database, Unavailable } from './services/database.js';
import type { Hub } from './services/hub.js';

const errorTexts: Record<number, string> = {
  404: 'Not found',
  413: 'Payload too large',
  503: 'Service unavailable',
};

const answerError: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (response.headersSent) return next(error);
  const status = (error as { status?: number }).status ?? 500;
  if (error instanceof Unavailable) console.error(`${error.message}: ${String(error.cause)}`);
  else if (status >= 500) console.error(error);
  response.status(status).json({ error: errorTexts[status] ?? (status < 500 ? 'Bad request' : 'Internal error') });
};

export function buildApp(database: Database, hub: Hub): Express {
  const app = express();
  app.disable('x-powered-by');
  app.engine('ejs', ejs.renderFile);
  app.set('view engine', 'ejs');
  app.set('views', fileURLToPath(new URL('../views', import.meta.url)));

  app.use(health(database));
  app.use(hello);
  app.use(items);
  app.use(validate);
  app.use(predict);
  app.use(cpu);
  app.use(upload);
  app.use(users(database));
  app.use(worlds(database));
  app.use(fortunes(database));
  app.use(sse(hub));

  app.use((_request, response) => void response.status(404).json({ error: 'Not found' }));
  app.use(answerError);
  return app;
}
