/** The playground's own API: one function for each kind of call. Every failure is an Error with a sentence for people. */

/** What is said where nothing answers: it is over once the connection is back. */
export const UNREACHABLE = "The playground's server doesn't answer. Is it still running?";

async function answerOf(path, { missing, ...options } = {}) {
  let response;
  try {
    response = await fetch(path, { cache: "no-store", ...options });
  } catch {
    throw new Error(UNREACHABLE);
  }
  if (response.status === 404 && missing !== undefined) return missing;
  let body = null;
  try {
    body = await response.json();
  } catch {
    throw new Error(`The playground answered ${response.status} without saying more (${path.split("?")[0]}).`);
  }
  if (!response.ok) throw new Error(body?.problem ?? body?.error ?? `The playground answered ${response.status}.`);
  return body;
}

/** Read something. `query` becomes the query string. */
export function get(path, query = {}) {
  const search = new URLSearchParams(query).toString();
  return answerOf(search ? `${path}?${search}` : path);
}

/** Read something that not every server has: `missing` when it isn't there. */
export function getIfThere(path, missing) {
  return answerOf(path, { missing });
}

/** Do something. */
export function post(path, body) {
  return answerOf(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** Take a file of the person's device to the server, as somebody. Gives {id, name, size}. */
export async function upload(file, person) {
  return post("/api/files", { as: person, name: file.name, content: await inBase64(file) });
}

/** Save a file of a message on the person's device. Its address is the playground's own, whatever the file says. */
export function save(file, person) {
  const link = document.createElement("a");
  link.href = `/api/files/${encodeURIComponent(file.id)}?${new URLSearchParams({ as: person })}`;
  link.download = file.name || file.id;
  link.click();
}

function inBase64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(String(reader.result).replace(/^[^,]*,/, "")));
    reader.addEventListener("error", () => reject(new Error(`${file.name} can't be read.`)));
    reader.readAsDataURL(file);
  });
}

/**
 * Be told of every change. `onChange` runs once at the start and whenever anything changed; `onReachable` gets true
 * or false as the server comes and goes.
 */
export function listen({ onChange, onReachable }) {
  const source = new EventSource("/api/events");
  source.addEventListener("open", () => {
    onReachable(true);
    onChange();
  });
  source.addEventListener("changed", () => onChange());
  source.addEventListener("error", () => onReachable(false));
  return source;
}
