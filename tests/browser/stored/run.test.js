// The page of a run, on results that a daemon stored: the matrix comes first and says what the API says.
import assert from 'node:assert/strict';
import { seen } from '../lib/closely.js';
import { stored, walk } from '../lib/stored.js';
import { numberIn, openTable } from '../lib/tables.js';

const { check, checkLooks } = stored('schema_13');
// Histograms and series of this database were emptied: what is looked at closely says so.
const kEmptied = { expectStatus: [500] };
const kRun = '/runs/01a226a7-7db7-7ae7-aa67-8a9e595aeb4c';

const grid = (page) => page.getByRole('grid', { name: /^Stacks and phases/ });

async function ready(page) {
  await grid(page).waitFor();
  await page.getByText(/pair by pair/i).waitFor();
}

check('each cell is the share of the best of its phase, as the API has the figures', { path: kRun }, async ({ page, api }) => {
  await ready(page);
  const { items } = await api(`${kRun}/summaries?metric=throughput_per_s`);
  const closed = items.filter((one) => one.phase === 'users/c32');
  const best = Math.max(...closed.map((one) => one.value));
  const rows = await grid(page).locator('tbody tr').evaluateAll((all) => all.map((row) => [row.querySelector('th').innerText.trim(), row.querySelectorAll('td')[2].querySelector('a').firstChild.textContent]));
  const shares = closed.map((one) => `${one.bound === 'database' ? '≥' : ''}${(one.value / best).toPrecision(2)}×`);
  assert.deepEqual(rows.map(([, share]) => share).sort(), shares.sort());
});

check('who leads is decided by pairs, as the API decides them', { path: kRun }, async ({ page, api }) => {
  await ready(page);
  const id = kRun.split('/').at(-1);
  const { items } = await api(`/compare?a=${id}&b=${id}&a_case=go-nethttp/single&b_case=node-fastify/single&phase=json/c32&metric=throughput_per_s`);
  assert.equal(items[0].design, 'paired');
  const percent = Math.abs(100 * (items[0].ratio - 1)).toFixed(1);
  const told = page.getByRole('figure', { name: 'Throughput', exact: true }).locator('figcaption p');
  assert.ok((await told.innerText()).replaceAll('\u00a0', ' ').includes(`Fastify (TypeScript) (−${percent} %; too few trials (2 of 10))`), await told.innerText());
  assert.equal(await page.getByRole('figure', { name: 'Throughput', exact: true }).locator('.bracket').count(), 2);
});

check('the grid is one stop, its arrow keys walk it, and a cell opens its chart', { path: kRun }, async ({ page }) => {
  await ready(page);
  assert.equal(await grid(page).locator('[tabindex="0"]').count(), 1);
  await grid(page).locator('[tabindex="0"]').focus();
  await page.keyboard.press('End');
  await page.waitForFunction(() => document.activeElement.closest('td')?.cellIndex === 4);
  await page.keyboard.press('ArrowDown');
  await page.waitForFunction(() => document.activeElement.closest('tr')?.rowIndex === 2);
  await page.keyboard.press('Enter');
  await page.waitForURL(/phase=fortunes\/c32$/);
  await page.getByRole('heading', { name: 'All results, Fortunes · 32 connections' }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), 'chart');
  await page.goBack();
  await page.getByRole('heading', { name: 'All results, JSON · 32 connections' }).waitFor();
});

check('half as many stops as with a link for each stack in every chart', { path: kRun, ...kEmptied }, async ({ page }) => {
  await ready(page);
  await seen(page);
  const kBefore = 58; // of the same run, with those links and a stop for each column of its table
  const ofLater = await page.locator('#closely').locator('a, button, summary, select, [tabindex="0"]').filter({ visible: true }).count();
  const kOfHead = 1; // the way to all places
  const stops = (await walk(page)) - ofLater - kOfHead; // what that page had, too
  assert.ok(stops <= kBefore / 2, `${stops} stops`);
});

check('starts step by step are those of the median start of each stack', { path: kRun, ...kEmptied }, async ({ page, api }) => {
  await ready(page);
  const figure = (await seen(page)).getByRole('figure', { name: 'Starts step by step' });
  const rows = await (await openTable(figure)).evaluateAll((all) => all.map((row) => ({ stack: row.querySelector('th small').textContent, titles: [...row.querySelectorAll('td')].map((cell) => cell.title) })));
  assert.equal(rows.length, 4);
  for (const { stack, titles } of rows) {
    const { items } = await api(`${kRun}/trials?case=${stack}/single`);
    const startOf = (trial) => trial.readings.find((reading) => reading.metric === 'app_startup_ns')?.value;
    const timed = items.filter((trial) => trial.startup && startOf(trial) !== undefined).sort((a, b) => startOf(a) - startOf(b));
    const { marks } = timed[Math.floor((timed.length - 1) / 2)].startup;
    const ends = ['start_call_ns', 'exec_ns', 'listen_ns', 'first_good_ns', 'first_deep_ns'].map((name) => marks[name]).filter((end) => end !== undefined);
    const took = ends.map((end, i) => end - (ends[i - 1] ?? 0));
    assert.deepEqual(titles.filter((title) => title !== 'not measured').map(numberIn), took);
  }
});

check('the head says the pooled decision and what it lacks, as the API has them', { path: kRun }, async ({ page, api }) => {
  await ready(page);
  const { decision } = await api(kRun);
  const { boards } = await api(`/leaderboard?run=${kRun.split('/').at(-1)}&phase=json/c32`);
  const said = await page.locator('.head').innerText();
  assert.ok(said.includes(`Rests on ${decision.blocks} blocks: too few for a decision, which needs ${decision.blocks_needed} blocks.`), said);
  assert.deepEqual(new Set(boards[0].rows.map((row) => row.rank.join())), new Set(['1,4']));
  assert.match(said, /JSON · 32 connections: Go net\/http with .*\/s has the best value; the trials do not tell the 4 apart\./);
});

check('a narrow screen has a list of the parts', { path: kRun, width: 360 }, async ({ page }) => {
  await ready(page);
  const jumps = page.getByRole('navigation', { name: 'Parts of this page' });
  await jumps.getByRole('link', { name: 'Table' }).click();
  await page.waitForFunction(() => Math.abs(document.getElementById('all').getBoundingClientRect().y) < 60);
});

checkLooks('run', kRun, async (page) => { await ready(page); await seen(page); }, kEmptied);
