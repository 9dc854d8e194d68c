// Every view, with what must stand on it.
import { kCompared, kFinished, kRunning } from './mock_server.js';

export const views = [
  { name: 'home', path: '/', heading: 'Results on this machine' },
  { name: 'run', path: `/runs/${kFinished}?phase=json/c32`, heading: '5 stacks, quick' },
  { name: 'open loop', path: `/runs/${kFinished}?phase=json/c32/r60%25`, heading: '5 stacks, quick' },
  { name: 'case', path: `/runs/${kFinished}/node-fastify/single?phase=json/c32`, heading: 'Fastify (TypeScript)', below: 'below' },
  { name: 'comparison of two cases', path: kCompared, heading: 'Before against after', below: 'closely' },
  { name: 'live', path: `/live/${kRunning}`, heading: '3 stacks, quick' },
  { name: 'running run', path: `/runs/${kRunning}`, heading: '3 stacks, quick' },
  { name: 'leaderboard', path: '/leaderboard', heading: 'Leaderboard' },
  { name: 'leaderboard of one phase', path: '/leaderboard?board=plaintext/c32', heading: 'Leaderboard' },
  { name: 'schedules', path: '/schedules', heading: 'Schedules' },
  { name: 'no such page', path: '/nothing', heading: 'No such page' },
];
