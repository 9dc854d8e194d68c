// A figure from run to run, on results that a daemon stored: the page says what the API says.
import assert from 'node:assert/strict';
import { settled } from '../lib/page.js';
import { stored, walk } from '../lib/stored.js';
import { numberIn, openTable } from '../lib/tables.js';

const { check, checkLooks } = stored('schema_13');
const kTwo = '/history?case=go-nethttp/single&case=node-fastify/single&phase=json/c32';
const kNames = ['Go net/http', 'Fastify (TypeScript)'];
const kTitle = 'Throughput, JSON · 32 connections';

async function rows(page) {
  const figure = page.getByRole('figure', { name: kTitle });
  await figure.waitFor();
  return (await openTable(figure)).evaluateAll((all) =>
    all.map((row) => ({ run: row.querySelector('a').getAttribute('href').split('/').at(-1), values: Object.fromEntries([...row.querySelectorAll('td')].map((cell) => [cell.dataset.label, cell.title])) })),
  );
}

async function lines(api) {
  const { items } = await api('/series?metric=throughput_per_s&limit=200');
  const wanted = ['go-nethttp/single', 'node-fastify/single'].map((name) => items.find((one) => one.case === name && one.phase === 'json/c32'));
  return Promise.all(wanted.map((one) => api(`/series/${one.id}/points`)));
}

check('each run of each stack equals the API, newest first', { path: kTwo }, async ({ page, api }) => {
  const all = await lines(api);
  const shown = await rows(page);
  assert.deepEqual(shown.map((row) => row.run), all[0].items.map((point) => point.run).reverse());
  for (const { run, values } of shown)
    all.forEach((line, i) => {
      const value = line.items.find((point) => point.run === run).value;
      assert.equal(numberIn(values[kNames[i]]), Number(value.toPrecision(12)));
    });
});

check('the change since the run before is told in words, as the API decided it', { path: kTwo }, async ({ page, api }) => {
  await rows(page);
  const { items } = await api('/compare?a=latest~1&b=latest&stack=go-nethttp&case=go-nethttp/single&phase=json/c32&metric=throughput_per_s');
  const percent = Math.abs(100 * (items[0].ratio - 1));
  const told = page.getByRole('region', { name: 'Since the last run' }).locator('p', { hasText: 'net/http' });
  await told.filter({ hasText: 'since' }).waitFor();
  const text = (await told.innerText()).replaceAll('\u00a0', ' ');
  assert.match(text, /in the last of 2 runs; [+−][\d.]+ % since 29 Nov 2026, \d\d:\d\d: too few trials \(2 of 10\)\.$/);
  assert.ok(text.includes(`${percent.toFixed(percent < 9.95 ? 1 : 0)} %`), text);
});

check('what was chosen is in the address, over reload and back', { path: '/history' }, async ({ page }) => {
  const boxes = page.getByRole('group', { name: /^Stacks/ });
  await boxes.getByRole('checkbox').first().waitFor();
  await page.getByLabel('Phase').selectOption('json/c32');
  await boxes.getByRole('checkbox', { name: /net\/http/ }).check();
  await page.waitForURL(/case=go-nethttp\/single/);
  const before = await rows(page);
  await page.reload();
  await settled(page);
  assert.deepEqual(await rows(page), before);
  assert.ok(await boxes.getByRole('checkbox', { name: /net\/http/ }).isChecked());
  await page.getByLabel('Figure').selectOption('idle_pss_bytes');
  await page.getByRole('figure', { name: /^Idle memory.*trials as a whole/ }).waitFor();
  await page.goBack();
  assert.deepEqual(await rows(page), before);
});

check('a range is chosen with the keys, and left again', { path: kTwo }, async ({ page, api }) => {
  const [line] = await lines(api);
  await rows(page);
  const plot = page.getByRole('group', { name: new RegExp(`^${kTitle}\\. Use`) });
  await plot.focus();
  await page.keyboard.press('Home');
  await plot.locator('xpath=..').locator('[aria-live]').filter({ hasText: /^run of 29 Nov 2026.*: .*\/s/ }).waitFor();
  await page.keyboard.down('Shift');
  await page.keyboard.press('End');
  await page.keyboard.up('Shift');
  await page.waitForURL(/since=.*&until=/);
  assert.equal((await rows(page)).length, line.items.length);
  await page.getByLabel('To (UTC)').fill('2026-11-29');
  await page.keyboard.press('Enter');
  await page.getByText('No run in this range.').first().waitFor();
  await page.getByRole('link', { name: 'Whole history' }).click();
  assert.equal((await rows(page)).length, line.items.length);
  assert.ok(!page.url().includes('since'));
});

check('a point opens its run, by Enter and by a click', { path: kTwo }, async ({ page, api }) => {
  const [line] = await lines(api);
  await rows(page);
  const plot = page.getByRole('group', { name: new RegExp(`^${kTitle}\\. Use`) });
  await plot.focus();
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/runs/${line.items.at(-1).run}?phase=json/c32`);
  await page.goBack();
  await rows(page);
  const box = await plot.locator('.u-over').boundingBox();
  await page.mouse.click(box.x + 4, box.y + box.height / 2);
  await page.waitForURL(`**/runs/${line.items[0].run}?phase=json/c32`);
});

check('the keyboard alone is enough', { path: kTwo }, async ({ page }) => {
  await rows(page);
  await walk(page);
});

checkLooks('history', kTwo, (page) => page.getByRole('figure', { name: kTitle }).waitFor());
