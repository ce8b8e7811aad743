/** Keeping the keyboard's focus inside a dialog: Tab goes round in it, forwards and backwards. */

const FOCUSABLE = "button, input, select, textarea, summary, [tabindex]:not([tabindex='-1'])";

/** Everything in `root` that Tab reaches, in order. */
export function focusable(root) {
  return [...root.querySelectorAll(FOCUSABLE)].filter((node) => !node.disabled && node.getClientRects().length > 0);
}

/** From now on, Tab on the last control of `root` goes to the first, and Shift+Tab the other way. */
export function keepFocusInside(root) {
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Tab") return;
    const stops = focusable(root);
    if (stops.length === 0) {
      event.preventDefault();
      return;
    }
    const [first, last] = [stops[0], stops.at(-1)];
    if (event.shiftKey && (document.activeElement === first || !root.contains(document.activeElement))) {
      event.preventDefault();
      last.focus();
    } else if (!event.shiftKey && document.activeElement === last) {
      event.preventDefault();
      first.focus();
    }
  });
}
