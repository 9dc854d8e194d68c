// The routes that every stack begins with. The rest, and what is asked of each, is in stacks/CONTRACT.md.
import { createServer } from 'node:http';

const routes = {
  '/health': (_query, answer) => text(answer, 'ok'),
  '/plaintext': (_query, answer) => text(answer, 'Hello, World!'),
  '/json': (query, answer) => {
    const name = query.get('name') ?? 'World';
    if (!/^[A-Za-z0-9]{1,32}$/.test(name)) return json(answer, 400, { error: 'Bad request' });
    json(answer, 200, { message: `Hello, ${name}!` });
  },
};

function send(answer, status, type, body) {
  answer.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  answer.end(body);
}

const text = (answer, body) => send(answer, 200, 'text/plain; charset=utf-8', body);
const json = (answer, status, value) => send(answer, status, 'application/json', JSON.stringify(value));

const server = createServer((request, answer) => {
  const url = new URL(request.url, 'http://stack');
  const route = Object.hasOwn(routes, url.pathname) ? routes[url.pathname] : undefined;
  if (!route) return json(answer, 404, { error: 'Not found' });
  if (request.method !== 'GET' && request.method !== 'HEAD') return json(answer, 405, { error: 'Method not allowed' });
  route(url.searchParams, answer);
});

// Node closes an idle connection after 5 s by default; the contract wants 75 s.
server.keepAliveTimeout = 120_000;
server.listen(Number(process.env.PORT ?? 8080), '0.0.0.0');

// Process 1 of a container hears no signal that it has no handler for.
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
  setTimeout(() => process.exit(0), 8_000).unref();
});
