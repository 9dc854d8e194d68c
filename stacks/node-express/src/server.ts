import cluster from 'node:cluster';
import { setTimeout as wait } from 'node:timers/promises';

import { buildApp } from './app.js';
import { environment } from './environment.js';
import { attachEcho } from './routes/ws.js';
import { Database } from './services/database.js';
import { Hub } from './services/hub.js';

const database = new Database();
const hub = new Hub();
const server = buildApp(database, hub).listen(environment.port, '0.0.0.0');
// A slow open-loop phase leaves connections idle for longer than Node's own 5 s.
server.keepAliveTimeout = 75_000;
const endEchoes = attachEcho(server);

// Of several workers /ready reaches only one.
if (cluster.isWorker) void fill();

async function fill(): Promise<void> {
  while (!(await database.check().then(() => true, () => false))) await wait(500, undefined, { ref: false });
}

function stop(): void {
  // Streams and stuck requests may not outlive the grace period of the container.
  setTimeout(() => process.exit(0), 8_000).unref();
  hub.close();
  endEchoes();
  // Closes what is idle too; an answer under way is finished first.
  server.close(() => void database.close().finally(() => process.exit(0)));
}

process.once('SIGTERM', stop);
process.once('SIGINT', stop);
