// What a stack of one's own started from, and that its container may do more than others.
import assert from 'node:assert/strict';
import { fixture, kFinished } from '../lib/mock_server.js';
import { settled } from '../lib/page.js';
import { suite } from '../lib/suite.js';

const { check } = suite();

const run = fixture('run');
const image = { ...run.stacks[0], hash: 'sha256:1', base_kind: 'image', bases: ['IMAGE=nginx:1.29@sha256:5f'] };
const why = "it runs as the image's user";
const answers = (hash) => ({
  [`GET /api/v1/runs/${kFinished}`]: { body: { ...run, id: kFinished, stacks: [image, ...run.stacks.slice(1)] } },
  [`GET /api/v1/stacks/${image.name}`]: {
    body: { ...fixture('stack'), name: image.name, hash, hardened: false, why_not_hardened: why },
  },
});
const path = `/runs/${kFinished}/${image.name}/single`;

check('the page of a stack says what it started from and why it is not hardened', { path, answers: answers('sha256:1') }, async ({ page }) => {
  await settled(page);
  const text = (await page.locator('.head').first().innerText()).replace(/\s+/g, ' ');
  assert.match(text, /Started from the image nginx:1\.29@sha256:5f/);
  assert.match(text, /not hardened it runs as the image's user/);
});

check('of a file that says something else by now nothing is said', { path, answers: answers('sha256:2') }, async ({ page }) => {
  await settled(page);
  assert.equal(await page.getByText('not hardened').count(), 0);
});
