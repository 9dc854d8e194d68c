// A dynod to test against: the one at DYNO_URL, or one started here with a configuration of its own on a free port
// and ended by its process id. DYNO_BIN names the folder with dynod, dyno-load and dyno-exec.
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, createWriteStream, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const kRoot = fileURLToPath(new URL('../../../', import.meta.url));
export const kBin = process.env.DYNO_BIN ?? join(kRoot, 'build/release/bin');
const kSocket = '/var/run/docker.sock';
const kReadyMs = 30_000;
const kStopMs = 30_000;

// Why there can be no daemon here; null when there can.
export function noDaemon() {
  if (process.env.DYNO_URL) return null;
  if (!existsSync(join(kBin, 'dynod'))) return `no dynod in ${kBin} (make build, or DYNO_BIN, or DYNO_URL)`;
  const asked = spawnSync('docker', ['version', '--format', '{{.Server.Version}}'], { encoding: 'utf8' });
  if (!existsSync(kSocket) || asked.status !== 0) return 'no container engine answers';
  return null;
}

export async function startDaemon({ profilesDir = join(kRoot, 'stacks/profiles'), database, engine = kSocket } = {}) {
  if (process.env.DYNO_URL) return { url: process.env.DYNO_URL.replace(/\/$/, ''), stop: async () => {} };
  const folder = mkdtempSync(join(tmpdir(), 'dyno-browser-'));
  const port = await freePort();
  const config = join(folder, 'config.yaml');
  writeFileSync(
    config,
    [
      `listen: 127.0.0.1:${port}`,
      `data_dir: ${join(folder, 'data')}`,
      `stacks_dirs: [${join(kRoot, 'stacks')}]`,
      `profiles_dir: ${profilesDir}`,
      `services_dir: ${join(kRoot, 'compose')}`,
      `web_dir: ${process.env.DYNO_WEB_DIST ?? join(kRoot, 'web/dist')}`,
      `engine: unix://${engine}`,
      `runner_dir: ${kBin}`,
      'log_level: info',
      '',
    ].join('\n'),
  );
  if (database) {
    mkdirSync(join(folder, 'data'));
    copyFileSync(database, join(folder, 'data/stackdyno.db'));
  }
  const log = join(folder, 'dynod.log');
  const child = spawn(join(kBin, 'dynod'), ['--config', config], { stdio: ['ignore', 'pipe', 'pipe'] });
  const out = createWriteStream(log);
  child.stdout.pipe(out);
  child.stderr.pipe(out);
  const ended = new Promise((done) => child.once('exit', done));
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    child.kill('SIGTERM');
    const over = await Promise.race([ended.then(() => true), wait(kStopMs, false, { ref: false })]);
    if (!over) child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  if (!(await answers(url, child))) {
    const told = existsSync(log) ? readFileSync(log, 'utf8').slice(-4000) : '';
    await stop();
    throw new Error(`dynod did not become ready:\n${told}`);
  }
  return { url, stop, pid: child.pid, log: () => readFileSync(log, 'utf8') };
}

async function answers(url, child) {
  const until = Date.now() + kReadyMs;
  while (Date.now() < until && child.exitCode === null) {
    try {
      // The API's root: /healthz answers before the daemon has started.
      if ((await fetch(`${url}/api/v1/`)).ok) return true;
    } catch {
      // Not listening yet.
    }
    await wait(50);
  }
  return false;
}

function freePort() {
  return new Promise((done, failed) => {
    const probe = createServer();
    probe.once('error', failed);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

// A run that was measured by another daemon, as `dyno import` takes it.
export function importBundle(url, file) {
  const { status, stderr } = spawnSync(join(kBin, 'dyno'), ['--server', url, 'import', file], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`dyno import ended with ${status}: ${stderr}`);
}

export async function ask(url, path) {
  const response = await fetch(url + path, { headers: { Accept: 'application/json' } });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}
