// The log of a build (issue 14, row 19): its last lines while it goes on, the whole of it where it failed.
import assert from 'node:assert/strict';
import { fixture, kFinished, kRunning } from '../lib/mock_server.js';
import { settled } from '../lib/page.js';
import { suite } from '../lib/suite.js';

const { check } = suite();

check('row 19: a build that goes on shows its step and its last lines', { path: `/live/${kRunning}` }, async ({ page, mock }) => {
  await settled(page);
  while (mock.watchers() === 0) await page.waitForTimeout(10);
  const build = fixture('live_build');
  mock.push('build', { ...build, run: kRunning });
  const card = page.getByRole('region', { name: /^Building / });
  await card.waitFor();
  assert.match(await card.innerText(), new RegExp(build.last_lines.at(-1).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')));
  assert.match(await card.getByRole('link', { name: 'whole log' }).getAttribute('href'), /\/builds\/[^/]+\/log$/);
});

const kLines = [...Array(1000).keys()].map((i) => (i === 600 ? 'app.c:12: error: no such thing' : `line ${i} of the build`));
const [build] = fixture('builds').items;
const kFailed = {
  [`GET /api/v1/runs/${kFinished}/builds`]: { body: { ...fixture('builds'), run: kFinished, items: [{ ...build, state: 'failed' }] } },
  [`GET /api/v1/runs/${kFinished}/builds/${build.name}/log`]: { text: `${kLines.join('\n')}\n` },
};

check('row 19: the log of a failed build is open at its first error', { path: `/runs/${kFinished}`, answers: kFailed }, async ({ page }) => {
  await settled(page);
  const log = page.getByRole('region', { name: /^Log of the build of / });
  await log.waitFor();
  const mark = log.locator('mark');
  assert.equal(await mark.innerText(), 'app.c:12: error: no such thing');
  await page.waitForFunction(() => document.querySelector('section pre mark')?.closest('pre').scrollTop > 0);
  const inside = await mark.evaluate((m) => {
    const [line, box] = [m.getBoundingClientRect(), m.closest('pre').getBoundingClientRect()];
    return line.top >= box.top - 1 && line.bottom <= box.bottom + 1;
  });
  assert.ok(inside, 'the first error stands in the box');
  assert.match(await log.innerText(), /line 999 of the build/);
});
