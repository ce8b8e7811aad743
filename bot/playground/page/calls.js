/** The tab "Calls": what went over the wire to Slack and to the tenant, newest first. */

import { element, reconcile, signatureOf } from "./dom.js";
import { clockWithSeconds, inFull, instant } from "./time.js";

const SHOWN = 200;

/** One form for both kinds of record: Web API calls {at, method, params, answer, status}, cmdlets {at, cmdlet, parameters, status, error}. */
function unify(record, side) {
  const { at, cmdlet, method, parameters, params, answer, status, error } = record;
  const refusal = error || (answer?.ok === false ? answer.error : "") || (Number(status) >= 400 ? "failed" : "");
  const details = { parameters: parameters ?? params, ...(answer && { answer }) };
  return {
    side,
    at: instant(at),
    what: String(cmdlet ?? method ?? "?"),
    // A cut connection has no status; Slack says no with a 200.
    refusal: refusal ? [Number(status) >= 400 ? status : "", refusal].join(" ").trim() : "",
    details: details.parameters || details.answer ? details : null,
  };
}

/** The tab's content in `panel`. Gives {show(slackCalls, tenantCalls)}. */
export function callsTab({ panel }) {
  const list = element("ol", { class: "calls", dataset: { testid: "calls" } });
  const nothing = element("p", { class: "nothing" }, "No calls yet.");
  panel.append(nothing, list);

  function show(slackCalls, tenantCalls) {
    const all = [...slackCalls.map((record) => unify(record, "Slack")), ...tenantCalls.map((record) => unify(record, "Tenant"))];
    all.sort((one, other) => (other.at?.getTime() ?? 0) - (one.at?.getTime() ?? 0));
    nothing.hidden = all.length > 0;
    const seen = new Map();
    reconcile(list, all.slice(0, SHOWN).map((call) => {
      const signature = signatureOf(call);
      const repeat = seen.get(signature) ?? 0;
      seen.set(signature, repeat + 1);
      return { key: `${signature} ${repeat}`, signature, build: () => drawCall(call) };
    }));
  }

  return { show };
}

function drawCall(call) {
  const head = [
    element("span", { class: "side", dataset: { side: call.side.toLowerCase() } }, call.side),
    element("code", {}, call.what),
    call.at ? element("time", { datetime: call.at.toISOString(), title: inFull(call.at) }, clockWithSeconds(call.at)) : element("span"),
    call.refusal && element("span", { class: "outcome" }, call.refusal),
  ];
  const dataset = { testid: "call", side: call.side.toLowerCase(), name: call.what };
  if (!call.details) return element("li", { class: "call", dataset }, element("div", { class: "call-head" }, head));
  return element("li", { class: "call", dataset },
    element("details", {}, element("summary", { class: "call-head" }, head), element("pre", {}, JSON.stringify(call.details, null, 2))));
}
