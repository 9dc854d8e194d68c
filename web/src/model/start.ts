// What a run is started with: stacks with their variants, and what somebody chose last time. Pure.
import type { Profile, Stack } from './catalog';
import { aboutSpan, counted } from './units';

// node-fastify@node-24 and go-nethttp+pq are variants of their stacks.
export interface StackGroup {
  name: string; // of the stack itself
  title: string;
  stack?: Stack; // absent: only variants of it are there
  variants: Stack[];
}

function baseOf(name: string): string {
  return name.split(/[@+]/)[0] as string;
}

export function isVariant(name: string): boolean {
  return baseOf(name) !== name;
}

export function groupsOf(stacks: readonly Stack[]): StackGroup[] {
  const groups = new Map<string, StackGroup>();
  for (const stack of stacks) {
    const name = baseOf(stack.name);
    const group = groups.get(name) ?? { name, title: name, variants: [] };
    if (stack.name === name) Object.assign(group, { stack, title: stack.title });
    else group.variants.push(stack);
    groups.set(name, group);
  }
  return [...groups.values()];
}

export interface StartChoice {
  stacks: string[];
  profile: string;
}

// What was chosen last time, as far as it is still there; at first every stack without its variants, for a first look.
export function choiceAtFirst(
  stacks: readonly Stack[],
  profiles: readonly Profile[],
  last: StartChoice | undefined,
): StartChoice {
  const names = stacks.map((stack) => stack.name);
  const kept = last?.stacks.filter((name) => names.includes(name)) ?? [];
  const profile =
    profiles.find((each) => each.name === last?.profile) ??
    profiles.find((each) => each.name === 'quick') ??
    profiles[0];
  return {
    stacks: kept.length > 0 ? kept : names.filter((name) => !isVariant(name)),
    profile: profile?.name ?? '',
  };
}

// As it was stored; nothing where that is no choice.
export function choiceFrom(text: string | null): StartChoice | undefined {
  if (text === null) return undefined;
  try {
    const value = JSON.parse(text) as Partial<StartChoice> | null;
    if (typeof value?.profile !== 'string' || !Array.isArray(value.stacks)) return undefined;
    return { profile: value.profile, stacks: value.stacks.filter((name) => typeof name === 'string') };
  } catch {
    return undefined;
  }
}

// "All 9 stacks", "9 stacks and 3 variants", "Go net/http, Axum (Rust)".
export function chosenWords(stacks: readonly Stack[], chosen: ReadonlySet<string>): string {
  const kNamed = 3;
  const picked = stacks.filter((stack) => chosen.has(stack.name));
  if (picked.length === 0) return 'none';
  if (picked.length <= kNamed) return picked.map((stack) => stack.title).join(', ');
  const variants = picked.filter((stack) => isVariant(stack.name)).length;
  const own = picked.length - variants;
  const isAll = own === stacks.filter((stack) => !isVariant(stack.name)).length;
  const said = own === 0 ? '' : `${isAll ? 'all ' : ''}${counted(own, 'stack')}`;
  const more = variants === 0 ? '' : counted(variants, 'variant');
  return [said, more].filter(Boolean).join(' and ');
}

// "About 3 min, until 14:35, without builds and what waits before it."
export function expectedWords(profile: Profile, stacks: number, now: Date): string {
  if (stacks === 0) return '';
  const seconds = (profile.expected_ns / 1e9) * stacks;
  const end = new Date(now.getTime() + seconds * 1000);
  const clock = `${String(end.getHours()).padStart(2, '0')}:${String(end.getMinutes()).padStart(2, '0')}`;
  return `About ${aboutSpan(seconds)}, until ${clock}, without builds and what waits before it.`;
}
