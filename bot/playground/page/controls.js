/**
 * Block Kit's interactive elements as native form controls.
 *
 * Each builder gives {node, control, read, grouped}: the node to show, the element that a label points to, a function that
 * reads the value now (undefined for what holds none), and whether the node is a group that wants a legend.
 * Values are: a text, an option's value (a person's or a channel's id), a date as YYYY-MM-DD, a time as HH:MM, Unix seconds,
 * a list of option values where several can be chosen, a list of files' ids; null when unset.
 */

import { upload } from "./api.js";
import { askToConfirm } from "./confirm.js";
import { element, fill, freshId } from "./dom.js";
import { renderPlain, renderText } from "./mrkdwn.js";

/** The value that an element starts with, in the form described above. */
export function initialValue(item) {
  if (item.type === "static_select" || item.type === "radio_buttons") return item.initial_option?.value ?? null;
  if (item.type === "checkboxes" || item.type === "multi_static_select") return (item.initial_options ?? []).map((option) => option.value);
  if (item.type === "datepicker") return item.initial_date ?? null;
  if (item.type === "timepicker") return item.initial_time ?? null;
  if (item.type === "datetimepicker") return item.initial_date_time ? localDateTime(item.initial_date_time) : null;
  const initial = Object.keys(item).find((key) => /^initial_(user|channel|conversation)s?$/.test(key));
  if (initial) return item[initial];
  return item.type.startsWith("multi_") ? [] : (item.initial_value ?? null);
}

/** Unix seconds as a `datetime-local` field writes them, in the reader's zone. */
function localDateTime(seconds) {
  const date = new Date(seconds * 1000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** An element's options: its own, or the workspace's people and channels. */
function optionsOf(item, names) {
  const from = (entries, sign) => entries.map(({ id, name }) => ({ value: id, text: { type: "plain_text", text: `${sign}${name}`, emoji: false } }));
  if (/users_select$/.test(item.type)) return from(names.people(), "@");
  if (/(channels|conversations)_select$/.test(item.type)) return from(names.channels(), "#");
  return item.options ?? (item.option_groups ?? []).flatMap((group) => group.options);
}

function hooks(item, blockId) {
  return { actionId: item.action_id ?? "", blockId };
}

function text(item, blockId, start, scene) {
  const control = element(item.multiline ? "textarea" : "input", {
    class: "text-input",
    id: freshId("field"),
    type: item.multiline ? null : { email_text_input: "email", url_text_input: "url", number_input: "number" }[item.type] ?? "text",
    rows: item.multiline ? 3 : null,
    placeholder: item.placeholder?.text,
    maxlength: item.max_length,
    minlength: item.min_length,
    autocomplete: "off",
    spellcheck: item.multiline ? "true" : "false",
    dataset: hooks(item, blockId),
    on: {
      input: () => scene.changed(blockId, item, control.value || null),
      keydown: (event) => {
        if (event.key !== "Enter" || item.multiline) return;
        if (item.dispatch_action_config?.trigger_actions_on?.includes("on_enter_pressed") ?? scene.dispatches(blockId)) {
          event.preventDefault();
          scene.act(blockId, item, control.value);
        }
      },
    },
  });
  control.value = start ?? "";
  return { node: control, control, read: () => control.value || null };
}

function picker(type) {
  return (item, blockId, start, scene) => {
    const read = () => {
      if (!control.value) return null;
      return type === "datetime-local" ? Math.round(new Date(control.value).getTime() / 1000) : control.value;
    };
    const control = element("input", {
      class: "text-input picker",
      id: freshId("field"),
      type,
      "aria-label": item.placeholder?.text,
      dataset: hooks(item, blockId),
      on: { change: () => scene.choose(blockId, item, read()) },
    });
    control.value = typeof start === "number" ? localDateTime(start) : (start ?? "");
    return { node: control, control, read };
  };
}

function select(item, blockId, start, scene) {
  const optionNode = (option) => element("option", { value: option.value }, option.text?.text ?? option.value);
  const groups = item.option_groups
    ? item.option_groups.map((group) => element("optgroup", { label: group.label?.text ?? "" }, group.options.map(optionNode)))
    : optionsOf(item, scene.names).map(optionNode);
  const control = element(
    "select",
    {
      class: "select",
      id: freshId("field"),
      "aria-label": item.placeholder?.text ?? "Choose",
      dataset: hooks(item, blockId),
      on: {
        change: async () => {
          const before = previous;
          if (!(await scene.choose(blockId, item, control.value || null))) control.value = before ?? "";
          previous = control.value || null;
        },
      },
    },
    element("option", { value: "" }, item.placeholder?.text ?? "Choose an option"),
    groups,
  );
  control.value = start ?? "";
  let previous = start;
  return { node: element("span", { class: "select-frame" }, control), control, read: () => control.value || null };
}

function choices(type) {
  return (item, blockId, start, scene) => {
    const group = freshId("choice");
    const chosen = new Set(Array.isArray(start) ? start : [start]);
    const many = type === "checkbox";
    const boxes = [];
    const read = () => {
      const values = boxes.filter((box) => box.checked).map((box) => box.value);
      return many ? values : (values[0] ?? null);
    };
    const rows = optionsOf(item, scene.names).map((option) => {
      const box = element("input", {
        type,
        name: group,
        value: option.value,
        dataset: hooks(item, blockId),
        on: { change: () => scene.choose(blockId, item, read()) },
      });
      box.checked = chosen.has(option.value);
      boxes.push(box);
      return element("label", { class: "choice" }, box,
        fill(element("span", { class: "choice-text" }),
          fill(element("span"), renderText(option.text, scene.names)),
          option.description && fill(element("span", { class: "choice-about" }), renderText(option.description, scene.names))));
    });
    const node = element("div", { class: "choices", role: many ? "group" : "radiogroup" }, rows);
    return { node, control: node, read, grouped: true };
  };
}

const fileNames = new Map(); // id → name, for a form that is drawn anew

/** A file goes to the server as soon as it is chosen, as in Slack; the form then holds its id. */
function files(item, blockId, start, scene) {
  let ids = Array.isArray(start) ? start : [];
  const list = element("p", { class: "chosen-files", role: "status", dataset: { testid: "chosen-files" } });
  const show = (problem) => fill(list, problem ?? ids.map((id) => fileNames.get(id) ?? id).join(", "));
  const keep = (now, problem) => {
    ids = now;
    scene.changed(blockId, item, ids);
    show(problem);
  };
  const control = element("input", {
    type: "file",
    class: "file-input",
    id: freshId("field"),
    multiple: (item.max_files ?? 10) > 1,
    accept: (item.filetypes ?? []).map((extension) => `.${extension}`).join(",") || null,
    dataset: hooks(item, blockId),
    on: {
      change: () => {
        const chosen = [...control.files];
        const most = item.max_files ?? 10;
        if (chosen.length > most) return keep([], `At most ${most} can be chosen.`);
        return scene.busy(control, async () => {
          try {
            const taken = await Promise.all(chosen.map((file) => upload(file, scene.person())));
            for (const file of taken) fileNames.set(file.id, file.name);
            keep(taken.map((file) => file.id));
          } catch (failure) {
            keep([], failure.message);
          }
        });
      },
    },
  });
  show();
  return { node: element("div", { class: "file-field" }, control, list), control, read: () => ids };
}

function button(item, blockId, _start, scene) {
  const node = element("button", {
    type: "button",
    class: `button ${["primary", "danger"].includes(item.style) ? item.style : ""}`,
    title: item.url ? `${item.url} — shown, not opened` : null,
    "aria-label": item.accessibility_label,
    dataset: { ...hooks(item, blockId), testid: "action" },
    on: { click: () => scene.whileBusy(node, () => scene.act(blockId, item, item.value ?? null)) },
  }, renderPlain(item.text?.text ?? "", item.text?.emoji !== false));
  return { node, control: node };
}

function overflow(item, blockId, _start, scene) {
  const summary = element("summary", { class: "button overflow-mark", "aria-label": "More actions", dataset: hooks(item, blockId) }, "⋯");
  const close = () => {
    node.open = false;
  };
  const entries = (item.options ?? []).map((option) =>
    element("button", {
      type: "button",
      role: "menuitem",
      class: "menu-item",
      value: option.value,
      on: {
        click: () => {
          close();
          scene.act(blockId, item, option.value);
        },
      },
    }, renderPlain(option.text?.text ?? option.value)));
  const node = element("details", {
    class: "overflow",
    on: {
      keydown: (event) => {
        if (event.key !== "Escape" || !node.open) return;
        event.preventDefault();
        event.stopPropagation();
        close();
        summary.focus();
      },
      focusout: (event) => !node.contains(event.relatedTarget) && event.relatedTarget && close(),
    },
  }, summary, element("div", { class: "menu", role: "menu" }, entries));
  return { node, control: summary };
}

const BUILDERS = {
  button,
  overflow,
  plain_text_input: text,
  email_text_input: text,
  url_text_input: text,
  number_input: text,
  static_select: select,
  users_select: select,
  channels_select: select,
  conversations_select: select,
  multi_static_select: choices("checkbox"),
  multi_users_select: choices("checkbox"),
  multi_channels_select: choices("checkbox"),
  multi_conversations_select: choices("checkbox"),
  checkboxes: choices("checkbox"),
  radio_buttons: choices("radio"),
  file_input: files,
  datepicker: picker("date"),
  timepicker: picker("time"),
  datetimepicker: picker("datetime-local"),
};

/** Whether this page can draw the element. */
export const isControl = (item) => Object.hasOwn(BUILDERS, item?.type ?? "");

/** The element as a control. `scene` is what `sceneFor` gives. */
export function controlFor(item, blockId, scene) {
  const built = BUILDERS[item.type](item, blockId, scene.startOf(blockId, item), scene);
  if (built.read) scene.register(blockId, item.action_id ?? "", built.read);
  return built;
}

/**
 * What a set of controls lives in: a message or a form.
 *
 * `send(blockId, item, value)` tells the server about an action. `names` resolves ids. `person()` gives the id of who acts.
 * `kept` (a Map) holds what was typed, by block and action, so that it survives when the form is drawn anew.
 */
export function sceneFor({ send, names, person = () => "", kept = new Map() }) {
  const pending = new Set();
  const fields = new Map();
  const inputs = new Map(); // block id of an input block → whether it dispatches
  const keyOf = (blockId, actionId) => JSON.stringify([blockId, actionId]);

  async function act(blockId, item, value) {
    if (item.confirm && !(await askToConfirm(item.confirm, names))) return false;
    await send(blockId, item, value);
    return true;
  }

  return {
    names,
    person,
    act,
    /** Do something that the form has to wait for before it is sent. */
    async busy(node, work) {
      const doing = this.whileBusy(node, work);
      pending.add(doing);
      await doing;
      pending.delete(doing);
    },
    /** Once nothing is under way any more. */
    settled: () => Promise.all(pending),
    startOf(blockId, item) {
      const key = keyOf(blockId, item.action_id);
      return kept.has(key) ? kept.get(key) : initialValue(item);
    },
    register(blockId, actionId, read) {
      if (!fields.has(blockId)) fields.set(blockId, new Map());
      fields.get(blockId).set(actionId, read);
    },
    declareInput(blockId, dispatches) {
      inputs.set(blockId, dispatches);
    },
    dispatches: (blockId) => inputs.get(blockId) ?? false,
    changed(blockId, item, value) {
      kept.set(keyOf(blockId, item.action_id), value);
    },
    /** A choice was made: remember it, and tell the server unless it belongs to an input that keeps still. False when it was taken back. */
    async choose(blockId, item, value) {
      const key = keyOf(blockId, item.action_id);
      const before = kept.get(key);
      kept.set(key, value);
      if (inputs.has(blockId) && !inputs.get(blockId)) return true;
      if (await act(blockId, item, value)) return true;
      if (before === undefined) kept.delete(key);
      else kept.set(key, before);
      return false;
    },
    async whileBusy(node, work) {
      node.setAttribute("aria-busy", "true");
      try {
        await work();
      } finally {
        node.removeAttribute("aria-busy");
      }
    },
    /** Every value as it stands: {block_id: {action_id: value}}. */
    values() {
      const all = {};
      for (const [blockId, actions] of fields) {
        all[blockId] = Object.fromEntries([...actions].map(([actionId, read]) => [actionId, read()]));
      }
      return all;
    },
  };
}
