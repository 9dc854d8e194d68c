// The whole way, through real containers: a run is started in the browser, watched while it goes on,
// and what the page then shows is what the API says.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { faults } from '../lib/axe.js';
import { chromiumPath, launch } from '../lib/chromium.js';
import { seen as seenClosely } from '../lib/closely.js';
import { ask, noDaemon, startDaemon } from '../lib/daemon.js';
import { isBuilt } from '../lib/mock_server.js';
import { openPage, overflow, settled } from '../lib/page.js';
import { exactRows } from '../lib/tables.js';

// Images may have to be built first, and every one of these waits for the machine.
const kRunMs = 20 * 60_000;
const kStacks = (process.env.DYNO_STACKS ?? 'go-nethttp,node-fastify').split(',');

const reason = missing();
if (reason) console.error(`SKIPPED: ${reason}`);
const skip = reason ?? false;

let daemon;
let browser;
let seen; // {page, close, complaints}
let runId;

before(async () => {
  if (reason) return;
  daemon = await startDaemon();
  browser = await launch();
  seen = await openPage(browser, { url: `${daemon.url}/` });
});

after(async () => {
  await browser?.close();
  await daemon?.stop();
});

test('the page starts a run of two stacks', { skip, timeout: 60_000 }, async () => {
  const { page } = seen;
  await settled(page);
  await page.locator('summary', { hasText: /^Stacks/ }).click();
  await page.getByRole('button', { name: 'None', exact: true }).click();
  for (const name of kStacks) await page.locator(`input[name="stack"][value="${name}"]`).check();
  await page.getByLabel('Profile').selectOption('smoke');
  await page.getByRole('button', { name: `Run ${kStacks.length} stacks` }).click();
  await page.waitForURL('**/live/*');
  runId = new URL(page.url()).pathname.split('/').at(-1);
  const run = await ask(daemon.url, `/api/v1/runs/${runId}`);
  assert.deepEqual(run.stacks.map((s) => s.name).sort(), [...kStacks].sort());
  assert.equal(run.profile.name, 'smoke');
});

test('the live page shows progress and load until the end', { skip, timeout: kRunMs }, async () => {
  assert.ok(runId, 'a run was started');
  const { page } = seen;
  const rates = page.getByRole('figure', { name: 'Under load now' }).getByText(/\/s$/);
  await page.getByRole('region', { name: 'Progress' }).getByText('live', { exact: true }).waitFor();
  await rates.first().waitFor({ timeout: kRunMs });
  await page.getByText('The run has ended.').waitFor({ timeout: kRunMs });
  const run = await ask(daemon.url, `/api/v1/runs/${runId}`);
  assert.equal(run.state, 'succeeded', run.reason ?? JSON.stringify(run.stacks.map((s) => s.failure)));
  await page.getByText('JSON · 8 connections').first().waitFor();
});

test('the result on the page equals the summaries of the API', { skip, timeout: 60_000 }, async () => {
  assert.ok(runId, 'a run was started');
  const { page } = seen;
  await page.getByRole('link', { name: 'See the result' }).click();
  const { items } = await ask(daemon.url, `/api/v1/runs/${runId}/summaries`);
  const phases = [...new Set(items.flatMap((s) => s.phase ?? []))];
  const profile = await ask(daemon.url, '/api/v1/profiles/smoke');
  assert.equal(phases.length, profile.phases.length, 'the stack offers every workload of the profile');
  for (const phase of phases) {
    const tab = page.locator(`nav[aria-label="Phases"] a[href="/runs/${runId}?phase=${encodeURIComponent(phase).replaceAll('%2F', '/')}"]`);
    const title = await tab.innerText();
    await tab.click();
    await page.getByRole('heading', { name: `All results, ${title}` }).waitFor();
    for (const [chart, metric] of [
      [/^(Throughput|Latency p99 \(from)/, items.some((s) => s.phase === phase && s.metric === 'offered_per_s') ? 'latency_p99_ns' : 'throughput_per_s'],
      ['CPU time per request', 'app_cpu_ns_per_request'],
      ['Start-up time (process start to first HTTP 200)', 'app_startup_ns'],
    ]) {
      const rows = await exactRows(page.getByRole('figure', { name: chart }).first());
      const wanted = items.filter((s) => s.metric === metric && (s.phase ?? phase) === phase);
      for (const summary of wanted) {
        const row = rows.find((r) => r.name === summary.stack);
        assert.equal(row?.values[0], Number(summary.value.toPrecision(12)), `${summary.case} ${metric} in ${phase}`);
      }
      const told = rows.filter((r) => wanted.some((s) => s.stack === r.name) || r.reasons.length > 0);
      if (metric !== 'latency_p99_ns') assert.equal(told.length, kStacks.length, `${metric} in ${phase} of every stack`);
    }
  }
});

test('one stack shows its memory, its percentiles and its start', { skip, timeout: 60_000 }, async () => {
  assert.ok(runId, 'a run was started');
  const { page } = seen;
  await page.goto(`${daemon.url}/runs/${runId}/${kStacks[0]}/single`);
  await settled(page);
  await page.getByRole('figure', { name: 'Memory over the trial' }).waitFor();
  await page.getByRole('figure', { name: /by percentile/ }).waitFor();
  await (await seenClosely(page, 'below')).getByRole('figure', { name: 'One start, step by step' }).waitFor();
  const { items } = await ask(daemon.url, `/api/v1/runs/${runId}/trials?case=${kStacks[0]}/single`);
  assert.equal(await page.locator('section:has(#trials) tbody tr').count(), items.length);
});

test('real results fit on a narrow screen and are open to everyone', { skip, timeout: 60_000 }, async () => {
  assert.ok(runId, 'a run was started');
  for (const path of ['/', `/runs/${runId}`, `/runs/${runId}/${kStacks[0]}/single`, `/live/${runId}`]) {
    const narrow = await openPage(browser, { width: 360, dark: true, url: daemon.url + path });
    await settled(narrow.page);
    assert.equal(await overflow(narrow.page), 0, path);
    assert.deepEqual(await faults(narrow.page), [], path);
    assert.deepEqual(await narrow.complaints(), [], path);
    await narrow.close();
    if (process.env.DYNO_SCREENSHOTS) await picture(path);
  }
});

test('a run is cancelled from the page, and nothing is left of it', { skip, timeout: 5 * 60_000 }, async () => {
  const { page } = seen;
  await page.goto(`${daemon.url}/`);
  await settled(page);
  await page.getByLabel('Profile').selectOption('smoke');
  await page.getByRole('button', { name: /^Run \d/ }).click();
  await page.waitForURL('**/live/*');
  const id = new URL(page.url()).pathname.split('/').at(-1);
  await page.getByRole('button', { name: /^Cancel/ }).click();
  await page.getByRole('button', { name: 'Yes, cancel' }).click();
  await page.getByText('The run has ended.').waitFor({ timeout: 4 * 60_000 });
  assert.equal((await ask(daemon.url, `/api/v1/runs/${id}`)).state, 'cancelled');
  assert.deepEqual([...leftOf(id), ...leftOf(runId)], []);
});

test('the browser had nothing to complain of', { skip }, async () => {
  assert.deepEqual(await seen.complaints(), []);
});

// Containers and networks that carry the label of a run. A daemon elsewhere (DYNO_URL) may have another engine.
function leftOf(run) {
  if (process.env.DYNO_URL) return [];
  return [
    ['ps', '--all'],
    ['network', 'ls'],
  ].flatMap((list) => {
    const { stdout } = spawnSync('docker', [...list, '--quiet', '--filter', `label=stackdyno.run=${run}`], { encoding: 'utf8' });
    return stdout.split('\n').filter(Boolean);
  });
}

async function picture(path) {
  const wide = await openPage(browser, { width: 1280, url: daemon.url + path });
  await settled(wide.page);
  const name = `e2e${path.replace(runId, 'run').replaceAll('/', '-')}.png`;
  await wide.page.screenshot({ path: join(process.env.DYNO_SCREENSHOTS, name), fullPage: true });
  await wide.close();
}

function missing() {
  if (chromiumPath() === null) return 'no Chromium found (package chromium, or CHROMIUM=/path)';
  if (!isBuilt()) return 'no built dashboard (npm run build in web/)';
  return noDaemon();
}
