// Runs a command with DYNO_URL set to a dynod of its own: node with_daemon.js <command> [argument]...
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startDaemon } from '../browser/lib/daemon.js';

const daemon = await startDaemon({ profilesDir: fileURLToPath(new URL('../data/profiles', import.meta.url)) });
const [command, ...rest] = process.argv.slice(2);
const child = spawn(command, rest, { stdio: 'inherit', env: { ...process.env, DYNO_URL: daemon.url } });
process.exitCode = await new Promise((done) => child.once('exit', (code) => done(code ?? 1)));
await daemon.stop();
