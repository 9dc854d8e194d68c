// The head of every page of a run: what it was, how it ended, and what a reader must know about its numbers.
import { homeUrl, runUrl } from '../../model/route';
import { blocksTitle, hasEnded, lasted, type Run, shortId, tellsFailures } from '../../model/run';
import { gateTitle, outcomeTitle, starterTitle } from '../../model/titles';
import { spell, stamp } from '../../model/units';
import { StateTag } from './states';

export function runTitle(run: Run): string {
  const stacks =
    run.stacks.length === 1 ? (run.stacks[0]?.title ?? run.stacks[0]?.name) : `${run.stacks.length} stacks`;
  return `${stacks}, ${run.profile.name}`;
}

export function Crumbs({ run, here }: { run?: string; here: string }) {
  return (
    <nav class="crumbs" aria-label="Breadcrumb">
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
      <span class="tag" title="Not comparable with numbers from another machine, kernel or Docker version.">
        on this machine
      </span>
      {n !== undefined && <span class="tag">{n === '1' ? '1 trial' : `${n} trials`}</span>}
      {run.co_located && (
        <span class="tag warn" title="The load generator shares CPUs with the daemon or the database.">
          shared CPUs
        </span>
      )}
      {stoodIn && (
        <span
          class="tag warn"
          title="No image registry was reachable, so the base images were made here. Not comparable with results on official ones."
        >
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
    [hasEnded(run.state) ? 'Took' : 'Running for', seconds === undefined ? '–' : spell(seconds)],
    ['Measured', spell(run.measured_ns / 1e9)],
    ['Blocks', blocksTitle(run)],
    ['Started by', starterTitle(run.trigger, run.schedule)],
    ['Seed', run.seed],
  ];
  if (run.resumed !== undefined) facts.push(['Resumed', run.resumed === 1 ? 'once' : `${run.resumed} times`]);
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

function reasonClass(state: string): string {
  if (state === 'succeeded') return '';
  return state === 'queued' ? 'warn' : 'bad';
}

// Everything that keeps the numbers from being taken at face value. `failed`: the stacks that failed, where that is known.
export function Warnings({ run, failed }: { run: Run; failed?: Set<string> }) {
  const unbuilt = run.stacks.filter((s) => s.failure !== undefined);
  if (run.reason === undefined && run.warnings.length === 0 && unbuilt.length === 0) return null;
  const bad = new Set([...(failed ?? []), ...unbuilt.map((s) => s.name)]);
  return (
    <section class="stackup" aria-label="Warnings">
      {run.reason !== undefined && (
        <div class={`notice ${reasonClass(run.state)}`}>
          <b>{outcomeTitle(run.state, bad.size, run.stacks.length)}</b>
          {!(run.state === 'succeeded' && failed && tellsFailures(run)) && <span>{run.reason}</span>}
        </div>
      )}
      {unbuilt.map((stack) => (
        <div class="notice bad" key={stack.name}>
          <b>{stack.title ?? stack.name} could not be built</b>
          <pre>{stack.failure}</pre>
        </div>
      ))}
      {run.warnings.map((gate) => (
        <div class="notice warn" key={gate.gate + gate.text}>
          <b>{gateTitle(gate.gate)}</b>
          <span>{gate.text}</span>
        </div>
      ))}
    </section>
  );
}
