import pg from 'pg';

if (pg.native === null) throw new Error('pg-native is not installed');

/** pg's pool over libpq, by pg-native. */
export const Pool = pg.native.Pool;
export type Pool = pg.Pool;
