// What somebody chose to run last time, kept in the browser.
import { choiceFrom, type StartChoice } from '../model/start';

const kKey = 'stackdyno-start';

export function lastChoice(): StartChoice | undefined {
  try {
    return choiceFrom(localStorage.getItem(kKey));
  } catch {
    return undefined;
  }
}

export function keepChoice(choice: StartChoice): void {
  try {
    localStorage.setItem(kKey, JSON.stringify(choice));
  } catch {
    // Storage may be forbidden; the next visit then begins as the first.
  }
}
