// Drives a run with the types that openapi-typescript makes from openapi.json, through openapi-fetch.
import createClient from 'openapi-fetch';
import type { components, paths } from './schema.js';

const client = createClient<paths, 'application/json'>({ baseUrl: process.env['DYNO_URL'] ?? '' });

function given<T>(answer: { data?: T; error?: unknown }): T {
  if (answer.data === undefined) throw new Error(JSON.stringify(answer.error));
  return answer.data;
}

const stacks = given(await client.GET('/api/v1/stacks'));
if (stacks.items.length === 0) throw new Error('no stacks');
let run: components['schemas']['Run'] = given(
  await client.POST('/api/v1/runs', { body: { profile: 'tiny', stacks: ['go-nethttp'] } }),
);
while (run.finished_at === undefined) {
  await new Promise((done) => setTimeout(done, 500));
  run = given(await client.GET('/api/v1/runs/{id}', { params: { path: { id: run.id } } }));
}
if (run.state !== 'succeeded') throw new Error(`the run ${run.state}`);
const path = { id: run.id };
const summaries = given(
  await client.GET('/api/v1/runs/{id}/summaries', { params: { path, query: { metric: ['throughput_per_s'] } } }),
);
const first = summaries.items[0];
if (first === undefined) throw new Error('no summaries');
const trials = given(await client.GET('/api/v1/runs/{id}/trials', { params: { path } }));
const trial = trials.items[0];
if (trial === undefined) throw new Error('no trials');
given(await client.GET('/api/v1/trials/{id}', { params: { path: { id: trial.id } } }));
console.log(`${first.stack}: ${first.value.toFixed(0)} 1/s`);
