/**
 * Building the page without ever parsing data as HTML.
 *
 * Values shown here are hostile: they become text nodes and plain attributes, nothing else.
 */

const REFUSED = /^(on|style$|src$|srcdoc$|href$|action$|formaction$)/;

/**
 * A new element. `attributes` takes plain attributes, `dataset`, and `on` (event listeners); a value of null,
 * undefined or false leaves the attribute out, true sets it empty. Children are nodes, strings, or lists of them.
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "dataset") {
      for (const [key, item] of Object.entries(value)) if (item !== null && item !== undefined) node.dataset[key] = item;
    } else if (name === "on") {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else if (REFUSED.test(name)) {
      throw new Error(`The attribute ${name} is never set from here.`);
    } else {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
  append(node, children);
  return node;
}

/** Add children: nodes as they are, everything else as text. */
export function append(parent, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    parent.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return parent;
}

/** Put these children in place of what is there. */
export function fill(parent, ...children) {
  parent.replaceChildren();
  return append(parent, children);
}

/** The element with this id, which the page's own HTML holds. */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no element #${id}.`);
  return found;
}

let counter = 0;

/** An id that no other element of this page has. */
export function freshId(prefix) {
  counter += 1;
  return `${prefix}-${counter}`;
}

/**
 * Bring a list of keyed children up to date: a child whose signature is unchanged stays the very same element, so that
 * what a person has focused, selected or opened in it stays too.
 *
 * `entries` are {key, signature, build}. Gives the keys of the children that were built anew.
 */
export function reconcile(parent, entries) {
  const present = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  const built = [];
  let cursor = parent.firstElementChild;
  for (const { key, signature, build } of entries) {
    const old = present.get(key);
    present.delete(key);
    if (old && old.dataset.signature === signature) {
      if (old === cursor) cursor = cursor.nextElementSibling;
      else parent.insertBefore(old, cursor);
      continue;
    }
    const node = build(old ?? null);
    node.dataset.key = key;
    node.dataset.signature = signature;
    if (old) {
      const focused = focusMark(old);
      if (old === cursor) cursor = cursor.nextElementSibling;
      old.remove();
      parent.insertBefore(node, cursor);
      restoreFocus(node, focused);
    } else {
      parent.insertBefore(node, cursor);
    }
    built.push(key);
  }
  for (const leftover of present.values()) leftover.remove();
  return built;
}

/** Which control inside `root` has the focus, in a form that survives building `root` anew. */
export function focusMark(root) {
  const active = document.activeElement;
  if (!active || !root.contains(active)) return null;
  return { block: active.dataset.blockId ?? "", action: active.dataset.actionId ?? "", id: active.id };
}

/** Focus the control that `focusMark` described, if it is still there. */
export function restoreFocus(root, mark) {
  if (!mark || !mark.action) return;
  for (const candidate of root.querySelectorAll("[data-action-id]")) {
    if (candidate.dataset.actionId === mark.action && (candidate.dataset.blockId ?? "") === mark.block) {
      candidate.focus();
      return;
    }
  }
}

/** A short signature of a JSON value, for `reconcile`. */
export function signatureOf(value) {
  const text = JSON.stringify(value);
  let hash = 5381;
  for (let index = 0; index < text.length; index += 1) hash = ((hash * 33) ^ text.charCodeAt(index)) >>> 0;
  return `${text.length}.${hash}`;
}
