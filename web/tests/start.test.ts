import { describe, expect, it } from 'vitest';
import * as wire from '../src/api/wire';
import type { Profile, Stack } from '../src/model/catalog';
import { choiceAtFirst, choiceFrom, chosenWords, expectedWords, groupsOf } from '../src/model/start';
import { fixture } from './fixtures';

const [one] = wire.stackList(fixture('stacks'), '').items as [Stack];
const profiles = wire.profileList(fixture('profiles'), '').items;
const named = (name: string): Stack => ({ ...one, name, title: name.toUpperCase() });
const stacks = ['go-gin', 'go-nethttp+pq', 'go-nethttp', 'go-nethttp@go-1.25', 'node@node-22', 'rust-axum'].map(named);
const own = ['go-gin', 'go-nethttp', 'rust-axum'];

describe('the start of a run', () => {
  it('has variants under their stack, wherever they stand', () => {
    expect(
      groupsOf(stacks).map(({ title, stack, variants }) => [title, stack?.name, variants.map((v) => v.name)]),
    ).toEqual([
      ['GO-GIN', 'go-gin', []],
      ['GO-NETHTTP', 'go-nethttp', ['go-nethttp+pq', 'go-nethttp@go-1.25']],
      ['node', undefined, ['node@node-22']],
      ['RUST-AXUM', 'rust-axum', []],
    ]);
  });

  it('begins with what was chosen last, as far as it is there, and at first with no variants', () => {
    expect(choiceAtFirst(stacks, profiles, undefined)).toEqual({ stacks: own, profile: 'quick' });
    const last = { stacks: ['go-nethttp@go-1.25', 'gone'], profile: 'gone' };
    expect(choiceAtFirst(stacks, profiles, last)).toEqual({ stacks: ['go-nethttp@go-1.25'], profile: 'quick' });
    expect(choiceAtFirst(stacks, profiles, { stacks: ['gone'], profile: 'quick' }).stacks).toEqual(own);
    expect(choiceAtFirst([], [], undefined)).toEqual({ stacks: [], profile: '' });
  });

  it.each([null, '', '{', 'null', '[]', '{"stacks":"a","profile":"b"}', '{"stacks":[]}'])(
    'takes %j for no choice',
    (text) => {
      expect(choiceFrom(text)).toBeUndefined();
    },
  );

  it('says what is chosen', () => {
    const words = (...names: string[]) => chosenWords(stacks, new Set(names));
    expect(words()).toBe('none');
    expect(words('go-gin', 'node@node-22')).toBe('GO-GIN, NODE@NODE-22');
    expect(words(...stacks.map((s) => s.name))).toBe('all 3 stacks and 3 variants');
    expect(chosenWords([...stacks, named('a'), named('b')], new Set([...own, 'a']))).toBe('4 stacks');
  });

  it('says how long it takes, and until when', () => {
    const profile = { ...(profiles[0] as Profile), expected_ns: 90e9 };
    const now = new Date(2026, 10, 29, 23, 50, 0);
    expect(expectedWords(profile, 8, now).replaceAll('\u00a0', ' ')).toMatch(/^About 12 min, until 00:02, /);
    expect(expectedWords(profile, 0, now)).toBe('');
  });
});
