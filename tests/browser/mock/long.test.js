// Long runs and many stacks (issue 14, row 17): a page draws once a frame, and no more rows than somebody looks at.
import assert from 'node:assert/strict';
import { manyStacks } from '../lib/many.js';
import { fixture, kFinished, kRunning } from '../lib/mock_server.js';
import { settled } from '../lib/page.js';
import { suite } from '../lib/suite.js';

const { check } = suite();

const kEvents = 6000;

check('row 17: 6 000 events are drawn a frame at a time, and only the last are kept', { path: `/live/${kRunning}` }, async ({ page, mock }) => {
  await settled(page);
  while (mock.watchers() === 0) await page.waitForTimeout(10);
  assert.equal(mock.asked.find((a) => a.line === 'GET /api/v1/events').search, `?run=${kRunning}&last=200`);
  await page.evaluate(() => {
    globalThis.drawn = 0;
    globalThis.frames = 0;
    new MutationObserver(() => globalThis.drawn++).observe(document.querySelector('section[aria-labelledby="log"]'), {
      childList: true,
      subtree: true,
      characterData: true,
    });
    const count = () => {
      globalThis.frames++;
      requestAnimationFrame(count);
    };
    requestAnimationFrame(count);
  });
  const event = fixture('event');
  for (let id = event.id + 1; id <= event.id + kEvents; id++) mock.push('phase', { ...event, id, text: `event ${id} of many` });
  await page.getByText(`event ${event.id + kEvents} of many`).waitFor();
  const { drawn, frames } = await page.evaluate(() => ({ drawn: globalThis.drawn, frames: globalThis.frames }));
  assert.ok(drawn <= frames + 1, `${drawn} drawings in ${frames} frames`);
  assert.equal(await page.locator('ol.log li').count(), 200);
});

const kCopies = 50;

check('row 17: of 200 stacks the first are drawn, and the others found', { path: `/runs/${kFinished}`, answers: manyStacks(kCopies) }, async ({ page }) => {
  await settled(page);
  const bars = page.getByRole('figure', { name: 'Throughput' });
  await bars.waitFor();
  assert.equal(await bars.locator('ol.rows > li').count(), 20);
  const nodes = await page.evaluate(() => document.querySelectorAll('*').length);
  assert.ok(nodes < 20_000, `${nodes} elements`);
  await bars.getByRole('button', { name: 'Show 100 more' }).click();
  assert.equal(await bars.locator('ol.rows > li').count(), 120);

  await page.getByRole('searchbox', { name: 'Find a stack' }).fill('fastify-07');
  await page.getByText('1 of 200').waitFor();
  assert.equal(await bars.locator('ol.rows > li').count(), 1);
  const all = page.getByRole('table', { name: /each value with its 95 % interval/ });
  assert.equal(await all.locator('tbody tr').count(), 1);
  assert.match(page.url(), /find=fastify-07/);

  await page.goto(page.url());
  await settled(page);
  assert.equal(await bars.locator('ol.rows > li').count(), 1, 'the search is part of the link');
});

check(
  'row 17: the form offers 200 stacks by search',
  { path: '/', answers: { 'GET /api/v1/stacks': { body: { ...fixture('stacks'), items: manyItems() } } } },
  async ({ page, mock }) => {
    await settled(page);
    await page.locator('summary', { hasText: /^Stacks/ }).click();
    await page.getByRole('button', { name: 'None', exact: true }).click();
    await page.getByRole('searchbox', { name: 'Find a stack' }).fill('fastify-49');
    const boxes = page.getByRole('group', { name: 'Stacks' }).getByRole('checkbox');
    assert.equal(await boxes.count(), 1);
    await boxes.check();
    await page.getByRole('searchbox', { name: 'Find a stack' }).press('Enter');
    assert.equal(mock.asked.filter((a) => a.line === 'POST /api/v1/runs').length, 0, 'Enter in the search starts no run');
    await page.getByRole('button', { name: 'Run 1 stack' }).click();
    await page.waitForURL('**/live/*');
    const sent = JSON.parse(mock.asked.find((a) => a.line === 'POST /api/v1/runs').body);
    assert.deepEqual(sent.stacks, ['node-fastify-49']);
  },
);

function manyItems() {
  return [...Array(kCopies).keys()].flatMap((i) => fixture('stacks').items.map((s) => ({ ...s, name: `${s.name}-${i}` })));
}

check('row 17: a reason that ten trials share is said once', {
  path: `/runs/${kFinished}`,
  answers: { [`GET /api/v1/runs/${kFinished}/trials`]: { body: { items: failedTrials() } } },
}, async ({ page }) => {
  await settled(page);
  const notices = page.getByRole('region', { name: 'Failed trials' }).locator('.notice');
  await notices.first().waitFor();
  assert.equal(await notices.count(), 1);
  assert.match(await notices.innerText(), /blocks 1, 2, 3, 4, 5, 6, 7, 8, 9, 10/);
});

function failedTrials() {
  const failed = fixture('trial_failed');
  return [...Array(10).keys()].map((i) => ({ ...failed, id: `${failed.id.slice(0, -1)}${i}`, block: i + 1, state: 'failed' }));
}
