// A picture of one page of a running dynod, as the README shows it: node lib/picture.js <address of the page> <file.png> [dark]
import { launch } from './chromium.js';
import { openPage, settled } from './page.js';

const [url, file, theme] = process.argv.slice(2);
if (!url || !file) throw new Error('usage: node lib/picture.js <address of the page> <file.png> [dark]');
const browser = await launch();
const { page } = await openPage(browser, { width: 1280, dark: theme === 'dark', url });
await settled(page);
await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))); // charts are drawn
await page.screenshot({ path: file });
await browser.close();
