/** The driver by itself: node-fastify+pg-native puts libpq in its place. */
export { Pool } from 'pg';
