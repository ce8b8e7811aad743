/** The tab "Tenant": the lists as they really are, with what has just changed, and faults on demand. */

import { post } from "./api.js";
import { element, fill, focusMark, restoreFocus, signatureOf } from "./dom.js";
import { mailPanel } from "./mail.js";
import { rulesForm } from "./mail_flow_rules.js";
import { portalForm } from "./portal.js";
import { dayOf, fromNow, inFull, instant } from "./time.js";

const SHOWN_AS_CHANGED = 20_000; // milliseconds

const TITLES = { Sender: "Senders", Url: "URLs", FileHash: "Files", IP: "IPv6 addresses" };

const FAULTS = [
  ["429", "429: too many calls"],
  ["503", "503: unavailable"],
  ["500", "500: server error"],
  ["401", "401: sign-in refused"],
  ["403", "403: role missing"],
  ["drop_before", "Connection broken, nothing done"],
  ["drop_after", "Done, but the answer is lost"],
  ["ok_but_nothing_happens", "Says done, does nothing"],
  ["ok_but_half", "Says done, does half of it"],
  ["lag", "Reads lag behind the write"],
  ["truncate_page", "A list breaks off"],
  ["no_value", "An answer without its list"],
  ["delay", "Slow answer"],
];

const asList = (value) => (Array.isArray(value) ? value : value === null || value === undefined || value === "" ? [] : [value]);

/**
 * The lists as groups of entries: [{title, note, entries: [{key, action, value, end, notes, …}]}].
 *
 * `edit` says how the portal's form gets at an entry, or at a group's safe list; without it that can't be edited there.
 */
export function groupsOf(lists) {
  const groups = [];
  for (const policy of lists.policies ?? []) {
    const name = String(policy.Identity ?? policy.Name ?? "?");
    const entriesOf = (values, action) =>
      asList(values).map((value) => ({ key: `filter/${name}/${action}/${value}`, list: "connection_filter", action, value: String(value), end: null, notes: "", forever: "no end date in this list", edit: { list: `filter/${name}` } }));
    groups.push({
      title: `Connection filter · ${name}`,
      note: policy.EnableSafeList ? "Safe list is on" : "Safe list is off",
      noteTone: policy.EnableSafeList ? "bad" : "",
      safeList: { policy: name, on: Boolean(policy.EnableSafeList) },
      entries: [...entriesOf(policy.IPAllowList, "Allow"), ...entriesOf(policy.IPBlockList, "Block")],
    });
  }
  for (const [type, title] of Object.entries(TITLES)) {
    groups.push({
      title,
      entries: asList(lists.items?.[type]).map((record) => ({
        key: `${type}/${record.Identity ?? record.Value}`,
        list: type,
        action: String(record.Action ?? ""),
        value: String(record.Value ?? ""),
        end: instant(record.ExpirationDate),
        notes: String(record.Notes ?? ""),
        forever: Number(record.RemoveAfter) > 0 ? `ends ${record.RemoveAfter} days after last use` : "no end date",
        edit: { list: type, id: record.Identity },
      })),
    });
  }
  groups.push({
    title: "Spoofed senders",
    entries: asList(lists.spoof).map((record) => ({
      key: `spoof/${record.Identity ?? `${record.SpoofedUser},${record.SendingInfrastructure}`}`,
      list: "spoof",
      action: String(record.Action ?? ""),
      value: `${record.SpoofedUser}, ${record.SendingInfrastructure}`,
      end: null,
      notes: record.SpoofType ? `${record.SpoofType} spoof` : "",
      forever: "no end date",
      edit: { list: "spoof", id: record.Identity },
    })),
  });
  groups.push({ title: "Mail flow rules", entries: asList(lists.overrides?.TransportRule).map(ruleOf) });
  groups.push({ title: "Anti-spam policies", entries: asList(lists.overrides?.HostedContentFilterPolicy).flatMap(sendersOf) });
  const submissions = asList(lists.submissions);
  if (submissions.length) groups.push({ title: "Submissions to Microsoft", entries: submissions.map(submissionOf) });
  return groups;
}

/** A mail flow rule as an entry: what it does, and with mail of whom. */
function ruleOf(rule) {
  const stops = rule.DeleteMessage || rule.RejectMessageReasonText || Number(rule.SetSCL) >= 5;
  const conditions = ["SenderDomainIs", "From", "SenderIpRanges", "SubjectContainsWords"].flatMap((name) => asList(rule[name]));
  return {
    key: `rule/${rule.Identity}`,
    list: "mail_flow_rule",
    action: Number(rule.SetSCL) === -1 ? "Bypass" : stops ? "Stop" : "Other",
    value: String(rule.Name),
    end: null,
    notes: conditions.join(", "),
    forever: rule.State === "Enabled" && rule.Mode === "Enforce" ? "in use" : "not in use",
  };
}

/** The allowed and blocked senders of an anti-spam policy, as entries. */
function sendersOf(policy) {
  const named = (item) => String(item?.Sender?.Address ?? item?.Domain ?? item);
  return [["Allowed", "Allow"], ["Blocked", "Block"]].flatMap(([word, action]) =>
    [...asList(policy[`${word}Senders`]), ...asList(policy[`${word}SenderDomains`])].map((item) => ({
      key: `anti-spam/${policy.Identity}/${action}/${named(item)}`, list: "anti_spam", action, value: named(item), end: null, notes: String(policy.Name), forever: "no end date",
    })));
}

/** What was submitted, as an entry: by what it is about, with its status and what it asks for. */
function submissionOf(record) {
  const asks = record.tenantAllowOrBlockListAction;
  return {
    key: `submission/${record.id}`,
    list: "submissions",
    action: String(record.status ?? ""),
    value: String(record.webUrl ?? record.fileName ?? record.subject ?? record.sender ?? record.id),
    end: instant(asks?.expirationDateTime),
    notes: [record.result?.detail, asks?.note].filter(Boolean).join(" · "),
    forever: "asks for no entry",
  };
}

/** The tab's content in `panel`. Gives {show(lists)}; null means that no tenant is here. */
export function tenantTab({ panel, refresh }) {
  const changes = new Map(); // key → {kind: "added" | "changed" | "removed", until, entry}
  const content = element("div", { class: "lists", dataset: { testid: "tenant-lists" } });
  let before = null;
  let latest = null;
  let drawn = "";
  const levers = faults(refresh);
  const mail = mailPanel(refresh);
  const rules = rulesForm(refresh);
  const portal = portalForm({ refresh, onToggle: () => latest && draw() });
  panel.append(portal.form, content, rules.form, mail, levers);

  function compare(groups) {
    const now = new Map(groups.flatMap((group) => group.entries.map((entry) => [entry.key, { ...entry, group: group.title }])));
    if (before) {
      const until = Date.now() + SHOWN_AS_CHANGED;
      for (const [key, entry] of now) {
        if (!before.has(key)) changes.set(key, { kind: "added", until });
        else if (signatureOf(before.get(key)) !== signatureOf(entry)) changes.set(key, { kind: "changed", until });
      }
      for (const [key, entry] of before) if (!now.has(key)) changes.set(key, { kind: "removed", until, entry });
    }
    before = now;
  }

  function show(lists) {
    levers.hidden = mail.hidden = rules.form.hidden = portal.form.hidden = lists === null;
    if (lists === null) {
      fill(content, element("p", { class: "nothing" }, "No tenant is connected to this playground."));
      return;
    }
    latest = groupsOf(lists);
    rules.show(lists.overrides?.TransportRule ?? []);
    portal.show(latest);
    compare(latest);
    draw();
  }

  function draw() {
    const time = Date.now();
    for (const [key, change] of changes) if (change.until <= time || (change.kind === "removed" && before.has(key))) changes.delete(key);
    const plan = latest.map((group) => [
      group,
      [
        ...group.entries.map((entry) => [entry, changes.get(entry.key)?.kind ?? ""]),
        ...[...changes.values()].filter((change) => change.kind === "removed" && change.entry.group === group.title).map((change) => [change.entry, "removed"]),
      ],
    ]);
    const signature = signatureOf([portal.form.open, plan]);
    if (signature !== drawn) {
      drawn = signature;
      const focused = focusMark(content);
      fill(content, plan.map(([group, entries]) => drawGroup(group, entries, portal)));
      restoreFocus(content, focused);
    }
    if (changes.size) {
      clearTimeout(draw.timer);
      draw.timer = setTimeout(draw, Math.max(50, Math.min(...[...changes.values()].map((change) => change.until)) - time));
    }
  }

  return { show };
}

function drawGroup(group, entries, portal) {
  const count = group.entries.length;
  return element("section", { class: `list${entries.length ? "" : " empty"}`, "aria-label": group.title },
    element("h3", {}, group.title,
      element("span", { class: "list-count" }, count === 0 ? "empty" : String(count)),
      group.note && element("span", { class: "pill", dataset: { tone: group.noteTone } }, group.note)),
    portal.form.open && group.safeList && portal.safeListButton(group.safeList),
    entries.length > 0 && element("ul", {}, entries.map(([entry, change]) =>
      drawEntry(entry, change, portal.form.open && entry.edit && change !== "removed" ? portal.buttons(entry) : null))));
}

function drawEntry(entry, change, buttons) {
  const action = entry.action.toLowerCase();
  return element("li", {
    class: "entry",
    dataset: { testid: "entry", list: entry.list, value: entry.value, action, change },
  },
  element("div", { class: "entry-top" },
    element("span", { class: "action-mark", dataset: { action } }, entry.action || "?"),
    element("code", { class: "entry-value" }, entry.value),
    change && element("span", { class: "change-mark" }, `just ${change}`)),
  element("p", { class: "entry-about" },
    entry.end
      ? element("time", { datetime: entry.end.toISOString(), title: inFull(entry.end) }, `ends ${dayOf(entry.end)} (${fromNow(entry.end)})`)
      : entry.forever,
    entry.notes && [" · ", element("span", { class: "entry-notes" }, entry.notes)]),
  buttons);
}

/** A small form that makes the tenant's next calls go wrong. */
function faults(refresh) {
  const kind = element("select", { class: "select", id: "fault-kind" }, FAULTS.map(([value, label]) => element("option", { value }, label)));
  const times = element("input", { class: "text-input", id: "fault-times", type: "number", min: 1, max: 20, value: 1 });
  const answer = element("p", { class: "muted", role: "status" });
  const form = element("form", {
    on: {
      submit: async (event) => {
        event.preventDefault();
        try {
          await post("/api/tenant/faults", { cmdlet: null, kind: kind.value, times: Number(times.value) });
          answer.textContent = `The tenant's next ${times.value === "1" ? "call that fits goes" : `${times.value} calls that fit go`} wrong.`;
        } catch (failure) {
          answer.textContent = failure.message;
        }
        refresh();
      },
    },
  },
  element("label", { for: "fault-kind" }, "What goes wrong"), element("span", { class: "select-frame" }, kind),
  element("label", { for: "fault-times" }, "How many calls"), times,
  element("button", { type: "submit", class: "button", dataset: { testid: "make-fault" } }, "Make it fail"),
  answer);
  return element("details", { class: "faults", dataset: { testid: "faults" } }, element("summary", {}, "Make the tenant fail"), form);
}
