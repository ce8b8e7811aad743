/** The right column's tabs, by the pattern of the ARIA authoring guide: arrows move, the panel follows. */

import { byId, element } from "./dom.js";

/**
 * `tabs` are {id, title}. Gives {panel(id), badge(id, text, tone), select(id), focus(), current()}; `onSelect(id)` runs when one is chosen.
 */
export function tabs({ entries, initial, onSelect }) {
  const bar = byId("tabs");
  const holder = byId("panels");
  const made = new Map();
  let current = entries.some((entry) => entry.id === initial) ? initial : entries[0].id;

  for (const entry of entries) {
    const badge = element("span", { class: "badge", hidden: true });
    const tab = element("button", {
      type: "button",
      role: "tab",
      id: `tab-${entry.id}`,
      "aria-controls": `panel-${entry.id}`,
      dataset: { testid: `tab-${entry.id}` },
      on: { click: () => select(entry.id), keydown: (event) => onKey(event, entry.id) },
    }, entry.title, badge);
    const panel = element("section", {
      role: "tabpanel",
      id: `panel-${entry.id}`,
      "aria-labelledby": `tab-${entry.id}`,
      tabindex: 0,
      dataset: { testid: `panel-${entry.id}` },
    });
    bar.append(tab);
    holder.append(panel);
    made.set(entry.id, { tab, panel, badge });
  }

  function onKey(event, id) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const index = entries.findIndex((entry) => entry.id === id);
    const next = entries[(index + step + entries.length) % entries.length].id;
    select(next);
    made.get(next).tab.focus();
  }

  function select(id) {
    current = id;
    for (const [each, { tab, panel }] of made) {
      tab.setAttribute("aria-selected", String(each === id));
      tab.tabIndex = each === id ? 0 : -1;
      panel.hidden = each !== id;
    }
    onSelect(id);
  }

  return {
    panel: (id) => made.get(id).panel,
    current: () => current,
    select,
    focus: () => made.get(current).tab.focus(),
    badge(id, text, tone = "") {
      const { badge } = made.get(id);
      badge.hidden = !text;
      badge.textContent = text;
      badge.dataset.tone = tone;
    },
  };
}
