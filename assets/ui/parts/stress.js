/** Pointing at a reason stresses its marks, and at a mark its reasons. */

/** @param {ParentNode} root @param {string} numbers */
export function stress(root, numbers) {
  const wanted = numbers.split(" ").filter((n) => n && n !== "0");
  for (const e of root.querySelectorAll("[data-n]")) {
    const own = (e instanceof HTMLElement && e.dataset.n?.split(" ")) || [];
    e.toggleAttribute("data-on", own.some((n) => wanted.includes(n)));
  }
}

/** The numbers of what is pointed at. @param {Event} e */
export function pointedAt(e) {
  const at = e.target instanceof Element ? e.target.closest("[data-n]") : null;
  return (at instanceof HTMLElement && at.dataset.n) || "";
}
