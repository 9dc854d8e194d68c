// The example run with each of its stacks many times, as answers of the mock.
import { fixture, kFinished, selected } from './mock_server.js';

export function manyStacks(copies) {
  const run = fixture('run');
  const summaries = fixture('summaries');
  const all = [...Array(copies).keys()];
  const named = (name, copy) => `${name}-${String(copy).padStart(2, '0')}`;
  const stacks = all.flatMap((i) => run.stacks.map((s) => ({ ...s, name: named(s.name, i), title: `${s.title} ${i}` })));
  const list = {
    ...summaries,
    cases: all.flatMap((i) => summaries.cases.map((name) => `${named(name.split('/')[0], i)}/single`)),
    items: all.flatMap((i) =>
      summaries.items.map((s) => ({ ...s, stack: named(s.stack, i), case: `${named(s.stack, i)}/single`, value: s.value * (1 + i / 1000) })),
    ),
  };
  return {
    [`GET /api/v1/runs/${kFinished}`]: { body: { ...run, stacks } },
    [`GET /api/v1/runs/${kFinished}/summaries`]: (_, query) => ({ body: selected(list, query) }),
  };
}
