/** A number of thousands of digits is a bad number, not an unknown path. */
export const router = { routerOptions: { maxParamLength: 8_192 } };
