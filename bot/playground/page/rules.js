/** The tab "Rules": which of Slack's rules were broken, by which call; a green mark when none was; advice on both wires. */

import { element, fill, signatureOf } from "./dom.js";
import { clockWithSeconds, instant } from "./time.js";

/** The tab's content in `panel`. Gives {show({violations, hints}, remarks)}; `remarks` are the tenant's. */
export function rulesTab({ panel }) {
  let drawn = "";

  function show({ violations, hints }, remarks) {
    const advice = [...hints.map((hint) => ({ ...hint, from: "Slack" })), ...remarks.map(({ cmdlet, text }) => ({ call: cmdlet, what: text, from: "Tenant" }))];
    const signature = signatureOf([violations, advice]);
    if (signature === drawn) return;
    drawn = signature;
    fill(panel,
      violations.length === 0
        ? element("div", { class: "all-good", dataset: { testid: "no-violations" } },
          element("span", { class: "big-mark", "aria-hidden": "true" }, "✓"),
          element("div", {}, element("strong", {}, "No rule has been broken"),
            element("p", { class: "muted" }, "Acknowledgements within 3 seconds, triggers used once, texts and blocks within their limits.")))
        : element("ol", { class: "violations", dataset: { testid: "violations" } }, [...violations].reverse().map(drawViolation)),
      advice.length > 0 && element("section", { class: "hints" }, element("h3", {}, "Advice"),
        element("ul", {}, distinct(advice).map(({ hint, times }) =>
          element("li", { dataset: { testid: "hint", rule: hint.rule } },
            element("span", {}, hint.what), element("span", { class: "muted" }, ` — ${hint.from}, `, element("code", {}, hint.call), times > 1 && ` × ${times}`))))));
  }

  return { show };
}

/** The same advice is given with every call: shown once, with how often. */
function distinct(advice) {
  const found = new Map();
  for (const hint of advice) {
    const key = JSON.stringify([hint.from, hint.call, hint.what]);
    found.set(key, { hint, times: (found.get(key)?.times ?? 0) + 1 });
  }
  return [...found.values()].reverse();
}

function drawViolation(violation) {
  const at = instant(violation.at);
  return element("li", { class: "violation", dataset: { testid: "violation", rule: violation.rule } },
    element("p", { class: "violation-head" }, element("code", {}, violation.rule), at && element("time", { datetime: at.toISOString() }, clockWithSeconds(at))),
    element("p", {}, violation.what),
    element("p", { class: "muted" }, "in ", element("code", {}, violation.call)));
}
