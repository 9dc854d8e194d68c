// The part of a run's page that is made when somebody is about to see it.
import { settled } from './page.js';

export async function seen(page) {
  const part = page.locator('#closely');
  await part.scrollIntoViewIfNeeded();
  await part.getByRole('figure').first().waitFor();
  await settled(page);
  return part;
}
