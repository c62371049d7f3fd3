/** Draws anew only when one of the values is another. */
export function guard(values: unknown, draw: () => unknown): unknown;
