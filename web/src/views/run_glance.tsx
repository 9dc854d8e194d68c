// Every stack in every phase of a run, and who leads where by the paired comparisons of the API.
import { useEffect, useMemo } from 'preact/hooks';
import * as client from '../api/client';
import type { Compared } from '../model/compare';
import { bestOf, type Lead, leadOf, type Matrix, pairsOf, rivalsOf } from '../model/matrix';
import { type RunRoute, runUrl } from '../model/route';
import { hasEnded, type Run } from '../model/run';
import { Later } from './parts/later';
import { Found, kDrawnAtOnce } from './parts/long_list';
import { MatrixKey, MatrixTable } from './parts/matrix';
import { useLoad } from './use_load';

export interface Leads {
  of: Map<string, Lead>; // by phase
  pairs: Map<string, Map<string, Compared>>; // by the best of a phase: each rival against it
}

export const kNoLeads: Leads = { of: new Map(), pairs: new Map() };
const kMostPairs = 24;
// Of the table on a wide screen: heading, phases and key, and a row.
const kAroundRem = 14;
const kRowRem = 2.375;

// Stacks × phases first: who leads where, and what may not be ranked.
export function Glance(props: {
  run: Run;
  phase: string | undefined;
  route: RunRoute;
  matrix: Matrix | undefined;
  tell: (leads: Leads) => void;
  open: (phase: string) => void;
}) {
  const { run, matrix, tell } = props;
  const wanted = matrix === undefined || !hasEnded(run.state) ? [] : pairsOf(matrix, kMostPairs);
  // What they add has its place in the cells: the page need not wait for it.
  const pairs = useLoad(
    `pairs ${run.id} ${wanted.map((pair) => `${pair.best} ${pair.rival}`).join()}`,
    () => comparedPairs(run.id, wanted),
    { isAwaited: false },
  );
  const answers = pairs.now.value;
  const leads = useMemo(
    () => (matrix && answers.status === 'ready' ? leadsOf(matrix, answers.value) : kNoLeads),
    [matrix, answers],
  );
  useEffect(() => tell(leads), [leads]);
  if (matrix === undefined || matrix.rows.length === 0) return null;
  return (
    <Later height={`${kAroundRem + kRowRem * Math.min(matrix.rows.length, kDrawnAtOnce)}rem`}>
      <section class="card" aria-labelledby="glance">
        <h2 id="glance">Every stack in every phase</h2>
        <p class="soft small">
          Each as a share of the best of its phase: throughput of closed loops, p99 of open loops. A cell opens its
          chart.
        </p>
        <Found wanted={props.route.find ?? ''}>
          <MatrixTable
            matrix={matrix}
            leads={leads.of}
            phase={props.phase}
            link={(phase) => runUrl(run.id, phase)}
            open={props.open}
          />
        </Found>
        <div class="soft small">
          <MatrixKey />
        </div>
      </section>
    </Later>
  );
}

// Each pair over all phases, of trials that were measured in the same blocks.
async function comparedPairs(
  run: string,
  pairs: { best: string; rival: string }[],
): Promise<client.Answer<Map<string, Compared[]>>> {
  const answers = await Promise.all(
    pairs.map(({ best, rival }) =>
      client.compare(run, run, {
        a_case: [best],
        b_case: [rival],
        metric: ['throughput_per_s', 'latency_p99_ns', 'delivery_p99_ns'],
      }),
    ),
  );
  const found = new Map<string, Compared[]>();
  pairs.forEach(({ best, rival }, i) => {
    const answer = answers[i];
    if (answer?.ok) found.set(`${best} ${rival}`, answer.value.items);
  });
  return { ok: true, value: found };
}

function leadsOf(matrix: Matrix, answers: Map<string, Compared[]>): Leads {
  const leads: Leads = { of: new Map(), pairs: new Map() };
  for (const [phase, board] of matrix.boards) {
    const best = bestOf(board)?.case;
    const pairs = new Map<string, Compared>();
    for (const rival of rivalsOf(board)) {
      const one = answers
        .get(`${best} ${rival}`)
        ?.find((each) => each.phase === phase && each.metric === board.headline);
      if (one) pairs.set(rival, one);
    }
    const lead = leadOf(board, pairs);
    if (lead === undefined) continue;
    leads.of.set(phase, lead);
    leads.pairs.set(phase, pairs);
  }
  return leads;
}
