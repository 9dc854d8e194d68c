import { buildApp } from './app.js';
import { environment } from './environment.js';

const app = buildApp();

async function stop(): Promise<void> {
  // Streams and stuck requests may not outlive the grace period of the container.
  setTimeout(() => process.exit(0), 8_000).unref();
  await app.close();
  process.exit(0);
}

process.once('SIGTERM', stop);
process.once('SIGINT', stop);

await app.listen({ host: '0.0.0.0', port: environment.port });
