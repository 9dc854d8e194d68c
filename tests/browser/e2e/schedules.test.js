// The schedules page against the real daemon: what is clicked there is so over REST. Needs no container engine: the daemon has none, and
// a run that is started waits in the queue.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chromiumPath, launch } from '../lib/chromium.js';
import { ask, kBin, startDaemon } from '../lib/daemon.js';
import { isBuilt } from '../lib/mock_server.js';
import { openPage, settled } from '../lib/page.js';

const reason = missing();
if (reason) console.error(`SKIPPED: ${reason}`);
const skip = reason ?? false;
const kSchedule = '/api/v1/schedules/night';

let daemon;
let browser;
let seen;

before(async () => {
  if (reason) return;
  daemon = await startDaemon({ engine: '/nowhere/docker.sock' });
  const stored = await fetch(`${daemon.url}/api/v1/schedules`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'night', stacks: ['go-nethttp'], profile: 'smoke', cron: '0 2 * * *', time_zone: 'Europe/Berlin' }),
  });
  assert.equal(stored.status, 201, await stored.text());
  browser = await launch();
  seen = await openPage(browser, { url: `${daemon.url}/schedules` });
});

after(async () => {
  await browser?.close();
  await daemon?.stop();
});

test('pause and resume on the page are so over REST', { skip, timeout: 120_000 }, async () => {
  const { page } = seen;
  await settled(page);
  assert.equal((await ask(daemon.url, kSchedule)).paused_at, undefined);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Resume' }).waitFor();
  assert.match((await ask(daemon.url, kSchedule)).paused_at, /^20\d\d-/);
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  assert.equal((await ask(daemon.url, kSchedule)).paused_at, undefined);
});

test('run now on the page queues a run of the schedule', { skip, timeout: 120_000 }, async () => {
  const { page } = seen;
  assert.deepEqual((await ask(daemon.url, '/api/v1/runs')).items, []);
  await page.getByRole('button', { name: 'Run now' }).click();
  await page.waitForURL('**/live/*');
  const id = new URL(page.url()).pathname.split('/').at(-1);
  const run = await ask(daemon.url, `/api/v1/runs/${id}`);
  assert.equal(run.schedule, 'night');
  assert.equal(run.state, 'queued');
  assert.deepEqual((await ask(daemon.url, '/api/v1/queue')).items.map((one) => one.run), [id]);
});

test('the first page tells of the schedule', { skip, timeout: 120_000 }, async () => {
  const { page } = seen;
  await page.goto(`${daemon.url}/`);
  await settled(page);
  const night = page.getByRole('region', { name: 'Last night' }).getByRole('listitem').filter({ hasText: 'night' });
  await night.getByText('nothing was due').waitFor();
});

function missing() {
  if (process.env.DYNO_URL) return 'the daemon at DYNO_URL may have schedules of its own';
  if (chromiumPath() === null) return 'no Chromium found (package chromium, or CHROMIUM=/path)';
  if (!isBuilt()) return 'no built dashboard (npm run build in web/)';
  if (!existsSync(join(kBin, 'dynod'))) return `no dynod in ${kBin} (make build, or DYNO_BIN)`;
  return null;
}
