import { Type } from '@fastify/type-provider-typebox';

/** A response schema drops what it does not name, so errors are declared beside the answers. */
export const Failure = Type.Object({ error: Type.String() });
