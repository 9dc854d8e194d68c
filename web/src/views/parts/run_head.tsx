// The head of everything that belongs to a run: what it was, how it ended, and what must be known to read its numbers.
import { homeUrl, runUrl } from '../../model/route';
import { lasted, type Run, shortId, words } from '../../model/run';
import { spell, stamp } from '../../model/units';
import { StateTag } from './states';

export function runTitle(run: Run): string {
  const stacks =
    run.stacks.length === 1 ? (run.stacks[0]?.title ?? run.stacks[0]?.name) : `${run.stacks.length} stacks`;
  return `${stacks}, ${run.profile.name}`;
}

export function Crumbs({ run, here }: { run?: string; here: string }) {
  return (
    <nav class="crumbs" aria-label="Where this is">
      <a href={homeUrl}>Runs</a>
      {run !== undefined && (
        <>
          <span aria-hidden="true">›</span>
          <a href={runUrl(run)}>Run {shortId(run)}</a>
        </>
      )}
      <span aria-hidden="true">›</span>
      <span aria-current="page">{here}</span>
    </nav>
  );
}

export function RunTags({ run, n }: { run: Run; n?: string }) {
  const stoodIn = run.stacks.some((s) => s.base_kind === 'stand_in');
  return (
    <div class="line">
      <StateTag state={run.state} />
      <span class="tag" title="Numbers of another machine, kernel or engine are not comparable with these.">
        on this machine
      </span>
      {n !== undefined && <span class="tag">n = {n}</span>}
      {run.co_located && (
        <span class="tag warn" title="The load generator shares CPUs with the daemon or the database.">
          co-located
        </span>
      )}
      {stoodIn && (
        <span class="tag warn" title="No image registry answered: not comparable with results on official base images.">
          stand-in base images
        </span>
      )}
    </div>
  );
}

export function RunFacts({ run }: { run: Run }) {
  const seconds = lasted(run, Date.now());
  const facts: [string, string][] = [
    ['Started', run.started_at === undefined ? 'not yet' : stamp(run.started_at)],
    ['Took', seconds === undefined ? '–' : spell(seconds)],
    ['Measured', spell(run.measured_ns / 1e9)],
    ['Blocks', String(run.blocks)],
    ['Asked for by', run.schedule ?? words(run.trigger)],
    ['Seed', run.seed],
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

// Everything that keeps the numbers from being taken at face value, in words.
export function Warnings({ run }: { run: Run }) {
  const failed = run.stacks.filter((s) => s.failure !== undefined);
  if (run.reason === undefined && run.warnings.length === 0 && failed.length === 0) return null;
  return (
    <section class="stackup" aria-label="What to know">
      {run.reason !== undefined && (
        <div class={`notice ${run.state === 'succeeded' ? '' : 'bad'}`}>
          <b>The run {words(run.state)}</b>
          <span>{run.reason}</span>
        </div>
      )}
      {failed.map((stack) => (
        <div class="notice bad" key={stack.name}>
          <b>{stack.title ?? stack.name} could not be built</b>
          <pre>{stack.failure}</pre>
        </div>
      ))}
      {run.warnings.map((gate) => (
        <div class="notice warn" key={gate.gate + gate.text}>
          <b>{words(gate.gate)}</b>
          <span>{gate.text}</span>
        </div>
      ))}
    </section>
  );
}
