/**
 * Editing the lists as an administrator in the portal would, past the bot: a form that adds or changes an entry, and the
 * buttons that stand on each entry while it is open.
 */

import { post } from "./api.js";
import { element, fill, signatureOf } from "./dom.js";

const LISTS = [["Sender", "Senders"], ["Url", "URLs"], ["FileHash", "Files"], ["IP", "IPv6 addresses"], ["spoof", "Spoofed senders"]];
const ENDS = [
  ["usual", "As the portal has it"],
  ["30", "In 30 days"],
  ["unused", "45 days after last use"],
  ["never", "Never"],
];
const AS_IT_IS = ["", "As it is"];
const ITEMS = "TenantAllowBlockListItems";
const PAIRS = "TenantAllowBlockListSpoofItems";
const FILTER = "Set-HostedConnectionFilterPolicy";
const SPOOF_POLICY = "domain\\default";

const other = (action) => (action === "Allow" ? "Block" : "Allow");
const policyOf = (list) => (list.startsWith("filter/") ? list.slice("filter/".length) : null);

/** A multi-valued property's edit, as PowerShell's `@{Add=…;Remove=…}` goes over the wire. */
const edited = (changes) => ({ "@odata.type": "#Exchange.GenericHashTable", ...changes });

/** The end of an entry as the parameters say it; nothing where it stays, or is the service's usual one. */
function endOf(choice) {
  if (choice === "never") return { NoExpiration: true };
  if (choice === "unused") return { RemoveAfter: 45 };
  if (choice === "30") return { ExpirationDate: new Date(Date.now() + 30 * 86_400_000).toISOString() };
  return {};
}

/** The cmdlet and its parameters that make a new entry. */
function adding({ list, value, action, end, note }) {
  const policy = policyOf(list);
  if (policy !== null) return [FILTER, { Identity: policy, [`IP${action}List`]: edited({ Add: [value] }) }];
  if (list === "spoof") {
    const [user, infrastructure = ""] = value.split(",").map((part) => part.trim());
    return [`New-${PAIRS}`, { Identity: SPOOF_POLICY, Action: action, SpoofedUser: user, SendingInfrastructure: infrastructure, SpoofType: "External" }];
  }
  return [`New-${ITEMS}`, { ListType: list, Entries: [value], [action]: true, Notes: note, ...endOf(end) }];
}

/** The same of an entry that is there. */
function changing(entry, { action, end, note }) {
  const policy = policyOf(entry.edit.list);
  if (policy !== null) {
    const moved = { [`IP${action}List`]: edited({ Add: [entry.value] }), [`IP${other(action)}List`]: edited({ Remove: [entry.value] }) };
    return [FILTER, { Identity: policy, ...moved }];
  }
  if (entry.edit.list === "spoof") return [`Set-${PAIRS}`, { Identity: SPOOF_POLICY, Ids: [entry.edit.id], Action: action }];
  const turned = action === entry.action ? {} : { [action]: true };
  return [`Set-${ITEMS}`, { ListType: entry.edit.list, Ids: [entry.edit.id], ...turned, Notes: note, ...endOf(end) }];
}

function removing(entry) {
  const policy = policyOf(entry.edit.list);
  if (policy !== null) return [FILTER, { Identity: policy, [`IP${entry.action}List`]: edited({ Remove: [entry.value] }) }];
  if (entry.edit.list === "spoof") return [`Remove-${PAIRS}`, { Identity: SPOOF_POLICY, Ids: [entry.edit.id] }];
  return [`Remove-${ITEMS}`, { ListType: entry.edit.list, Ids: [entry.edit.id] }];
}

/**
 * Gives {form, show(groups), buttons(entry), safeListButton(safeList)}. `refresh` is called after each edit, `onToggle`
 * when the form is opened or closed.
 */
export function portalForm({ refresh, onToggle }) {
  let entry = null; // what is being changed; null: a new one is made
  let drawn = "";
  const by = input("portal-by", "admin@contoso.example", { required: true });
  const list = element("select", { class: "select", id: "portal-list", on: { change: fit } });
  const value = input("portal-value", "", { required: true, placeholder: "203.0.113.9 or partner.example" });
  const action = element("select", { class: "select", id: "portal-action" }, options([["Block", "Block"], ["Allow", "Allow"]]));
  const end = element("select", { class: "select", id: "portal-end" }, options(ENDS));
  const note = input("portal-note", "");
  const save = element("button", { type: "submit", class: "button", dataset: { testid: "portal-save" } }, "Add");
  const instead = element("button", { type: "button", class: "button", hidden: true, on: { click: () => begin(null) } }, "Leave it as it is");
  const answer = element("p", { class: "muted", role: "status" });

  /** What has an end and a note says so; the other lists keep neither. */
  function fit() {
    end.disabled = note.disabled = !LISTS.some(([name]) => name === list.value && name !== "spoof");
  }

  function begin(chosen) {
    entry = chosen;
    list.disabled = value.disabled = entry !== null;
    instead.hidden = entry === null;
    save.textContent = entry === null ? "Add" : "Save";
    fill(end, options(entry === null ? ENDS : [AS_IT_IS, ...ENDS.slice(1)]));
    value.value = entry?.value ?? "";
    note.value = entry?.notes ?? "";
    if (entry !== null) {
      list.value = entry.edit.list;
      action.value = entry.action;
      action.focus();
    }
    fit();
  }

  async function run([cmdlet, parameters], said) {
    try {
      await post("/api/tenant/edit", { cmdlet, parameters, by: by.value.trim() });
      answer.textContent = said;
      return true;
    } catch (failure) {
      answer.textContent = failure.message;
      return false;
    } finally {
      refresh();
    }
  }

  async function submit(event) {
    event.preventDefault();
    const filled = { list: list.value, value: value.value.trim(), action: action.value, end: end.value, note: note.value.trim() };
    const done = entry === null
      ? await run(adding(filled), `${filled.value} was added.`)
      : await run(changing(entry, filled), `${entry.value} was changed.`);
    if (done) begin(null);
  }

  function buttons(of) {
    return element("div", { class: "entry-buttons" },
      button("Change…", `Change ${of.value}`, "portal-change", of.key, () => begin(of)),
      button("Remove", `Remove ${of.value}`, "portal-remove", of.key, async () => {
        if ((await run(removing(of), `${of.value} was removed.`)) && entry?.key === of.key) begin(null);
      }));
  }

  function safeListButton({ policy, on }) {
    return element("div", { class: "entry-buttons" },
      button(`Switch the safe list ${on ? "off" : "on"}`, null, "portal-safe-list", `safe-list/${policy}`, () =>
        run([FILTER, { Identity: policy, EnableSafeList: !on }], `The safe list is ${on ? "off" : "on"} now.`)));
  }

  function show(groups) {
    const policies = groups.filter((group) => group.safeList).map((group) => [`filter/${group.safeList.policy}`, group.title]);
    if (signatureOf(policies) === drawn) return;
    drawn = signatureOf(policies);
    const chosen = list.value;
    fill(list, options([...policies, ...LISTS]));
    if ([...list.options].some((each) => each.value === chosen)) list.value = chosen;
    fit();
  }

  const fields = element("form", { on: { submit } },
    label(by, "Signed in as"), by,
    label(list, "List"), framed(list),
    label(value, "Value"), value,
    label(action, "What it does"), framed(action),
    label(end, "Ends"), framed(end),
    label(note, "Note"), note,
    element("div", { class: "portal-buttons" }, save, instead),
    answer);
  const form = element("details", { class: "faults portal", dataset: { testid: "portal" }, on: { toggle: onToggle } },
    element("summary", {}, "Edit in the portal"),
    element("p", { class: "muted" }, "As an administrator, without a request: Portcullis sees it when it next reads the lists."),
    fields);
  return { form, show, buttons, safeListButton };
}

function options(choices) {
  return choices.map(([name, text]) => element("option", { value: name }, text));
}

function input(id, text, more = {}) {
  return element("input", { class: "text-input", id, type: "text", value: text, autocomplete: "off", spellcheck: "false", ...more });
}

function label(field, text) {
  return element("label", { for: field.id }, text);
}

function framed(field) {
  return element("span", { class: "select-frame" }, field);
}

/** A small button that keeps the focus when the lists are drawn anew. */
function button(text, spoken, action, key, click) {
  return element("button", {
    type: "button", class: "button", "aria-label": spoken, dataset: { testid: action, actionId: action, blockId: key }, on: { click },
  }, text);
}
