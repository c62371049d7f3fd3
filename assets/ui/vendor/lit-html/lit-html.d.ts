/** What the pages use of lit-html; the real declarations need its whole package. */
export type Template = { readonly _$litType$: number };
export function html(strings: TemplateStringsArray, ...values: unknown[]): Template;
export function svg(strings: TemplateStringsArray, ...values: unknown[]): Template;
export function render(value: unknown, container: HTMLElement): unknown;
export const nothing: unique symbol;
export const noChange: unique symbol;
