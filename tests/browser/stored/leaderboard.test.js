// All stacks in order, on results that a daemon stored: places, values, ties and what has no place are those of the API.
import assert from 'node:assert/strict';
import { settled } from '../lib/page.js';
import { stored, walk } from '../lib/stored.js';
import { numberIn, openTable } from '../lib/tables.js';

const { check, checkLooks } = stored('schema_13');
const kUsers = '/leaderboard?board=users/c32';
const figure = (page) => page.locator('figure.card');
const plain = (text) => text.replaceAll('\u00a0', ' ').replaceAll('\u202f', ' ');

async function rows(page) {
  await figure(page).waitFor();
  return (await openTable(figure(page))).evaluateAll((all) =>
    all.map((row) => {
      const cell = (label) => [...row.querySelectorAll('td')].find((each) => each.dataset.label === label);
      return {
        stack: row.querySelector('th small').textContent,
        place: cell('Place').querySelector('span').firstChild.textContent,
        value: (cell('Throughput') ?? cell('Latency p99') ?? cell('Of the first'))?.title,
        ratio: cell('Of the first (95 %)')?.title,
        note: cell('Note').innerText,
        run: cell('Newest run').querySelector('a').getAttribute('href'),
      };
    }),
  );
}

const placeOf = (row) => (row.rank === undefined ? '–' : [...new Set(row.rank)].join('–'));
const digits = (value) => Number(value.toPrecision(12));

for (const phase of ['json/c32', 'users/c32', 'json/c32/r30%json_cap']) {
  check(`places, values and ratios of ${phase} equal the API, in its order`, { path: `/leaderboard?board=${encodeURIComponent(phase)}` }, async ({ page, api }) => {
    const { boards } = await api('/leaderboard');
    const board = boards.find((one) => one.phase === phase);
    const shown = await rows(page);
    assert.deepEqual(shown.map((row) => row.stack), board.rows.map((row) => row.stack));
    assert.deepEqual(shown.map((row) => row.place), board.rows.map(placeOf));
    assert.deepEqual(shown.map((row) => row.run), board.rows.map((row) => `/runs/${row.run}`));
    shown.forEach((row, i) => {
      assert.equal(numberIn(row.value), digits(board.rows[i].value));
      if (board.rows[i].ratio !== undefined) assert.equal(numberIn(row.ratio), digits(board.rows[i].ratio));
    });
  });
}

check('several workloads come first, as the API makes one of them', { path: '/leaderboard' }, async ({ page, api }) => {
  const { overall } = await api('/leaderboard');
  const shown = await rows(page);
  assert.match(await figure(page).getByRole('heading').innerText(), /^Throughput, all 3 workloads$/);
  assert.deepEqual(shown.map((row) => row.stack), overall[0].rows.map((row) => row.stack));
  assert.deepEqual(shown.map((row) => row.place), overall[0].rows.map(placeOf));
  shown.forEach((row, i) => assert.equal(numberIn(row.value), digits(overall[0].rows[i].ratio)));
});

check('ties stand in one bracket, and what has no place says why', { path: kUsers }, async ({ page, api }) => {
  const { boards } = await api('/leaderboard');
  const board = boards.find((one) => one.phase === 'users/c32');
  const shown = await rows(page);
  const tied = board.rows.filter((row) => row.group === 1);
  const bracket = figure(page).locator('li.tie');
  assert.equal(await bracket.count(), 1);
  assert.deepEqual(await bracket.locator('li.row .who a').allInnerTexts(), tied.map((row) => row.title));
  const why = { database: 'limited by database', waiting: 'CPU not saturated' };
  for (const row of board.rows.filter((one) => one.why)) assert.ok(shown.find((one) => one.stack === row.stack).note.includes(why[row.why]));
  const mark = figure(page).locator('li.row').getByRole('button', { name: /^CPU not saturated/ });
  await mark.press('Enter');
  await page.locator('.why:popover-open', { hasText: 'this may not be its limit' }).waitFor();
});

check('what a decision lacks is said as the API has it', { path: '/leaderboard' }, async ({ page, api }) => {
  const { pool } = await api('/leaderboard');
  assert.ok(pool.nights_lacking > 0);
  const said = plain(await page.getByRole('region', { name: 'What is shown' }).innerText());
  assert.ok(said.includes(`Rests on ${pool.blocks} blocks: too few for a decision, which needs ${pool.blocks_needed} blocks.`), said);
});

check('filters and figures are in the address, over reload and back', { path: '/leaderboard?board=json/c32' }, async ({ page, api }) => {
  const all = await rows(page);
  await page.locator('summary', { hasText: 'Language' }).click();
  await page.getByRole('checkbox', { name: 'go' }).check();
  await page.getByRole('checkbox', { name: 'node' }).check();
  await page.waitForURL(/\?board=json\/c32&language=go,node$/);
  await page.locator('summary', { hasText: 'Language: go, node' }).waitFor();
  const { boards } = await api('/leaderboard?language=go&language=node');
  const wanted = boards.find((one) => one.phase === 'json/c32').rows;
  await page.waitForFunction((n) => document.querySelectorAll('figure tbody tr').length === n, wanted.length);
  const some = await rows(page);
  assert.deepEqual(some.map((row) => [row.stack, row.place]), wanted.map((row) => [row.stack, placeOf(row)]));
  await page.reload();
  await settled(page);
  assert.deepEqual(await rows(page), some);
  await page.goBack();
  await page.goBack();
  await page.waitForFunction((n) => document.querySelectorAll('figure tbody tr').length === n, all.length);
  assert.deepEqual(await rows(page), all);
  await page.getByLabel('Figure').selectOption('idle_pss_bytes');
  await page.waitForURL(/metric=idle_pss_bytes$/);
  const memory = await api('/leaderboard?metric=idle_pss_bytes');
  await page.getByRole('heading', { name: /^Idle memory/ }).waitFor();
  assert.deepEqual((await rows(page)).map((row) => row.stack), memory.boards[0].rows.map((row) => row.stack));
});

check('filters that leave nothing say so, and lead back', { path: '/leaderboard?language=go&class=tuned' }, async ({ page }) => {
  await page.getByText('No stack has this figure with these filters.').waitFor();
  await page.getByRole('link', { name: 'All stacks' }).first().click();
  await figure(page).waitFor();
  assert.ok(page.url().endsWith('/leaderboard'));
});

check('it is reached from the head of every page', { path: '/' }, async ({ page }) => {
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Leaderboard' }).click();
  await figure(page).waitFor();
  assert.equal(await page.title(), 'Leaderboard · stackdyno');
  await page.goBack();
  await page.getByRole('link', { name: 'All stacks in order' }).click();
  await figure(page).waitFor();
});

check('the keyboard alone is enough', { path: kUsers }, async ({ page }) => {
  await rows(page);
  await walk(page);
});

checkLooks('leaderboard', '/leaderboard', (page) => figure(page).waitFor());
checkLooks('leaderboard of one phase', kUsers, (page) => figure(page).waitFor());
