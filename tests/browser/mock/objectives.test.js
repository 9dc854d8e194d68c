// What a stack has to reach (issue 18): kept, broken or undecided, with the figure and its interval.
import assert from 'node:assert/strict';
import { kFinished } from '../lib/mock_server.js';
import { settled } from '../lib/page.js';
import { suite } from '../lib/suite.js';

const { check } = suite();

const kept = {
  case: 'node-fastify/single',
  stack: 'node-fastify',
  objective: 'idle memory < 120 MiB',
  state: 'kept',
  metric: 'idle_pss_bytes',
  title: 'Idle memory (PSS)',
  unit: 'B',
  side: 'below',
  limit: 125829120,
  value: 65011712,
  n: 6,
  ci95_low: 63963136,
  ci95_high: 66060288,
  file: 'stackdyno.yaml',
  line: 12,
};
const broken = { ...kept, objective: 'p99 of list at 200/s < 20 ms', state: 'broken', metric: 'latency_p99_ns', unit: 'ns', limit: 2e7, value: 2.41e7, ci95_low: 2.3e7, ci95_high: 2.53e7, line: 11 };
const { value: _, ci95_low: __, ci95_high: ___, ...open } = { ...broken, objective: 'p99 of list at 400/s < 20 ms', state: 'undecided', reason: 'profile quick does not measure list at 400/s', line: 13 };
const answers = { [`GET /api/v1/runs/${kFinished}/objectives`]: { body: { run: kFinished, items: [kept, broken, open] } } };

check('a run says which objectives are kept, broken ones first', { path: `/runs/${kFinished}`, answers }, async ({ page }) => {
  await settled(page);
  const card = page.getByRole('region', { name: 'Objectives: 1 broken, 1 undecided, 1 kept.' });
  await card.waitFor();
  const lines = (await card.getByRole('listitem').allInnerTexts()).map((line) => line.replace(/\s+/g, ' '));
  assert.deepEqual(lines, [
    'broken p99 of list at 200/s < 20 ms: 24.1 ms (23.0–25.3)',
    'undecided p99 of list at 400/s < 20 ms: profile quick does not measure list at 400/s',
    'kept idle memory < 120 MiB: 62.0 MiB (61.0–63.0)',
  ]);
});

check('a run without objectives says nothing of them', { path: `/runs/${kFinished}` }, async ({ page }) => {
  await settled(page);
  assert.equal(await page.getByRole('region', { name: /^Objectives/ }).count(), 0);
});
