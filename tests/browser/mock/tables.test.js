// A canvas and a drawing cannot be read by a test or a screen reader: their tables can, and must equal the API's answer.
import assert from 'node:assert/strict';
import { fixture, kFinished } from '../lib/mock_server.js';
import { settled } from '../lib/page.js';
import { suite } from '../lib/suite.js';
import { exactRows, numberIn, openTable } from '../lib/tables.js';

const { check } = suite();
const summaries = fixture('summaries').items;

const kCharts = [
  ['json/c32', 'Throughput', ['throughput_per_s']],
  ['plaintext/c32', 'Throughput', ['throughput_per_s']],
  ['json/c32', 'Service time', ['service_time_p50_ns', 'service_time_p90_ns', 'service_time_p99_ns', 'service_time_p999_ns']],
  ['json/c32/r60%', 'Latency p99 (from the moment each request was due)', ['latency_p99_ns', 'offered_per_s']],
  ['json/c32/r60%', 'Latency', ['latency_p50_ns', 'latency_p90_ns', 'latency_p99_ns', 'latency_p999_ns']],
  ['json/c32', 'CPU time per request', ['app_cpu_ns_per_request']],
  ['json/c32', 'Memory without load (PSS)', ['idle_pss_bytes', 'retained_pss_bytes']],
  [
    'json/c32',
    'Memory under load (private)',
    ['idle_private_bytes', 'retained_private_bytes', 'loaded_private_median_bytes', 'loaded_private_peak_bytes'],
  ],
  ['json/c32', 'Start-up time (process start to first HTTP 200)', ['app_startup_ns']],
];

for (const [phase, title, metrics] of kCharts) {
  const path = `/runs/${kFinished}?phase=${encodeURIComponent(phase)}`;
  check(`the table of "${title}" in ${phase} equals the API`, { path }, async ({ page }) => {
    await settled(page);
    const rows = await exactRows(page.getByRole('figure', { name: title, exact: true }));
    const wanted = summaries.filter((s) => s.metric === metrics[0] && (s.phase ?? phase) === phase);
    assert.equal(rows.length, wanted.length);
    for (const { name, values } of rows) {
      const summaryOf = (metric) =>
        summaries.find((s) => s.stack === name && s.metric === metric && (s.phase ?? phase) === phase);
      const told = metrics.map(summaryOf).filter(Boolean);
      assert.deepEqual(values, told.map((s) => Number(s.value.toPrecision(12))), name);
    }
  });
}

check('what was not measured is a dash with its reason, never 0', { path: `/runs/${kFinished}?phase=json/c32` }, async ({ page }) => {
  await settled(page);
  const cell = page.locator('section:has(#all) tbody tr', { hasText: 'python-fastapi' }).locator('td[data-label="Service time p99.9"]');
  assert.equal((await cell.innerText()).trim(), '–');
  assert.equal(await cell.getAttribute('title'), 'not measured');
});

check('the timeline table holds every sample', { path: `/runs/${kFinished}/node-fastify/single` }, async ({ page }) => {
  await settled(page);
  const samples = fixture('samples');
  const figure = page.getByRole('figure', { name: 'Memory over the trial' });
  await openTable(figure);
  const seen = [];
  for (;;) {
    seen.push(...(await figure.locator('tbody td[data-label="Private"]').evaluateAll((cells) => cells.map((c) => c.title))));
    const further = figure.getByRole('button', { name: 'Next rows' });
    if (await further.isDisabled()) break;
    await further.click();
  }
  assert.deepEqual(seen.map(numberIn), samples.private_bytes.max);
});

check('the percentile table equals the histogram', { path: `/runs/${kFinished}/node-fastify/single?phase=json/c32` }, async ({ page }) => {
  await settled(page);
  const histogram = fixture('histogram');
  const figure = page.getByRole('figure', { name: 'Service time by percentile, JSON · 32 connections' });
  const first = await (await openTable(figure)).evaluateAll((rows) =>
    rows.map((row) => [row.querySelector('th').innerText, row.querySelector('td').title]),
  );
  const trial = fixture('trials').items.find((t) => t.case === 'node-fastify/single' && t.phases.length > 0);
  const factor = 1 + (trial.index % 5) * 0.07;
  assert.deepEqual(
    first.map(([percent, title]) => [percent, numberIn(title)]),
    histogram.percentiles.map((p) => [`p${p.percent}`, Math.round(p.value_ns * factor)]),
  );
});
