import cluster from 'node:cluster';

function integer(name: string, fallback: number): number {
  const value = Number(process.env[name]);
  return Number.isInteger(value) && value > 0 ? value : fallback;
}

const cpus = integer('BENCH_CPUS', 1);
const processes = cluster.isWorker ? cpus : 1;

export const environment = {
  port: integer('PORT', 8080),
  cpus,
  databaseUrl: process.env['DATABASE_URL'],
  // The number given is for the whole stack.
  databaseConnections: Math.max(1, Math.floor(integer('BENCH_DB_CONNECTIONS', 20) / processes)),
};
