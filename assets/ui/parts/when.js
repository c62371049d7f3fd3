/** Days, times of day and durations in words. Pure: the end of time is given, in milliseconds. */

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** @param {number} n */
const two = (n) => String(n).padStart(2, "0");

/** `today 14:08 · yesterday 09:12 · Thu 19 Nov 14:02 · 3 Feb 2025`. @param {number} then @param {number} now */
export function when(then, now) {
  const day = dayOf(then, now);
  return new Date(then).getFullYear() === new Date(now).getFullYear() ? `${day} ${hour(then)}` : day;
}

/** `today · yesterday · Thu 19 Nov · 3 Feb 2025`. @param {number} then @param {number} now */
export function dayOf(then, now) {
  const d = new Date(then);
  const today = new Date(now);
  const days = Math.round((midnight(today) - midnight(d)) / 86_400_000);
  if (days === 0) return "today";
  if (days === 1) return "yesterday";
  if (d.getFullYear() !== today.getFullYear()) return `${d.getDate()} ${MONTHS[d.getMonth()]} ${d.getFullYear()}`;
  return `${DAYS[d.getDay()]} ${d.getDate()} ${MONTHS[d.getMonth()]}`;
}

/** `14:08`. @param {number} then */
export function hour(then) {
  const d = new Date(then);
  return `${two(d.getHours())}:${two(d.getMinutes())}`;
}

/** The whole of it, for who wants to know: `Sat 21 Nov 2026, 14:08:12`. @param {number} then */
export function exactly(then) {
  const d = new Date(then);
  return `${DAYS[d.getDay()]} ${d.getDate()} ${MONTHS[d.getMonth()]} ${d.getFullYear()}, ${hour(then)}:${two(d.getSeconds())}`;
}

/** How long: `0 s · 0.4 s · 31 s · 2 min 14 s · 9 min · 1 h 52 · 3 d 4 h`. @param {number} ms */
export function span(ms) {
  if (ms < 50) return "0 s";
  if (ms < 950) return `${(ms / 1000).toFixed(1)} s`;
  const s = Math.round(ms / 1000);
  if (s < 60) return `${s} s`;
  if (s < 600) return s % 60 ? `${Math.floor(s / 60)} min ${s % 60} s` : `${s / 60} min`;
  const min = Math.round(s / 60);
  if (min < 60) return `${min} min`;
  if (min < 1440) return `${Math.floor(min / 60)} h ${two(min % 60)}`;
  return `${Math.floor(min / 1440)} d ${Math.floor((min % 1440) / 60)} h`;
}

/** @param {number} n @param {string} one @param {string} [many] */
export function counted(n, one, many = `${one}s`) {
  return `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
}

/** @param {Date} d */
function midnight(d) {
  return new Date(d.getFullYear(), d.getMonth(), d.getDate()).getTime();
}
