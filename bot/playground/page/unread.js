/** What each person has seen of each channel, for the unread marks. Kept for as long as the browser's tab is open. */

const STORE = "portcullis-playground-seen";

function load() {
  try {
    return new Map(Object.entries(JSON.parse(sessionStorage.getItem(STORE) ?? "{}")));
  } catch {
    return new Map(); // storage switched off: everything counts from now on
  }
}

const seen = load();
const keyOf = (person, channel) => `${person} ${channel}`;

/** All instants in a conversation, replies included. */
function stamps(talk) {
  return talk.messages.flatMap((message) => [message, ...(message.replies ?? [])]).map((message) => Number(message.ts));
}

/** This person has the conversation in front of them. */
export function markSeen(person, channel, talk) {
  const latest = Math.max(0, ...stamps(talk));
  if (seen.get(keyOf(person, channel)) === latest) return;
  seen.set(keyOf(person, channel), latest);
  try {
    sessionStorage.setItem(STORE, JSON.stringify(Object.fromEntries(seen)));
  } catch {
    // Without storage the marks last until the next reload.
  }
}

/** How many messages the person hasn't seen there. */
export function unreadIn(person, channel, talk) {
  const last = seen.get(keyOf(person, channel)) ?? 0;
  return stamps(talk).filter((stamp) => stamp > last).length;
}
