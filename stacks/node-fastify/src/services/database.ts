import type { QueryResultRow } from 'pg';

import { environment } from '../environment.js';
import { Pool } from './driver.js';

/** What a request gets when the database fails: a 503 that says no more. */
export class Unavailable extends Error {
  readonly statusCode = 503;
}

export class Database {
  readonly #pool: Pool | undefined;
  #filled: Promise<void> | undefined;

  constructor() {
    if (environment.databaseUrl === undefined) return;
    this.#pool = new Pool({
      connectionString: environment.databaseUrl,
      max: environment.databaseConnections,
      idleTimeoutMillis: 0,
      // Together with the wait for a place these keep a failure within the two seconds it may take.
      connectionTimeoutMillis: 1_500,
      query_timeout: 1_800,
    });
    // Without a listener a restart of the database would end the process.
    this.#pool.on('error', (error) => console.error('database:', error.message));
  }

  async query<Row extends QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]> {
    if (this.#pool === undefined) throw new Unavailable('this run has no database');
    try {
      return (await this.#pool.query<Row>(text, values)).rows;
    } catch (cause) {
      throw new Unavailable('the database failed', { cause });
    }
  }

  /** The pool is full and the database answers. Without a database there is nothing to wait for. */
  async check(): Promise<void> {
    if (this.#pool === undefined) return;
    this.#filled ??= this.#fill(this.#pool).catch((cause: unknown) => {
      this.#filled = undefined;
      throw new Unavailable('the pool could not be filled', { cause });
    });
    await this.#filled;
    await this.query('SELECT 1');
  }

  async close(): Promise<void> {
    await this.#pool?.end();
  }

  /** Holds every connection at once, so that no request has to open one later. */
  async #fill(pool: Pool): Promise<void> {
    const attempts = await Promise.allSettled(Array.from({ length: environment.databaseConnections }, () => pool.connect()));
    for (const attempt of attempts) if (attempt.status === 'fulfilled') attempt.value.release();
    for (const attempt of attempts) if (attempt.status === 'rejected') throw attempt.reason;
  }
}
