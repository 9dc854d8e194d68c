// The picture of one page of a running dashboard, for README: node lib/picture.js <url> <file.png>
import { launch } from './chromium.js';
import { openPage, settled } from './page.js';

const [url, file] = process.argv.slice(2);
if (!file) {
  console.error('usage: node lib/picture.js <url> <file.png>');
  process.exit(2);
}
const browser = await launch();
const { page, close } = await openPage(browser, { width: 1280, dark: false, url });
await settled(page);
await page.waitForTimeout(300);
await page.screenshot({ path: file, fullPage: true });
await close();
await browser.close();
