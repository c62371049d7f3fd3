// What text of others must not have become in a page.

/** What the page's text must not hold as it is: characters that reorder, hide, or belong to terminals; and markup made of text. */
export function smuggled(page) {
  return page.evaluate(() => {
    const found = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const bad = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/.exec(node.data);
      if (bad) found.push(`U+${bad[0].charCodeAt(0).toString(16)} in <${node.parentElement?.outerHTML.slice(0, 120)}>`);
    }
    for (const e of document.querySelectorAll("img, script:not([src='dashboard.js'], [src='popup.js']), iframe, object, embed, a[href^='javascript:'], [onload], [onerror]")) found.push(e.outerHTML.slice(0, 200));
    return found;
  });
}
