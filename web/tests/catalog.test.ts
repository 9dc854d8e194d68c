import { describe, expect, it } from 'vitest';
import * as wire from '../src/api/wire';
import { type Profile, profileSentence } from '../src/model/catalog';
import { faultText } from '../src/model/problem';
import { fixture } from './fixtures';

describe('a profile', () => {
  const [quick] = wire.profileList(fixture('profiles'), '').items as [Profile];

  it('says its size and about how long it takes', () => {
    expect(profileSentence(quick).replaceAll('\u00a0', ' ')).toBe('3 phases, 2 blocks; about 50 s per stack');
    expect(profileSentence({ ...quick, blocks: 1, expected_ns: 29e9 }).replaceAll('\u00a0', ' ')).toBe(
      '3 phases, 1 block; about 30 s per stack',
    );
  });
});

describe('a fault', () => {
  it.each([
    [{ pointer: '/stacks/0', detail: 'no stack is named "x"' }, 'no stack is named "x"'],
    [{ pointer: '/profile', detail: 'no profile is named "x"' }, 'no profile is named "x"'],
    [{ pointer: '/blocks', detail: 'must be between 1 and 1000' }, 'blocks: must be between 1 and 1000'],
    [{ parameter: 'limit', detail: 'must be between 1 and 200' }, 'limit: must be between 1 and 200'],
    [{ file: 'a.yaml', line: 14, column: 3, detail: 'unknown key' }, 'a.yaml:14:3: unknown key'],
    [{ detail: 'the queue is full' }, 'the queue is full'],
  ])('has its place without a JSON pointer: %o', (fault, text) => {
    expect(faultText({ code: 'x', ...fault })).toBe(text);
  });
});
