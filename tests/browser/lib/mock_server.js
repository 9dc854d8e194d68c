// Stands in for dynod: serves the built page under dynod's own policy, and the example answers of tests/data/api.
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const kData = fileURLToPath(new URL('../../data/api/', import.meta.url));
export const kDist = process.env.DYNO_WEB_DIST ?? fileURLToPath(new URL('../../../web/dist/', import.meta.url));

const kPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; " +
  "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
const kHeaders = {
  'Content-Security-Policy': kPolicy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
};
const kTypes = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export const kFinished = '019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e44';
export const kRunning = '019aa3c9-0c51-7d0e-9b1c-5f2f6c1d8e45';
export const kQueued = '019aa3d0-0c51-7d0e-9b1c-5f2f6c1d8e46';
export const kCompared = `/compare?a=${kFinished}&b=${kFinished}&a_case=go-nethttp/single&b_case=node-fastify/single`;

export function isBuilt() {
  return existsSync(join(kDist, 'index.html'));
}

export function fixture(name) {
  return JSON.parse(readFileSync(join(kData, `${name}.json`), 'utf8'));
}

// `answers` maps "GET /api/v1/…" to {status, body}, {status, text} or a function of the request body and the query; it wins over the examples.
export async function startMock(answers = {}) {
  const asked = []; // every request for the API, with its body
  const streams = new Set();
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, 'http://localhost');
    if (!url.pathname.startsWith('/api/')) return sendFile(response, url.pathname);
    let body = '';
    for await (const chunk of request) body += chunk;
    const line = `${request.method} ${url.pathname}`;
    asked.push({ line, search: url.search, body, headers: request.headers });
    const own = answers[line];
    if (own !== undefined) return send(response, typeof own === 'function' ? own(body, url.searchParams) : own);
    if (url.pathname === '/api/v1/events') return openStream(response, streams);
    send(response, example(line, url.searchParams));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    asked,
    answers,
    // Sends one event to everybody who watches.
    push(name, data) {
      const id = data.id === undefined ? '' : `id: ${data.id}\n`;
      for (const stream of streams) stream.write(`${id}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
    },
    watchers: () => streams.size,
    async stop() {
      for (const stream of streams) stream.end();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function example(line, query) {
  const [, path] = line.split(' /api/v1');
  const [, kind, id, what] = path.split('/');
  if (line === 'POST /api/v1/runs') return { status: 202, body: fixture('run_queued') };
  if (kind === 'runs' && id === undefined) return { body: fixture('runs') };
  if (kind === 'runs' && what === undefined) return runOf(id);
  if (kind === 'runs' && what === 'cancel') return { status: 202, body: fixture('run_live') };
  if (kind === 'runs' && what === 'environment') return { body: fixture('environment') };
  if (kind === 'runs' && what === 'builds') return { body: { ...fixture('builds'), run: id, items: [] } };
  if (kind === 'runs' && what === 'objectives') return { body: { run: id, items: [] } };
  if (kind === 'runs' && what === 'phases') return { body: id === kFinished ? fixture('phases') : { run: id, items: [] } };
  if (kind === 'runs' && what === 'summaries') return { body: id === kFinished ? selected(fixture('summaries'), query) : { run: id, items: [] } };
  if (kind === 'runs' && what === 'trials') return trialsOf(id, query);
  if (kind === 'trials') return ofTrial(id, what, query);
  if (kind === 'stacks' && id !== undefined) return { body: { ...fixture('stack'), name: id } };
  if (kind === 'stacks' || kind === 'profiles') return { body: fixture(kind) };
  if (kind === 'leaderboard') return { body: ranked(query) };
  if (kind === 'metrics') return { body: fixture('metrics') };
  if (kind === 'compare') return { body: paired(query) };
  if (kind === 'queue') return { body: fixture('queue') };
  if (kind === 'schedules' && id === undefined) return { body: fixture('schedules') };
  if (kind === 'schedules') return { body: fixture(what === 'next' ? 'due' : 'fires') };
  return kMissing;
}

// The rows that pass the filters, ranked anew among themselves as the daemon does: two of them are told apart where their places were.
function ranked(query) {
  const all = fixture('leaderboard');
  const passes = (name, value) => !query.has(name) || query.getAll(name).includes(value);
  const isWanted = (row) => ['language', 'class', 'mode', 'validity', 'bound', 'stack'].every((name) => passes(name, row[name]));
  const kept = (board) => placed(board, board.rows.filter(isWanted));
  const boards = all.boards.filter((board) => passes('workload', board.workload) && passes('phase', board.phase) && passes('metric', board.metric)).map(kept);
  const overall = boards.length > 1 ? all.overall.filter((board) => passes('metric', board.metric)).map(kept) : [];
  return { ...all, boards: boards.filter((board) => board.rows.length > 0), overall };
}

function placed(board, rows) {
  const places = rows.filter((row) => row.rank !== undefined).map((row) => row.rank);
  const rankOf = ([best, worst]) => [
    1 + places.filter((other) => other[1] < best).length,
    places.length - places.filter((other) => other[0] > worst).length,
  ];
  let group = 0;
  let reached = 0;
  const ofFirst = rows[0]?.ratio ?? 1;
  const again = rows.map((row) => {
    const ratio = row.ratio === undefined ? {} : { ratio: row.ratio / ofFirst, ...(row.ratio_ci95 && { ratio_ci95: row.ratio_ci95.map((end) => end / ofFirst) }) };
    if (row.rank === undefined) return { ...row, ...ratio };
    const rank = rankOf(row.rank);
    if (rank[0] > reached) group += 1;
    reached = Math.max(reached, rank[1]);
    return { ...row, ...ratio, rank, group };
  });
  return { ...board, ranked: places.length, pairs: (places.length * (places.length - 1)) / 2, rows: again };
}

// One case of the example run against another: as far apart as their values, and decided where that is beyond the band.
function paired(query) {
  const of = (name) => fixture('summaries').items.filter((s) => s.case === name && query.getAll('metric').includes(s.metric));
  const b = of(query.get('b_case'));
  const items = of(query.get('a_case')).flatMap((from) => {
    const to = b.find((s) => s.metric === from.metric && s.phase === from.phase);
    if (!to) return [];
    const ratio = to.value / from.value;
    const figure = ({ value, n, validity, bound }) => ({ value, n, validity, bound });
    const decision = Math.abs(ratio - 1) < 0.1 ? 'same' : ratio > 1 === (to.better === 'higher') ? 'better' : 'worse';
    const { case: name, stack, phase, metric, title, unit, better } = to;
    const interval = [ratio * 0.98, ratio * 1.02];
    return [{ case: name, stack, phase, metric, title, unit, better, a: figure(from), b: figure(to), design: 'paired', n: 10, ratio, ci95: interval, band_percent: 3, decision }];
  });
  const side = { ref: query.get('a'), runs: [query.get('a')], created_at: '2026-11-23T02:00:00.000Z', environment_key: 'e1:a', profile: 'quick' };
  const [a_side, b_side] = ['a_case', 'b_case'].map((key) => ({ ...side, case: query.get(key) }));
  return { a: a_side, b: b_side, same_environment: true, differences: [], items, decisions: { better: 0, worse: 0, same: 0, inconclusive: 0 } };
}

const kMissing = {
  status: 404,
  body: { type: '/problems/not-found', title: 'Not found', status: 404, detail: 'Not found.', instance: 'req-1' },
};

function runOf(id) {
  const name = { [kFinished]: 'run', [kRunning]: 'run_live', [kQueued]: 'run_queued' }[id];
  return name ? { body: fixture(name) } : kMissing;
}

// As the daemon does: a repeated parameter is a choice, an empty phase means the trials' own metrics.
export function selected(list, query) {
  const passes = (name, value) => !query.has(name) || query.getAll(name).includes(value);
  const items = list.items.filter((s) => passes('case', s.case) && passes('phase', s.phase ?? '') && passes('metric', s.metric));
  const gaps = (list.gaps ?? []).filter((gap) => passes('case', gap.case) && passes('phase', gap.phase));
  return { ...list, items, ...(gaps.length > 0 ? { gaps } : {}) };
}

function trialsOf(run, query) {
  const passes = (name, value) => !query.has(name) || query.getAll(name).includes(value);
  const { items } = fixture('trials');
  return { body: { items: run === kFinished ? items.filter((t) => passes('case', t.case) && passes('state', t.state)) : [] } };
}

function ofTrial(id, what, query) {
  const trial = [fixture('trial_failed'), ...fixture('trials').items].find((t) => t.id === id);
  if (!trial) return kMissing;
  if (what === undefined) return { body: trial };
  const own = { ...fixture(what), trial: id };
  if (what !== 'histogram') return { body: { ...own, case: trial.case } };
  // Curves of different trials lie apart, as they would.
  const factor = 1 + (trial.index % 5) * 0.07;
  const percentiles = own.percentiles.map((p) => ({ ...p, value_ns: Math.round(p.value_ns * factor) }));
  return { body: { ...own, phase: query.get('phase'), percentiles } };
}

function openStream(response, streams) {
  response.writeHead(200, { ...kHeaders, 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  response.write('retry: 3000\n\n');
  streams.add(response);
  response.on('close', () => streams.delete(response));
}

function send(response, { status = 200, body, text }) {
  const type = text !== undefined ? 'text/plain; charset=utf-8' : status >= 400 ? 'application/problem+json' : 'application/json';
  response.writeHead(status, { ...kHeaders, 'Content-Type': type, 'Cache-Control': 'no-store' });
  response.end(text ?? JSON.stringify(body));
}

// View routes are all the same page.
function sendFile(response, path) {
  const safe = normalize(path).replace(/^(\.\.[/\\])+/, '');
  const file = extname(safe) === '' ? join(kDist, 'index.html') : join(kDist, safe);
  if (!existsSync(file)) {
    response.writeHead(404, kHeaders);
    response.end();
    return;
  }
  response.writeHead(200, { ...kHeaders, 'Content-Type': kTypes[extname(file)] ?? 'application/octet-stream' });
  createReadStream(file).pipe(response);
}
