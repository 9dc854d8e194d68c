// axe on a page: every rule of WCAG 2.2 A and AA, and best practice. Under Trusted Types no script tag can be added,
// so the source is evaluated.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const kSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const kTags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export async function faults(page) {
  await page.evaluate(kSource);
  const { violations } = await page.evaluate((tags) => globalThis.axe.run(document, { runOnly: tags }), kTags);
  return violations.map((v) => `${v.id}: ${v.nodes.map((n) => `${n.target.join(' ')} (${n.any[0]?.message ?? v.help})`).join(' | ')}`);
}
