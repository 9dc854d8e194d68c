// Starts a run: which stacks, under which profile, and how long that takes. In one line until somebody opens the list of stacks. What the API
// refuses is shown in its own words, fault by fault.
import { useMemo, useState } from 'preact/hooks';
import * as client from '../../api/client';
import { type Catalog, type Profile, profileSentence, type Stack } from '../../model/catalog';
import type { Problem } from '../../model/problem';
import { liveUrl } from '../../model/route';
import { choiceAtFirst, chosenWords, expectedWords, groupsOf, isVariant, type StackGroup } from '../../model/start';
import { counted } from '../../model/units';
import { go } from '../../state/location';
import { keepChoice, lastChoice } from '../../state/start_choice';
import { matches, Search, usePart } from './long_list';
import { Empty, Failed } from './states';

interface Props {
  stacks: Catalog<Stack>;
  profiles: Catalog<Profile>;
}

export function StartForm({ stacks, profiles }: Props) {
  const [choice, setChoice] = useState(() => choiceAtFirst(stacks.items, profiles.items, lastChoice()));
  const [isOpen, setOpen] = useState(false);
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  // One key per choice: sending it again after a lost answer starts no second run.
  const key = useMemo(() => crypto.randomUUID(), [choice]);
  const chosen = useMemo(() => new Set(choice.stacks), [choice]);
  const profile = profiles.items.find((each) => each.name === choice.profile);

  const choose = (next: Partial<typeof choice>) => {
    const all = { ...choice, ...next };
    setChoice(all);
    keepChoice(all);
  };
  const send = async (event: Event) => {
    event.preventDefault();
    setSending(true);
    setProblem(undefined);
    const names = stacks.items.map((stack) => stack.name).filter((name) => chosen.has(name));
    const answer = await client.start({ stacks: names, profile: choice.profile }, key);
    setSending(false);
    if (answer.ok) go(liveUrl(answer.value.id));
    else setProblem(answer.problem);
  };

  if (stacks.items.length === 0) return <Empty title="No stacks yet.">Add one to the stacks folder.</Empty>;
  return (
    <form class="stackup" onSubmit={send}>
      <div class="line start">
        <label class="field">
          <b>Profile</b>
          <select value={choice.profile} onChange={(e) => choose({ profile: e.currentTarget.value })}>
            {profiles.items.map((each) => (
              <option key={each.name} value={each.name}>
                {each.name}
              </option>
            ))}
          </select>
        </label>
        <p class="soft small">
          {profile?.purpose}
          <br />
          {profile && `${profileSentence(profile)}. `}
          <b>{profile && expectedWords(profile, chosen.size, new Date())}</b>
        </p>
        <button class="primary push" type="submit" disabled={sending || chosen.size === 0 || profile === undefined}>
          {sending ? 'Starting …' : `Run ${counted(chosen.size, 'stack')}`}
        </button>
      </div>
      <details class="filter" onToggle={(e) => e.currentTarget.open && setOpen(true)}>
        <summary>Stacks: {chosenWords(stacks.items, chosen)}</summary>
        {isOpen && (
          <StackChoice stacks={stacks.items} chosen={chosen} choose={(names) => choose({ stacks: [...names] })} />
        )}
      </details>
      {problem && <Failed problem={problem} />}
    </form>
  );
}

interface ChoiceProps {
  stacks: Stack[];
  chosen: ReadonlySet<string>;
  choose: (names: Iterable<string>) => void;
}

function StackChoice({ stacks, chosen, choose }: ChoiceProps) {
  const [wanted, setWanted] = useState('');
  const groups = useMemo(() => groupsOf(stacks), [stacks]);
  const found = groups.flatMap((group) => foundIn(group, wanted) ?? []);
  const { part, more } = usePart(found);
  const toggle = (name: string) => {
    const next = new Set(chosen);
    if (!next.delete(name)) next.add(name);
    choose(next);
  };
  const own = stacks.filter((stack) => !isVariant(stack.name)).map((stack) => stack.name);
  return (
    <fieldset class="stackup">
      <legend class="unseen">Stacks</legend>
      <Search of={stacks} what="a stack" wanted={wanted} set={setWanted} />
      <div class="line small">
        <button type="button" onClick={() => choose(own)}>
          All
        </button>
        {own.length < stacks.length && (
          <button type="button" onClick={() => choose(stacks.map((stack) => stack.name))}>
            All with variants
          </button>
        )}
        <button type="button" onClick={() => choose([])}>
          None
        </button>
      </div>
      <ul class="choices">
        {part.map((group) => (
          <Group key={group.name} group={group} chosen={chosen} toggle={toggle} isOpen={wanted.trim() !== ''} />
        ))}
      </ul>
      {more}
    </fieldset>
  );
}

// Of a stack that is wanted all variants; otherwise those that are wanted themselves.
function foundIn(group: StackGroup, wanted: string): StackGroup | undefined {
  if (matches(wanted, group)) return group;
  const variants = group.variants.filter((variant) => matches(wanted, variant));
  return variants.length === 0 ? undefined : { ...group, variants };
}

function Group(props: {
  group: StackGroup;
  chosen: ReadonlySet<string>;
  toggle: (name: string) => void;
  isOpen: boolean; // something was searched for
}) {
  const { group, chosen, toggle } = props;
  const { stack, variants } = group;
  const picked = variants.filter((variant) => chosen.has(variant.name)).length;
  return (
    <li>
      {stack === undefined ? <span>{group.title}</span> : <Box stack={stack} chosen={chosen} toggle={toggle} />}
      {variants.length > 0 && (
        <details open={props.isOpen || picked > 0}>
          <summary>
            {counted(variants.length, 'variant')}
            {picked > 0 && `, ${picked} chosen`}
            <span class="unseen"> of {group.title}</span>
          </summary>
          {variants.map((variant) => (
            <Box key={variant.name} stack={variant} chosen={chosen} toggle={toggle} />
          ))}
        </details>
      )}
    </li>
  );
}

function Box(props: { stack: Stack; chosen: ReadonlySet<string>; toggle: (name: string) => void }) {
  const { stack, chosen, toggle } = props;
  return (
    <label class="check">
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
  );
}
