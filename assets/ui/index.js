/** The start page: exchanges the code that `ccmon web` put into the address for a cookie, and goes on to the dashboard. */

const asked = new URLSearchParams(location.hash.slice(1));
const code = asked.get("code");

if (code) {
  // Not left in the address bar, nor in the history.
  history.replaceState(null, "", location.pathname);
  void signIn(code, asked.get("to") ?? "");
}

/** @param {string} code @param {string} to where in the dashboard */
async function signIn(code, to) {
  say("Signing in", "");
  try {
    const r = await fetch("login", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ code }),
      credentials: "same-origin",
      cache: "no-store",
    });
    if (r.ok) return location.replace(`/${to && `#${to}`}`);
    const said = await r.json().catch(() => ({}));
    if (r.status === 401) return say("This address has been used", "It opens the dashboard once, within a minute.");
    say("ccmon did not sign you in", String(said.detail ?? `It answered ${r.status}.`));
  } catch {
    say("ccmon does not answer", "Nothing was sent. `ccmon doctor` in a terminal looks for the reason.");
  }
}

/** @param {string} said @param {string} more */
function say(said, more) {
  for (const [id, text] of [["said", said], ["more", more]]) {
    const element = document.getElementById(id);
    if (element) element.textContent = text;
  }
}
