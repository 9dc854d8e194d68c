// Runs a command with DYNO_URL set to a dynod of its own: node with_daemon.js [--stored] <command> [argument]...
// --stored: on the results of the fixture database and without an engine, so that nothing that is asked of it starts a container.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startDaemon } from '../browser/lib/daemon.js';

const data = (name) => fileURLToPath(new URL(`../data/${name}`, import.meta.url));
const command = process.argv.slice(2);
const stored = command[0] === '--stored' ? { database: data('db/schema_6.db'), engine: '/nonexistent/engine.sock' } : {};
if (command[0] === '--stored') command.shift();

const daemon = await startDaemon({ profilesDir: data('profiles'), ...stored });
const child = spawn(command[0], command.slice(1), { stdio: 'inherit', env: { ...process.env, DYNO_URL: daemon.url } });
process.exitCode = await new Promise((done) => child.once('exit', (code) => done(code ?? 1)));
await daemon.stop();
