// A small shop: orders in PostgreSQL, sessions and a cache in Redis. PORT, DATABASE_URL and REDIS_URL say where.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { createClient } from 'redis';
import { Store } from './store.js';
import { slower } from './slower.js';

const redis = await createClient({ url: process.env.REDIS_URL }).connect();
const store = new Store(process.env.DATABASE_URL);
let requests = 0;
const list = slower((url) => store.page(Math.max(1, Number(url.searchParams.get('page') ?? 1))), () => requests);

const routes = [
  ['GET', /^\/healthz$/, async () => ({ ok: (await redis.ping()) === 'PONG' && (await store.ping()) })],
  ['POST', /^\/login$/, login],
  ['GET', /^\/orders$/, ({ url }) => list(url)],
  ['POST', /^\/orders$/, create],
  ['GET', /^\/orders\/(\d+)$/, read],
  ['GET', /^\/customers\/(\d+)\/orders$/, ({ id }) => store.ofCustomer(id)],
];

class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function login({ request }) {
  const { user } = await bodyOf(request);
  if (typeof user !== 'string') throw new Refused(400, 'user is missing');
  const token = randomUUID();
  await redis.set(`session:${token}`, user, { expiration: { type: 'EX', value: 600 } });
  return { token };
}

async function create({ request }) {
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  const user = token && (await redis.get(`session:${token}`));
  if (!user) throw new Refused(401, 'log in first');
  const { sku, count } = await bodyOf(request);
  if (typeof sku !== 'string' || !Number.isInteger(count)) throw new Refused(400, 'sku and count are needed');
  return { status: 201, value: await store.create(user, sku, count) };
}

async function read({ id }) {
  const kept = await redis.get(`order:${id}`);
  if (kept) return JSON.parse(kept);
  const order = await store.order(id);
  if (!order) throw new Refused(404, 'no such order');
  await redis.set(`order:${id}`, JSON.stringify(order), { expiration: { type: 'EX', value: 60 } });
  return order;
}

async function bodyOf(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  try {
    return JSON.parse(text) ?? {};
  } catch {
    throw new Refused(400, 'the body is not JSON');
  }
}

async function answer(request) {
  const url = new URL(request.url, 'http://orders');
  for (const [method, path, handle] of routes) {
    const found = request.method === method && path.exec(url.pathname);
    if (!found) continue;
    const made = await handle({ request, url, id: Number(found[1]) });
    return made.status ? made : { status: 200, value: made };
  }
  throw new Refused(404, 'no such path');
}

const server = createServer(async (request, response) => {
  requests++;
  const { status, value } = await answer(request).catch((error) => {
    if (!error.status) console.error(error);
    return { status: error.status ?? 500, value: { error: error.status ? error.message : 'failed' } };
  });
  const body = JSON.stringify(value);
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
});
server.listen(Number(process.env.PORT ?? 3000), '0.0.0.0');

process.on('SIGTERM', () => server.close(() => process.exit(0)).closeIdleConnections());
