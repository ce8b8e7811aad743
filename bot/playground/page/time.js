/** Instants as people read them: always in the reader's own time zone. */

const DAY = 24 * 60 * 60 * 1000;

/** A Date of what the wire holds: Slack's `ts`, seconds, milliseconds, or an ISO text (UTC when it names no zone). Else null. */
export function instant(value) {
  if (value === null || value === undefined || value === "") return null;
  let date;
  if (typeof value === "number" || /^\d+(\.\d+)?$/.test(value)) {
    const seconds = Number(value);
    date = new Date(seconds > 1e11 ? seconds : seconds * 1000);
  } else {
    const text = String(value);
    date = new Date(/(Z|[+-]\d\d:?\d\d)$/.test(text) || !text.includes("T") ? text : `${text}Z`);
  }
  return Number.isNaN(date.getTime()) ? null : date;
}

const format = (options) => new Intl.DateTimeFormat(undefined, options);

/** 14:03 */
export const clock = (date) => format({ timeStyle: "short" }).format(date);

/** 14:03:27 */
export const clockWithSeconds = (date) => format({ timeStyle: "medium" }).format(date);

/** Everything, for a tooltip: weekday, date, time and zone. */
export const inFull = (date) => format({ dateStyle: "full", timeStyle: "long" }).format(date);

/** 21 Dec 2026 */
export const dayOf = (date) => format({ day: "numeric", month: "short", year: "numeric" }).format(date);

const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();

/** How many calendar days `date` is after today (negative: before). */
export const daysFromToday = (date) => Math.round((midnight(date) - midnight(new Date())) / DAY);

/** Today, Yesterday, or the date: for the line between two days of messages. */
export function dayLine(date) {
  const days = daysFromToday(date);
  if (days === 0) return "Today";
  if (days === -1) return "Yesterday";
  return format({ weekday: "long", day: "numeric", month: "long" }).format(date);
}

/** in 30 days, today, 2 days ago */
export function fromNow(date) {
  return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(daysFromToday(date), "day");
}

function pretty(date, otherwise) {
  const days = daysFromToday(date);
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[days] ?? otherwise;
}

const TOKENS = {
  date_num: (date) => `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`,
  date: (date) => format({ day: "numeric", month: "long", year: "numeric" }).format(date),
  date_short: dayOf,
  date_long: (date) => format({ weekday: "long", day: "numeric", month: "long", year: "numeric" }).format(date),
  date_pretty: (date) => pretty(date, TOKENS.date(date)),
  date_short_pretty: (date) => pretty(date, TOKENS.date_short(date)),
  date_long_pretty: (date) => pretty(date, TOKENS.date_long(date)),
  time: clock,
  time_secs: clockWithSeconds,
  ago: fromNow,
};

/** The text of a `<!date^…>`: its format's tokens filled in. Null when the instant or a token makes no sense. */
export function dateText(seconds, template) {
  const date = /^-?\d+$/.test(seconds) ? instant(Number(seconds)) : null;
  if (!date) return null;
  let sound = true;
  const text = template.replace(/\{(\w+)\}/g, (whole, token) => {
    if (!Object.hasOwn(TOKENS, token)) {
      sound = false;
      return whole;
    }
    return TOKENS[token](date);
  });
  return sound ? text : null;
}
