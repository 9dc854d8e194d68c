// The part of a page that is made when somebody is about to see it.
import { settled } from './page.js';

export async function seen(page, id = 'closely') {
  const part = page.locator(`#${id}`);
  await part.scrollIntoViewIfNeeded();
  await part.getByRole('figure').first().waitFor();
  await settled(page);
  return part;
}
