// A phase of a run looked at closely: curves of several stacks, latency against load, one trial under one cursor, starts step by step. What
// they show is what the API said.
import assert from 'node:assert/strict';
import { faults } from '../lib/axe.js';
import { seen } from '../lib/closely.js';
import { fixture, kFinished } from '../lib/mock_server.js';
import { overflow, settled } from '../lib/page.js';
import { walk } from '../lib/stored.js';
import { suite } from '../lib/suite.js';
import { numberIn, openAll, openTable } from '../lib/tables.js';

const { check } = suite();
const kOwn = `/runs/${kFinished}?phase=json/c32/r60%25`;
const kClosed = `/runs/${kFinished}?phase=json/c32`;

async function cellsOf(figure) {
  const rows = await openTable(figure);
  return rows.evaluateAll((all) => all.map((row) => [...row.querySelectorAll('th, td')].map((cell) => cell.title || cell.innerText)));
}

check('curves of several stacks are those of the histograms, with a band over their trials', { path: kClosed }, async ({ page }) => {
  await settled(page);
  const part = await seen(page);
  const figure = part.getByRole('figure', { name: /^Service time by percentile, JSON · 32 connections/ });
  await figure.waitFor();
  const named = fixture('summaries').items.filter((s) => s.phase === 'json/c32' && s.metric === 'throughput_per_s');
  const rows = await cellsOf(figure);
  const heads = await figure.locator('thead th').allInnerTexts();
  assert.equal(heads.length, 1 + named.length);
  const p99 = fixture('histogram').percentiles.find((p) => p.percent === 99).value_ns;
  const row = rows.find(([percent]) => percent === 'p99');
  // Each trial's curve is the example's, times a factor of its own: the middle of two is their geometric mean.
  const middle = (name) => {
    const factors = fixture('trials').items.filter((t) => t.case === name && t.phases.includes('json/c32')).map((t) => Math.round(p99 * (1 + (t.index % 5) * 0.07)));
    return factors.length === 2 ? Math.sqrt(factors[0] * factors[1]) : factors[0];
  };
  const titles = Object.fromEntries(fixture('run').stacks.map((s) => [s.title, `${s.name}/single`]));
  heads.slice(1).forEach((title, i) => {
    const name = titles[title.replace(/\s*[▴▾]?$/, '').trim()];
    assert.ok(Math.abs(numberIn(row[i + 1]) / middle(name) - 1) < 1e-9, `${title}: ${row[i + 1]}`);
  });
});

check('latency against load has each stack at its own rate', { path: kOwn }, async ({ page }) => {
  await settled(page);
  const part = await seen(page);
  const figure = part.getByRole('figure', { name: 'Latency p99 against load' });
  await figure.waitFor();
  const rows = await cellsOf(figure);
  const { items } = fixture('summaries');
  const value = (name, metric) => items.find((s) => s.stack === name && s.phase === 'json/c32/r60%' && s.metric === metric).value;
  assert.equal(rows.length, 4);
  for (const [head, , rate, p99] of rows) {
    const name = head.split('\n').at(-1);
    assert.equal(numberIn(rate), value(name, 'offered_per_s'));
    assert.equal(numberIn(p99), value(name, 'latency_p99_ns'));
  }
  assert.match(await figure.locator('tbody tr').first().innerText(), /\d–\d.*\n2 trials$/);
  const source = new URL(await figure.getByRole('link', { name: /^JSON for this chart/ }).getAttribute('href'), page.url());
  assert.ok((await (await page.request.get(source.href)).json()).items.length > 0);
});

check('where all have one load there is no chart of it', { path: kClosed }, async ({ page }) => {
  await settled(page);
  const part = await seen(page);
  await part.getByRole('figure', { name: 'Starts step by step' }).waitFor();
  assert.equal(await part.getByRole('figure', { name: /against load$/ }).count(), 0);
});

check('one trial: rate, p99, CPU and memory stand under one cursor, which the keys move', { path: kClosed }, async ({ page }) => {
  await settled(page);
  const part = await seen(page);
  const figure = part.getByRole('figure', { name: /^One trial second by second/ });
  await figure.waitFor();
  const plots = figure.locator('.plot');
  assert.equal(await plots.count(), 4);
  assert.equal(await figure.locator('.plot[tabindex="0"]').count(), 1, 'one stop');
  await figure.locator('.plot[tabindex="0"]').focus();
  await page.keyboard.press('Home');
  for (let i = 0; i < 12; i++) await page.keyboard.press('ArrowRight');
  const said = await figure.locator('.readout').allInnerTexts();
  const second = /^second ([\d.]+): Good responses .*\/s$/.exec(said[0])?.[1];
  assert.ok(second, said[0]);
  assert.match(said[1], new RegExp(`^second ${second}: p99 .*ms$`));
  assert.match(said[2], new RegExp(`^second ${second}: CPU cores [\\d.]+$`));
  assert.match(said[3], new RegExp(`^second ${second}: Private memory .*MiB$`));
});

const late = { gate: 'loader_late', validity: 'degraded', text: 'Sent 3 % of requests late.' };

check(
  'what a gate said of a phase of the trial is marked and written below',
  { path: kClosed, answers: Object.fromEntries(fixture('trials').items.map((t) => [`GET /api/v1/trials/${t.id}/measurements`, { body: lateMeasurements(t) }])) },
  async ({ page }) => {
    await settled(page);
    const part = await seen(page);
    await part.getByText('JSON · 32 connections: Late requests (degraded). Sent 3 % of requests late.').waitFor();
  },
);

check('starts step by step: the steps of a start that happened, of every stack', { path: kClosed }, async ({ page }) => {
  await settled(page);
  const part = await seen(page);
  const figure = part.getByRole('figure', { name: 'Starts step by step' });
  await figure.waitFor();
  const rows = await cellsOf(figure);
  const { items } = fixture('trials');
  for (const [head, create] of rows) {
    const stack = head.split('\n').at(-1);
    const creates = items.filter((t) => t.stack === stack && t.startup).map((t) => t.startup.marks.start_call_ns);
    assert.ok(creates.includes(numberIn(create)), `${stack}: ${create}`);
    const { length } = items.filter((t) => t.stack === stack && t.startup);
    await figure.locator('.multiples .line', { hasText: `median of ${length} starts` }).first().waitFor();
  }
  assert.equal(rows.length, 4);
});

check('which stacks and which trial is in the address, over reload and back', { path: kClosed }, async ({ page }) => {
  await settled(page);
  let part = await seen(page);
  await part.locator('summary', { hasText: /^Closely/ }).click();
  await part.getByRole('checkbox', { name: 'Fastify (TypeScript)' }).uncheck();
  await page.waitForURL(/cases=[a-z-]+\/single,[a-z-]+\/single,[a-z-]+\/single$/);
  const select = part.getByRole('combobox', { name: 'Trial' });
  const wanted = await select.locator('option').last().getAttribute('value');
  await select.selectOption(wanted);
  await page.waitForURL(new RegExp(`trial=${wanted}$`));
  await page.reload();
  await settled(page);
  part = await seen(page);
  await part.getByRole('figure', { name: /^One trial/ }).waitFor();
  assert.equal(await part.getByRole('combobox', { name: 'Trial' }).inputValue(), wanted);
  assert.ok(!(await part.locator('summary', { hasText: /^Closely/ }).innerText()).includes('Fastify'));
  await page.getByRole('navigation', { name: 'Phases' }).getByRole('link', { name: /^Plaintext/ }).click();
  await page.getByRole('heading', { name: /^All results, Plaintext/ }).waitFor();
  assert.match(page.url(), /cases=/, 'another phase keeps the stacks');
  await page.goBack();
  await page.getByRole('heading', { name: /^All results, JSON/ }).waitFor();
});

check('the head says what the nights decide together, and what they lack', { path: kClosed }, async ({ page }) => {
  await settled(page);
  const head = page.locator('.head');
  assert.match(await head.innerText(), /JSON · 32 connections: The first place is open between 2 of 5: Axum \(Rust\), Go net\/http\./);
  assert.match(await head.innerText(), /Rests on 2 blocks: too few for a decision, which needs 10 blocks\./);
  await head.getByRole('link', { name: 'Places, ties and intervals' }).click();
  await page.getByRole('figure', { name: /^Throughput, JSON/ }).waitFor();
  assert.ok(page.url().endsWith(`/leaderboard?board=json/c32&run=${kFinished}`), page.url());
});

check('what is looked at closely is reached with the keys', { path: kOwn }, async ({ page }) => {
  await settled(page);
  await seen(page);
  await walk(page);
});

check('nothing of it is fetched before somebody is about to see it', { path: kClosed }, async ({ page, mock }) => {
  await settled(page);
  assert.equal(mock.asked.filter((a) => /histogram|samples|seconds/.test(a.line)).length, 0);
  await seen(page);
  await page.waitForFunction(() => document.querySelectorAll('#closely figure').length >= 3);
  assert.ok(mock.asked.some((a) => a.line.endsWith('/histogram')));
});

for (const width of [360, 1280]) {
  for (const look of [{}, { dark: true }, { forced: true }]) {
    const name = look.dark ? 'dark' : look.forced ? 'forced colours' : 'light';
    check(`closely at ${width} px, ${name}`, { path: kOwn, width, ...look }, async ({ page }) => {
      await settled(page);
      const part = await seen(page);
      await part.getByRole('figure', { name: 'Starts step by step' }).waitFor();
      await openAll(part);
      assert.equal(await overflow(page), 0, 'the page scrolls sideways');
      assert.deepEqual(await faults(page), []);
    });
  }
}

function lateMeasurements(trial) {
  const own = { ...fixture('measurements'), trial: trial.id, case: trial.case };
  return { ...own, phases: own.phases.map((one) => (one.phase === 'json/c32' ? { ...one, verdict: { ...one.verdict, gates: [late] } } : one)) };
}
