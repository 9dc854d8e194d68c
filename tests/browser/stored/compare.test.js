// Two runs set against each other, on results that a daemon stored: the page says what the API says.
import assert from 'node:assert/strict';
import { seen } from '../lib/closely.js';
import { settled } from '../lib/page.js';
import { stored, walk } from '../lib/stored.js';
import { numberIn, openTable } from '../lib/tables.js';

const { check, checkLooks } = stored('schema_6');
const kHeadlines =
  'metric=throughput_per_s&metric=latency_p99_ns&metric=delivery_p99_ns&metric=app_cpu_ns_per_request&metric=app_startup_ns&metric=idle_pss_bytes&metric=loaded_private_median_bytes';

async function effects(page) {
  const figure = page.getByRole('figure', { name: 'Change from before to after' });
  await figure.waitFor();
  return (await openTable(figure)).evaluateAll((all) =>
    all.map((row) => [row.querySelector('th small').innerText, ...[...row.querySelectorAll('td')].map((cell) => cell.title || cell.innerText)]),
  );
}

check('each effect equals the API, and the verdict stands first', { path: '/compare' }, async ({ page, api }) => {
  const all = await api(`/compare?a=latest~1&b=latest&${kHeadlines}`);
  const rows = await effects(page);
  assert.equal(rows.length, all.items.length);
  for (const [name, phase, metric, a, b, ratio] of rows) {
    const one = all.items.find((item) => item.case === name && item.title === metric && (item.phase === undefined) === (phase === 'trials as a whole') && numberIn(a) === Number(item.a.value.toPrecision(12)));
    assert.ok(one, `${name} ${phase} ${metric} ${a}`);
    assert.equal(numberIn(b), Number(one.b.value.toPrecision(12)));
    assert.equal(numberIn(ratio), Number(one.ratio.toPrecision(12)));
  }
  assert.match(await page.locator('main h2').first().innerText(), /^Nothing is decided: \d+ figures are open \(too few trials\)\.$/);
  assert.equal(all.decisions.better + all.decisions.worse + all.decisions.same, 0);
});

check('what was different around the runs is that of the API', { path: '/compare' }, async ({ page, api }) => {
  const { differences } = await api('/compare?a=latest~1&b=latest');
  const rows = await page.locator('section:has(#differences) tbody tr').evaluateAll((all) => all.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.title || cell.innerText)));
  assert.deepEqual(rows, differences.map((one) => [one.a ?? '–', one.b ?? '–', one.in_key ? 'yes' : 'no']));
});

check('a cell looked at closely has the curves of its trials', { path: '/compare' }, async ({ page, api }) => {
  const { a, b, items } = await api('/compare?a=latest~1&b=latest');
  await page.getByLabel('Look closely at').selectOption({ label: 'Go net/http, JSON · 8 connections' });
  await page.waitForURL(/case=go-nethttp\/single&phase=json\/c8$/);
  await seen(page);
  const curves = page.getByRole('figure', { name: 'Service time by percentile, Go net/http, JSON · 8 connections' });
  const shown = await (await openTable(curves)).evaluateAll((rows) => rows.map((row) => [row.querySelector('th').innerText, ...[...row.querySelectorAll('td')].map((cell) => cell.title)]));
  const sides = [];
  for (const side of [a, b]) {
    const trials = (await api(`/runs/${side.runs[0]}/trials?case=go-nethttp/single`)).items.filter((t) => t.phases.includes('json/c8'));
    assert.equal(trials.length, 1, 'one trial each: the median is its curve');
    sides.push(await api(`/trials/${trials[0].id}/histogram?phase=json/c8`));
  }
  for (const [percentile, ...values] of shown)
    sides.forEach((side, i) => {
      const point = side.percentiles.find((p) => `p${p.percent}` === percentile);
      if (values[i] !== '') assert.equal(numberIn(values[i]), point.value_ns, percentile);
    });
  const difference = page.getByRole('figure', { name: 'Difference by percentile, Go net/http, JSON · 8 connections' });
  const p99 = items.find((one) => one.phase === 'json/c8' && one.metric === 'service_time_p99_ns');
  await difference.locator('details > summary').click();
  await difference.getByRole('button', { name: 'Next rows' }).click();
  const cell = difference.locator('tbody tr', { has: page.locator('th', { hasText: /^p99$/ }) }).locator('td').last();
  assert.equal(numberIn(await cell.getAttribute('title')), Number(p99.ratio.toPrecision(12)));
  await page.getByRole('figure', { name: /^Second by second/ }).waitFor();
});

check('two runs are chosen on the first page; the address carries all of it over reload and back', { path: '/' }, async ({ page, api }) => {
  const all = await api('/compare?a=latest~1&b=latest');
  const boxes = page.getByRole('checkbox', { name: /^Compare Go net\/http, tiny/ });
  await boxes.nth(0).check();
  await page.getByText('One run is chosen.').waitFor();
  await boxes.nth(1).check();
  await page.reload();
  await settled(page);
  assert.ok(await boxes.nth(1).isChecked(), 'the choice is part of the address');
  await page.getByRole('link', { name: /^Compare the run of/ }).click();
  await effects(page);
  assert.equal(new URL(page.url()).search, `?a=${all.a.runs[0]}&b=${all.b.runs[0]}`);
  await page.getByRole('link', { name: /^Open \d/ }).click();
  await page.getByLabel('Every figure').check();
  await page.waitForFunction(() => location.search.includes('figures=all'));
  const before = await effects(page);
  assert.ok(before.length > all.items.filter((i) => i.metric === 'throughput_per_s').length);
  await page.reload();
  await settled(page);
  assert.deepEqual(await effects(page), before);
  await page.goBack();
  await page.goBack();
  await page.goBack();
  await page.getByRole('link', { name: /^Compare the run of/ }).waitFor();
});

check('it is copied as Markdown', { path: '/compare' }, async ({ page }) => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'Copy as Markdown' }).click();
  await page.getByText('Copied.').waitFor();
  const text = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(text, /^\*\*Nothing is decided: /);
  assert.match(text, /\| JSON · 8 connections \| Throughput \| .*\/s ~, n = 1 \|/);
});

check('a run that does not exist is named, and others can be chosen', { path: '/compare?a=latest~99', expectStatus: [404] }, async ({ page }) => {
  await page.getByRole('alert').getByText(/runs with results only \d match/).waitFor();
  await page.getByLabel('Before').selectOption('latest~1');
  await effects(page);
});

check('the keyboard alone is enough', { path: '/compare' }, async ({ page }) => {
  await (await seen(page)).getByRole('figure', { name: /^Starts step by step/ }).waitFor();
  await walk(page);
  const plot = page.getByRole('group', { name: /^Latency by percentile/ });
  await plot.focus();
  await page.keyboard.press('End');
  await plot.locator('xpath=..').locator('[aria-live]').filter({ hasText: /^percentile .*: before .*, after / }).waitFor();
});

checkLooks('comparison', '/compare', async (page) => (await seen(page)).getByRole('figure', { name: /^Starts step by step/ }).waitFor());
