/**
 * The address of what is looked at: `#/tab/more?filter=value`. Pure.
 *
 * @typedef {{tab: string, path: string[], query: Record<string, string>}} Route
 */

/** @param {string} hash @returns {Route} */
export function parse(hash) {
  const [where, filters = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [tab, ...path] = where.split("/").filter(Boolean).map(decoded);
  return { tab: tab ?? "", path, query: Object.fromEntries(new URLSearchParams(filters)) };
}

/** What is empty says nothing. @param {Route} route */
export function format({ tab, path, query }) {
  const said = Object.entries(query).filter(([, value]) => value !== "");
  const filters = new URLSearchParams(said).toString();
  const where = [tab, ...path].map(encodeURIComponent).join("/");
  return `#/${where}${filters ? `?${filters}` : ""}`;
}

/** @param {string} part */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
