// Starts a run: which stacks, under which profile. What the API refuses is shown in its own words, fault by fault.
import { useMemo, useState } from 'preact/hooks';
import * as client from '../../api/client';
import { type Catalog, type Profile, profileSentence, type Stack } from '../../model/catalog';
import type { Problem } from '../../model/problem';
import { liveUrl } from '../../model/route';
import { go } from '../../state/location';
import { matches, Search, usePart } from './long_list';
import { Empty, Failed } from './states';

// node-fastify@node-24 and go-nethttp+pq are variants of their stacks: offered, but not ticked at first.
const isNoVariant = (name: string) => !/[@+]/.test(name);

interface Props {
  stacks: Catalog<Stack>;
  profiles: Catalog<Profile>;
}

export function StartForm({ stacks, profiles }: Props) {
  const [chosen, setChosen] = useState(() => new Set(stacks.items.map((s) => s.name).filter(isNoVariant)));
  const [profile, setProfile] = useState(() => preferred(profiles.items));
  const [wanted, setWanted] = useState('');
  const { part, more } = usePart(stacks.items.filter((stack) => matches(wanted, stack)));
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  // One key per choice: sending it again after a lost answer starts no second run.
  const key = useMemo(() => crypto.randomUUID(), [chosen, profile]);

  const toggle = (name: string) => {
    const next = new Set(chosen);
    if (!next.delete(name)) next.add(name);
    setChosen(next);
  };
  const send = async (event: Event) => {
    event.preventDefault();
    setSending(true);
    setProblem(undefined);
    const names = stacks.items.map((s) => s.name).filter((name) => chosen.has(name));
    const answer = await client.start({ stacks: names, profile }, key);
    setSending(false);
    if (answer.ok) go(liveUrl(answer.value.id));
    else setProblem(answer.problem);
  };

  if (stacks.items.length === 0) return <Empty title="No stacks yet.">Add one to the stacks folder.</Empty>;
  return (
    <form class="stackup" onSubmit={send}>
      <fieldset>
        <legend>Stacks</legend>
        <Search of={stacks.items} what="a stack" wanted={wanted} set={setWanted} />
        <div class="line small">
          <button type="button" onClick={() => setChosen(new Set(stacks.items.map((s) => s.name)))}>
            All
          </button>
          <button type="button" onClick={() => setChosen(new Set())}>
            None
          </button>
        </div>
        <div class="choices">
          {part.map((stack) => (
            <label key={stack.name}>
              <input
                type="checkbox"
                name="stack"
                value={stack.name}
                checked={chosen.has(stack.name)}
                onChange={() => toggle(stack.name)}
              />
              <span>
                {stack.title} <span class="soft small">{stack.version}</span>
              </span>
            </label>
          ))}
          {more}
        </div>
      </fieldset>
      <div class="field">
        <label for="profile">Profile</label>
        <select id="profile" value={profile} onChange={(e) => setProfile(e.currentTarget.value)}>
          {profiles.items.map((p) => (
            <option key={p.name} value={p.name}>
              {p.name}
            </option>
          ))}
        </select>
        <ProfileWords profile={profiles.items.find((p) => p.name === profile)} stacks={chosen.size} />
      </div>
      <div class="line">
        <button class="primary" type="submit" disabled={sending || chosen.size === 0 || profile === ''}>
          {sending ? 'Starting …' : `Run ${chosen.size} ${chosen.size === 1 ? 'stack' : 'stacks'}`}
        </button>
      </div>
      {problem && <Failed problem={problem} />}
    </form>
  );
}

function ProfileWords({ profile, stacks }: { profile: Profile | undefined; stacks: number }) {
  if (!profile) return null;
  return (
    <p class="soft small">
      {profile.purpose}
      <br />
      {profileSentence(profile, stacks)}
    </p>
  );
}

function preferred(profiles: Profile[]): string {
  return (profiles.find((p) => p.name === 'quick') ?? profiles[0])?.name ?? '';
}
