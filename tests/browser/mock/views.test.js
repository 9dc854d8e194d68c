// Every view, in light, dark and forced colours, narrow and wide: it is there, it fits, and it can be used by everyone.
import assert from 'node:assert/strict';
import { faults } from '../lib/axe.js';
import { seen } from '../lib/closely.js';
import { overflow, settled } from '../lib/page.js';
import { suite } from '../lib/suite.js';
import { openAll } from '../lib/tables.js';
import { views } from '../lib/views.js';

const { check } = suite();

const looks = [
  { name: 'light', dark: false },
  { name: 'dark', dark: true },
];

for (const view of views) {
  for (const width of [360, 1280]) {
    for (const look of looks) {
      check(`${view.name} at ${width} px, ${look.name}`, { path: view.path, width, dark: look.dark }, async ({ page }) => {
        await settled(page);
        assert.equal(await page.locator('h1').innerText(), view.heading);
        if (view.below) await seen(page, view.below);
        assert.equal(await overflow(page), 0, 'the page scrolls sideways');
        await openAll(page.locator('main'));
        assert.equal(await overflow(page), 0, 'with every table open the page scrolls sideways');
        assert.deepEqual(await faults(page), []);
      });
    }
  }
  check(`${view.name} in forced colours`, { path: view.path, forced: true }, async ({ page }) => {
    await settled(page);
    if (view.below) await seen(page, view.below);
    assert.deepEqual(await faults(page), []);
  });
  check(`${view.name} at 320 px reflows`, { path: view.path, width: 320 }, async ({ page }) => {
    await settled(page);
    assert.equal(await overflow(page), 0);
  });
}
